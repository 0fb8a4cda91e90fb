using System.Text.Json.Nodes;
using Inpaint.Emulator;
using Inpaint.Emulator.Fal;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Imaging.Masks;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Inpaint.Providers.Fal.Models;
using Inpaint.Providers.Shared.FalProtocol;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Time;
using Xunit;
using Description = Inpaint.Providers.Shared.FalProtocol.FalModel;

namespace Inpaint.Tests.Providers.Fal.Models;

/// <summary>What is asked of fal about its models, when, and what becomes of it: by the engine's own calls over real HTTP.</summary>
public sealed class FalModelCatalogueTests : IClassFixture<ProviderTableFixture>, IDisposable
{
    private const string Id = "someone/new-model/inpaint";

    private readonly ProviderTableFixture fixture;
    private readonly TemporaryFolder folder = new();
    private readonly MovedTime time = new();
    private readonly List<InpaintEngine> engines = [];

    public FalModelCatalogueTests(ProviderTableFixture fixture)
    {
        this.fixture = fixture;
        State.Reset();
        State.FalOffers[Id] = new FalOffer
        {
            Id = Id,
            UnitPrice = 0.04m,
            Unit = "images",
            Description = new Description
            {
                Id = Id,
                Fields =
                [
                    new() { Name = "prompt", IsRequired = true },
                    new() { Name = "image_url", Type = FalFieldType.File, IsRequired = true },
                    new() { Name = "mask_image_url", Type = FalFieldType.File, IsRequired = true },
                    new() { Name = "num_images", Type = FalFieldType.Integer, Minimum = 1, Maximum = 8, Default = "1" },
                    new() { Name = "sharpness", Type = FalFieldType.Number, Minimum = 0, Maximum = 2, Description = "How sharp." },
                ],
            },
        };
    }

