using Inpaint.Http;
using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.ModelsLab;
using Inpaint.Tests.Providers.Fal;

namespace Inpaint.Tests.Providers.ModelsLab;

/// <summary>A ModelsLab client that speaks to the emulator over real HTTP, with pauses of no length: what its tests share.</summary>
public abstract class ModelsLabClientTest : ProviderClientTest
{
    protected const string Key = "test-key";

    internal ModelsLabClient Client { get; private set; } = null!;

    internal InpaintProvider Provider => new("ModelsLab", "ModelsLab") { BaseUri = Server.ModelsLabUri };

    protected override void CreateClient() => Client = MakeClient();

    internal ModelsLabClient MakeClient(string? key = Key, InpaintProvider? provider = null, ResilienceOptions? resilience = null, TimeSpan resubmitPause = default, TimeProvider? time = null) =>
        new(
            new ProviderServices(provider ?? Provider, FalClientTest.Secure(key), Http, "", time ?? TimeProvider.System),
            resilience ?? FalClientTest.Quick,
            new ModelsLabSubmitOptions { ResubmitPause = resubmitPause });

    internal RequestPlan Plan(InpaintRequest? request = null, string? model = null, int width = 512, int height = 384)
    {
        request ??= new InpaintRequest { Prompt = "an empty bench" };
        bool isInpaint = request.Operation == InpaintOperation.Inpaint;
        ProviderCapabilities capabilities = ModelsLabCapabilities.All.First(c => c.Operation == request.Operation);
        return new RequestPlan(request, Provider, capabilities, model ?? capabilities.DefaultModel, fingerprint: "f")
        {
            Image = isInpaint ? request.Image ?? FalClientTest.Picture(width, height) : null,
            Mask = isInpaint ? request.Mask ?? FalClientTest.Mask(width, height) : null,
            ImageHeader = isInpaint && request.Image is null ? new PictureHeader(PictureFormat.Png, width, height) : null,
        };
    }

    internal async Task<Acceptance> SubmitAsync(RequestPlan? plan = null, ModelsLabClient? client = null)
    {
        client ??= Client;
        return await client.SubmitAsync(await client.PrepareAsync(plan ?? Plan(), progress: null, Cancellation), Cancellation);
    }

    internal static InpaintJob JobOf(Acceptance acceptance) => new()
    {
        Id = acceptance.Id,
        Provider = "ModelsLab",
        Model = "lazymixv4-inpaint",
        State = acceptance.State,
        ProviderData = acceptance.ProviderData,
    };

    internal Task<JobUpdate> StatusAsync(InpaintJob job) => Client.GetStatusAsync(job, includeLog: false, Cancellation);
}
