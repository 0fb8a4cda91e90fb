using System.Text;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;
using Inpaint.Providers.Fal;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>Where the key goes, and where it does not show.</summary>
public sealed class FalKeyTests : FalClientTest
{
    [Fact]
    public async Task TheFreeProbeTellsAGoodKeyFromABadOne()
    {
        await Client.CheckAccessAsync(Cancellation);
        Assert.Equal(0, State.PaidJobs);
        await FailsAsync(InpaintErrorId.AuthenticationFailed, () => MakeClient(key: "wrong:key").CheckAccessAsync(Cancellation));
        await FailsAsync(InpaintErrorId.ApiKeyMissing, () => MakeClient(key: null).CheckAccessAsync(Cancellation));
        await FailsAsync(InpaintErrorId.ApiKeyMissing, () => MakeClient(key: " \n").CheckAccessAsync(Cancellation));
        State.Faults.Enqueue(WireOperation.Status, Fault.Html(404));
        await FailsAsync(InpaintErrorId.ResponseInvalid, () => Client.CheckAccessAsync(Cancellation));
    }

    [Theory]
    [InlineData("test-id:test-secret\n")]
    [InlineData("  test-id:test-secret \r\n")]
    public async Task AKeyIsTakenWithoutTheWhiteSpaceOfItsFile(string key) => await MakeClient(key: key).CheckAccessAsync(Cancellation);

    [Fact]
    public async Task AKeyThatCannotBeOneIsNotSent()
    {
        InpaintException e = await FailsAsync(InpaintErrorId.AuthenticationFailed, () => MakeClient(key: "a\nb: c").CheckAccessAsync(Cancellation));
        Assert.DoesNotContain("b: c", e.ToString(), StringComparison.Ordinal);
        Assert.Empty(State.Requests.All);
    }

    [Fact]
    public async Task PlainHttpIsRefusedBeforeAnythingIsSent()
    {
        InpaintProvider plain = Provider with { BaseUri = new Uri("http://queue.example") };
        InpaintException e = await FailsAsync(InpaintErrorId.InsecureTransport, () => SubmitAsync(client: MakeClient(plain, uploads: new FalUploadOptions { InlineLimit = 0 })));
        Assert.Contains("https", e.Message, StringComparison.Ordinal);
        Assert.Empty(State.Requests.All);
    }

    [Fact]
    public async Task AnEchoedKeyIsTakenOutOfWhatIsSaid()
    {
        string echo = $$"""{"detail":"You sent {{Key}} and Key {{Key}} and {{Convert.ToBase64String(Encoding.UTF8.GetBytes(Key))}} \u001b[31m"}""";
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(400, echo));
        InpaintException e = await FailsAsync(InpaintErrorId.InvalidParameter, () => SubmitAsync());
        foreach (string text in new[] { e.ToString(), e.ResponseBody! })
        {
            Assert.DoesNotContain("test-secret", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Key)), text, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', text);
        }
    }

    [Fact]
    public async Task AKeyAtTheCutIsTakenOutWhole()
    {
        for (int padding = 4060; padding < 4110; padding++)
        {
            State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(400, new string('x', padding) + Key, "text/plain"));
            InpaintException e = await FailsAsync(InpaintErrorId.InvalidParameter, () => SubmitAsync());
            Assert.DoesNotContain("xtest", e.ResponseBody, StringComparison.Ordinal);
        }
    }
}
