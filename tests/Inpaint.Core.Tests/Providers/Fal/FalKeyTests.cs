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
    public async Task The_free_probe_tells_a_good_key_from_a_bad_one()
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
    public async Task A_key_is_taken_without_the_white_space_of_its_file(string key) => await MakeClient(key: key).CheckAccessAsync(Cancellation);

    [Fact]
    public async Task A_key_that_cannot_be_one_is_not_sent()
    {
        InpaintException e = await FailsAsync(InpaintErrorId.AuthenticationFailed, () => MakeClient(key: "a\nb: c").CheckAccessAsync(Cancellation));
        Assert.DoesNotContain("b: c", e.ToString(), StringComparison.Ordinal);
        Assert.Empty(State.Requests.All);
    }

    [Fact]
    public async Task Plain_HTTP_is_refused_before_anything_is_sent()
    {
        InpaintProvider plain = Provider with { BaseUri = new Uri("http://queue.example") };
        InpaintException e = await FailsAsync(InpaintErrorId.InsecureTransport, () => SubmitAsync(client: MakeClient(plain, uploads: new FalUploadOptions { InlineLimit = 0 })));
        Assert.Contains("https", e.Message, StringComparison.Ordinal);
        Assert.Empty(State.Requests.All);
    }

    [Fact]
    public async Task An_echoed_key_is_taken_out_of_what_is_said()
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
    public async Task A_key_at_the_cut_is_taken_out_whole()
    {
        for (int padding = 4060; padding < 4110; padding++)
        {
            State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(400, new string('x', padding) + Key, "text/plain"));
            InpaintException e = await FailsAsync(InpaintErrorId.InvalidParameter, () => SubmitAsync());
            Assert.DoesNotContain("xtest", e.ResponseBody, StringComparison.Ordinal);
        }
    }
}