    private Inpaint.Emulator.EmulatorState State => fixture.Server.State;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        engines.ForEach(engine => engine.Dispose());
        folder.Dispose();
    }

    [Fact]
    public async Task A_model_that_appeared_today_is_used_by_its_own_description_and_price()
    {
        InpaintEngine engine = Engine();
        RequestPlan plan = await engine.PlanAsync(Request() with { Count = 2, Options = new Dictionary<string, object> { ["sharpness"] = 1.5 } }, cancellationToken: Cancellation);
        Assert.Empty(plan.Warnings);
        Assert.Equal(0.08m, plan.EstimatedCost!.Amount);
        Assert.Equal(time.GetUtcNow(), plan.EstimatedCost.PriceStatedAt!.Value, TimeSpan.FromMinutes(1));
        Assert.Equal("How sharp.", plan.Capabilities.Find("sharpness")!.Description);

        InpaintResult result = await engine.RunAsync(plan, cancellationToken: Cancellation);
        Assert.Equal(2, result.Images.Count);
        Assert.Equal((0.08m, false), (result.Cost!.Amount, result.Cost.IsEstimate));
        JsonObject body = State.Requests.All.Single(r => r.Operation == WireOperation.Submit).BodyJson!;
        Assert.Equal(["image_url", "mask_image_url", "num_images", "prompt", "sharpness"], body.Select(p => p.Key).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("sharpness", 3.0, "0 to 2")]
    [InlineData("softness", 1.0, "Option softness")]
    public async Task What_the_description_rules_out_is_refused_before_anything_is_paid(string option, double value, string said)
    {
        InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => Engine().PlanAsync(Request() with { Options = new Dictionary<string, object> { [option] = value } }, cancellationToken: Cancellation));
        Assert.Equal(InpaintErrorId.InvalidParameter, e.ErrorId);
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.Equal(0, State.PaidJobs);
    }

    [Fact]
    public async Task What_was_learnt_holds_for_a_day_in_every_process()
    {
        await Engine().PlanAsync(Request(), cancellationToken: Cancellation);
        Assert.Equal(2, State.Requests.All.Count);
        time.Move(TimeSpan.FromHours(23));
        await Engine().PlanAsync(Request(), cancellationToken: Cancellation);
        await RefreshAsync();
        Assert.Equal(2, State.Requests.All.Count);

        time.Move(TimeSpan.FromHours(2));
        State.FalOffers[Id].UnitPrice = 0.05m;
        RequestPlan stale = await Engine().PlanAsync(Request(), cancellationToken: Cancellation);
        Assert.Equal(0.04m, stale.EstimatedCost!.Amount);
        Assert.Contains(stale.Notes, note => note.Contains("that fal published on", StringComparison.Ordinal) && note.Contains("fal is queried again while the job runs", StringComparison.Ordinal));
        Assert.Equal(2, State.Requests.All.Count);
        await RefreshAsync();
        Assert.Equal(4, State.Requests.All.Count);
        Assert.Equal(0.05m, (await Engine().PlanAsync(Request(), cancellationToken: Cancellation)).EstimatedCost!.Amount);
    }

    [Fact]
    public async Task A_job_asks_anew_beside_its_own_calls()
    {
        InpaintEngine engine = Engine();
        State.Jobs.Enqueue(JobScript.HeldInProgress());
        RequestPlan plan = engine.Plan(Request() with { Model = null });
        Assert.Null(plan.EstimatedCost!.PriceStatedAt);
        Task<InpaintResult> run = engine.RunAsync(plan, cancellationToken: Cancellation);
        await State.Requests.WaitForAsync(r => r.Operation == WireOperation.Pricing && r.Status is not null, cancellationToken: Cancellation);
        await State.Requests.WaitForAsync(r => r.Operation == WireOperation.Submit && r.Status is not null, cancellationToken: Cancellation);
        State.Jobs.Last.Release();
        await run;

        // What the standard models take is written in the code; what they cost an account is not.
        Assert.Equal(0, State.Requests.Count(WireOperation.Models));
    }

    [Fact]
    public async Task Of_jobs_that_begin_together_one_asks_anew()
    {
        InpaintEngine engine = Engine();
        State.Faults.Enqueue(WireOperation.Pricing, Fault.HoldHeaders());
        Task<IDisposable> first = RefreshAsync(engine);
        await State.Faults.WaitForHeldAsync(cancellationToken: Cancellation);
        using IDisposable second = await RefreshAsync(engine);
        State.Faults.Release();
        using IDisposable done = await first;
        using IDisposable later = await RefreshAsync(engine);

        Assert.Equal(1, State.Requests.Count(WireOperation.Pricing));
    }

    [Fact]
    public async Task What_is_stale_is_used_while_fal_cannot_be_reached_and_that_is_said()
    {
        InpaintEngine engine = Engine();
        await engine.PlanAsync(Request(), cancellationToken: Cancellation);
        time.Move(TimeSpan.FromDays(3));
        using (State.Faults.Always(WireOperation.Models, Fault.Respond(503, "{}")))
        using (State.Faults.Always(WireOperation.Pricing, Fault.Respond(503, "{}")))
        {
            using IDisposable held = await RefreshAsync(engine);
            RequestPlan plan = await engine.PlanAsync(Request() with { Count = 3 }, cancellationToken: Cancellation);
            Assert.Equal(0.12m, plan.EstimatedCost!.Amount);
            Assert.Contains(plan.Notes, note => note.Contains("that fal published on", StringComparison.Ordinal) && note.Contains("503", StringComparison.Ordinal));

            // And not asked at every job.
            int asked = State.Requests.All.Count;
            await engine.PlanAsync(Request(), cancellationToken: Cancellation);
            Assert.Equal(asked, State.Requests.All.Count);
        }
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(429)]
    public async Task A_model_of_which_fal_tells_nothing_is_sent_what_the_standard_one_takes(int status)
    {
        State.Faults.Enqueue(WireOperation.Models, Fault.Respond(status, """{"error":{"type":"x","message":"no"}}"""), Fault.Respond(status, "{}"));
        State.Faults.Enqueue(WireOperation.Pricing, Fault.Respond(status, "{}"), Fault.Respond(status, "{}"));
        RequestPlan plan = await Engine().PlanAsync(Request(), cancellationToken: Cancellation);
        Assert.Contains(plan.Warnings, w => w.Contains(Id, StringComparison.Ordinal));
        Assert.Contains(plan.Notes, n => n.Contains($"{status}", StringComparison.Ordinal));
        Assert.Null(plan.EstimatedCost);
        Assert.NotNull(plan.Capabilities.Find("Strength"));
    }

    [Theory]
    [InlineData("""{"error":{"message":"no schema"}}""")]
    [InlineData("""{"paths":{}}""")]
    [InlineData("7")]
    public async Task A_document_that_cannot_be_read_is_as_good_as_none(string document)
    {
        State.FalOffers[Id].OpenApi = JsonNode.Parse(document);
        RequestPlan plan = await Engine().PlanAsync(Request(), cancellationToken: Cancellation);
        Assert.Contains(plan.Warnings, w => w.Contains(Id, StringComparison.Ordinal));
        Assert.Equal(0.04m, plan.EstimatedCost!.Amount);
    }

    [Fact]
    public async Task A_document_too_deep_or_too_large_is_as_good_as_none()
    {
        foreach (string document in new[] { string.Concat(Enumerable.Repeat("[", 2000)) + string.Concat(Enumerable.Repeat("]", 2000)), $"\"{new string('x', 10_000_000)}\"" })
        {
            State.Faults.Enqueue(WireOperation.Models, Fault.Respond(200, $$"""{"models":[{"endpoint_id":"{{Id}}","openapi":{"x":{{document}} } }],"next_cursor":null,"has_more":false}"""));
            using TemporaryFolder other = new();
            RequestPlan plan = await Engine(stateFolder: other.Path).PlanAsync(Request(), cancellationToken: Cancellation);
            Assert.Contains(plan.Warnings, w => w.Contains(Id, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Without_a_key_a_model_is_described_and_not_priced_and_nothing_is_asked_about_a_built_in_one()
    {
        InpaintEngine engine = Engine(key: null);
        RequestPlan plan = await engine.PlanAsync(Request(), cancellationToken: Cancellation);
        Assert.NotNull(plan.Capabilities.Find("sharpness"));
        Assert.Null(plan.EstimatedCost);
        RecordedRequest only = Assert.Single(State.Requests.All);
        Assert.False(only.Headers.ContainsKey("Authorization"));

        await engine.PlanAsync(Request() with { Model = "fal-ai/bria/genfill" }, cancellationToken: Cancellation);
        await engine.PlanAsync(Request() with { Model = null }, cancellationToken: Cancellation);
        Assert.Single(State.Requests.All);
    }

    [Theory]
    [InlineData("request", 0.2, 3, 0.2)]
    [InlineData("images", 0.2, 3, 0.6)]
    [InlineData("generations", 0.2, 3, 0.6)]
    [InlineData("compute second", 0.00125, 1, null)]
    [InlineData("1000 characters", 0.1, 1, null)]
    public async Task A_cost_is_estimated_where_its_unit_can_be_counted_beforehand(string unit, double price, int count, double? expected)
    {
        State.FalOffers[Id].UnitPrice = (decimal)price;
        State.FalOffers[Id].Unit = unit;
        RequestPlan plan = await Engine().PlanAsync(Request() with { Count = count }, cancellationToken: Cancellation);
        Assert.Equal((decimal?)expected, plan.EstimatedCost?.Amount);
        Assert.Equal(unit, plan.Capabilities.Price!.Unit);
        Assert.Equal(expected is not null, plan.Capabilities.Price.IsKnownBeforehand);
    }

    [Fact]
    public void A_model_that_is_being_withdrawn_is_listed_after_all_others()
    {
        InpaintProvider provider = new("Fal", "Fal");
        FalModelCache cache = new(folder.Path, provider);
        foreach ((string id, string status) in new[] { ("a/old", "deprecated"), ("a/new", "active") })
        {
            cache.Keep(new FalModelRecord { Id = id, Status = status, UpdatedAt = time.GetUtcNow(), Model = State.FalOffers[Id].Description with { Id = id } });
        }

        string[] known = [.. FalKnownModels.All(provider, folder.Path).Where(model => model.Operation == InpaintOperation.Inpaint).Select(model => model.Id)];
        Assert.Equal(("fal-ai/flux-lora/inpainting", "a/new", "a/old"), (known[0], known[1], known[^1]));
    }

    [Fact]
    public void What_lies_damaged_in_the_state_folder_is_asked_for_again()
    {
        FalModelCache cache = new(folder.Path, new InpaintProvider("Fal", "Fal"));
        cache.Keep(new FalModelRecord { Id = Id, Title = "new" });
        Assert.Equal("new", cache.Find(Id)!.Title);
        File.WriteAllText(folder.At(Assert.Single(folder.Files())), """{"id":"someone/new-mo""");
        Assert.Null(cache.Find(Id));
        Assert.Empty(cache.All());
    }

    private InpaintEngine Engine(string? key = "test-id:test-secret", string? stateFolder = null)
    {
        InpaintEngine engine = new(
            new InpaintEngineOptions { StateFolder = stateFolder ?? folder.Path, Environment = _ => null, TimeProvider = time },
            new WatchSchedule { MinInterval = TimeSpan.FromMilliseconds(1), PollsPerSecond = 1000 },
            ProviderCatalogue.Kinds);
        engine.Providers.Set(new ProviderSettings
        {
            Name = "Fal",
            BaseUri = fixture.Server.QueueUri,
            Endpoints = fixture.Server.FalEndpoints,
            ApiKey = FalClientTest.Secure(key),
        });
        engines.Add(engine);
        return engine;
    }

    private InpaintRequest Request() => new()
    {
        Provider = "Fal",
        Model = Id,
        Prompt = "an empty bench",
        Image = PictureSource.FromBytes(fixture.Picture, "dog.png"),
        Mask = PictureSource.FromBytes(fixture.Mask, "mask.png"),
    };

    /// <summary>Does what a job does beside its own calls.</summary>
    private async Task<IDisposable> RefreshAsync(InpaintEngine? engine = null)
    {
        engine ??= Engine();
        ProviderAccess access = engine.AccessTo(engine.Providers.Get("Fal"));
        await access.Client.Models!.RefreshAsync(Id, Cancellation);
        return access;
    }
}
