using Inpaint.Emulator.Wire;
using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.FalGateway;
using Inpaint.Tests.Providers.Fal;

namespace Inpaint.Tests.Providers.FalGateway;

/// <summary>A gateway client that speaks to the emulator over real HTTP, with pauses of no length: what its tests share.</summary>
public abstract class FalGatewayClientTest : ProviderClientTest
{
    protected const string Key = "test-token";

    internal FalGatewayClient Client { get; private set; } = null!;

    internal InpaintProvider Provider => new("ChainHub", "FalGateway") { BaseUri = Server.GatewayUri };

    protected override void CreateClient() => Client = MakeClient();

    internal FalGatewayClient MakeClient(string? key = Key, InpaintProvider? provider = null) =>
        new(new ProviderServices(provider ?? Provider, FalClientTest.Secure(key), Http, "", TimeProvider.System), FalClientTest.Quick);

    internal RequestPlan Plan(InpaintRequest? request = null, string? model = null)
    {
        request ??= new InpaintRequest { Prompt = "an empty bench" };
        bool isInpaint = request.Operation == InpaintOperation.Inpaint;
        ProviderCapabilities capabilities = FalGatewayCapabilities.All.First(c => c.Operation == request.Operation);
        return new RequestPlan(request, Provider, capabilities, model ?? capabilities.DefaultModel, fingerprint: "f")
        {
            Image = isInpaint ? request.Image ?? FalClientTest.Picture() : null,
            Mask = isInpaint ? request.Mask ?? FalClientTest.Mask() : null,
        };
    }

    internal async Task<Acceptance> SubmitAsync(RequestPlan? plan = null, FalGatewayClient? client = null)
    {
        client ??= Client;
        return await client.SubmitAsync(await client.PrepareAsync(plan ?? Plan(), progress: null, Cancellation), Cancellation);
    }

    internal static InpaintJob JobOf(Acceptance acceptance, string model = "fal-ai/flux-lora/inpainting") => new()
    {
        Id = acceptance.Id,
        Provider = "ChainHub",
        Model = model,
        State = acceptance.State,
        ProviderData = acceptance.ProviderData,
    };

    internal Task<JobUpdate> StatusAsync(InpaintJob job) => Client.GetStatusAsync(job, includeLog: false, Cancellation);

    /// <summary>The paths of the requests about jobs, below the gateway's base.</summary>
    internal string[] Asked => [.. State.Requests.All.Where(r => r.Operation is not WireOperation.Submit).Select(r => $"{r.Method} {r.Path["/gateway/".Length..]}")];
}
