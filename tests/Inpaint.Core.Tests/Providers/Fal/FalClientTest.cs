using System.Security;
using Inpaint.Emulator.Pictures;
using Inpaint.Http;
using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Inpaint.Tests.Emulator;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>A fal client that speaks to the emulator over real HTTP, with pauses of no length: what the tests of the client share.</summary>
public abstract class FalClientTest : ProviderClientTest
{
    protected const string Key = "test-id:test-secret";

    internal FalClient Client { get; private set; } = null!;

    internal static ResilienceOptions Quick { get; } = new()
    {
        BaseDelay = TimeSpan.Zero,
        MaximumDelay = TimeSpan.Zero,
        Limits = kind => new CallLimits(kind == CallKind.Stream ? 1 : 4, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(40)),
    };

    protected override void CreateClient() => Client = MakeClient();

    internal InpaintProvider Provider => new("Fal", "Fal") { BaseUri = Server.QueueUri, Endpoints = Server.FalEndpoints };

    internal FalClient MakeClient(InpaintProvider? provider = null, string? key = Key, ResilienceOptions? resilience = null, FalUploadOptions? uploads = null, TimeProvider? time = null) =>
        new(new ProviderServices(provider ?? Provider, Secure(key), Http, "", time ?? TimeProvider.System), resilience ?? Quick, uploads);

    internal static SecureString? Secure(string? text)
    {
        if (text is null)
        {
            return null;
        }

        SecureString secure = new();
        foreach (char c in text)
        {
            secure.AppendChar(c);
        }

        return secure;
    }

    internal static PictureSource Picture(int width = 32, int height = 24) =>
        PictureSource.FromBytes(PictureFile.Encode(Painter.Generate(width, height, 7, "source")).Bytes, "dog.png");

    internal static PictureSource Mask(int width = 32, int height = 24) =>
        PictureSource.FromBytes(PictureFile.Encode(EmulatorTest.RightHalf(width, height)).Bytes, "dog_mask.png");

    internal RequestPlan Plan(InpaintRequest? request = null, string? model = null)
    {
        request ??= new InpaintRequest { Prompt = "an empty bench" };
        bool isInpaint = request.Operation == InpaintOperation.Inpaint;
        return new RequestPlan(request, Provider, FalCapabilities.All.First(c => c.Operation == request.Operation), model ?? FalCapabilities.All.First(c => c.Operation == request.Operation).DefaultModel, fingerprint: "f")
        {
            Image = isInpaint ? request.Image ?? Picture() : null,
            Mask = isInpaint ? request.Mask ?? Mask() : null,
        };
    }

    internal static InpaintJob JobOf(Acceptance acceptance, RequestPlan plan) => new()
    {
        Id = acceptance.Id,
        Provider = "Fal",
        Model = plan.Model,
        Operation = plan.Request.Operation,
        State = acceptance.State,
        ProviderData = acceptance.ProviderData,
    };

    /// <summary>Submits and gives the job.</summary>
    internal async Task<InpaintJob> StartAsync(InpaintRequest? request = null)
    {
        RequestPlan plan = Plan(request);
        return JobOf(await SubmitAsync(plan), plan);
    }

    internal async Task<Acceptance> SubmitAsync(RequestPlan? plan = null, FalClient? client = null)
    {
        client ??= Client;
        return await client.SubmitAsync(await client.PrepareAsync(plan ?? Plan(), progress: null, Cancellation), Cancellation);
    }

    internal static async Task<InpaintException> FailsAsync(InpaintErrorId expected, Func<Task> action)
    {
        InpaintException e = await Assert.ThrowsAsync<InpaintException>(action);
        Assert.True(expected == e.ErrorId, $"{e.ErrorId}: {e.Message}");
        return e;
    }
}
