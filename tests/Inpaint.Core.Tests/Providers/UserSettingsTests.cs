using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Planning;
using Xunit;

namespace Inpaint.Tests.Providers;

public sealed class UserSettingsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string FilePath => folder.At("config", "settings.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_set_for_the_user_is_there_in_the_next_process_with_where_it_comes_from()
    {
        ProviderRegistry registry = NewProcess();
        registry.Set(new ProviderSettings { Name = "Mine", Kind = "Fal", BaseUri = new Uri("https://proxy.example/fal"), IsDefault = true }, SettingsScope.User);
        registry.Set(
            new ProviderSettings { Name = "Mine", PricePerImage = 0.05m, ApiKeySecret = "fal", ApiKeyVault = "work", Defaults = new Dictionary<string, object?> { ["Steps"] = 20, ["RunnerHint"] = "a" } },
            SettingsScope.User);
        registry.Set(new ProviderSettings { Name = "Mine", Defaults = new Dictionary<string, object?> { ["runnerhint"] = null } }, SettingsScope.User);

        InpaintProvider mine = NewProcess().Get("mine");
        Assert.Equal(
            ("Fal", "https://proxy.example/fal", true, 0.05m, "fal", "work"),
            (mine.Kind, mine.BaseUri!.OriginalString, mine.IsDefault, mine.Price!.Amount, mine.ApiKeySecret, mine.ApiKeyVault));
        Assert.Equal("Steps=20", mine.Defaults.ToString());
        Assert.Equal("user", mine.Sources["BaseUri"]);
    }

    [Fact]
    public void A_price_replaces_the_other_kind_of_price_and_a_base_url_the_endpoints()
    {
        ProviderRegistry registry = NewProcess();
        registry.Set(new ProviderSettings { Name = "Fal", BaseUri = new Uri("https://a.example"), Endpoints = new Dictionary<string, Uri> { ["Sync"] = new("https://b.example") }, PricePerImage = 1 }, SettingsScope.User);
        registry.Set(new ProviderSettings { Name = "Fal", BaseUri = new Uri("https://c.example"), PricePerMegapixel = 2 }, SettingsScope.User);

        InpaintProvider fal = NewProcess().Get("Fal");
        Assert.Empty(fal.Endpoints);
        Assert.Equal("$2 per megapixel", fal.Price!.ToString());
    }

    [Fact]
    public async Task Changes_that_many_make_at_once_are_all_kept()
    {
        string[] names = [.. Enumerable.Range(0, 32).Select(i => FormattableString.Invariant($"P{i}"))];
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, (name, _) =>
        {
            NewProcess().Set(new ProviderSettings { Name = name, Kind = "Fal", BaseUri = new Uri("https://proxy.example") }, SettingsScope.User);
            return ValueTask.CompletedTask;
        });

        Assert.Equal(names.Order(StringComparer.Ordinal), NewProcess().List().Select(p => p.Name).Intersect(names, StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.Equal(["settings.json", "settings.lock"], Directory.GetFiles(folder.At("config")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_change_is_made_to_what_another_process_has_written_since_the_settings_were_read()
    {
        ProviderRegistry first = NewProcess();
        ProviderRegistry second = NewProcess();
        Assert.Equal((false, false), (first.Get("Fal").IsDefault, second.Get("Fal").IsDefault));
        first.Set(new ProviderSettings { Name = "Fal", Model = "a/b", IsDefault = true }, SettingsScope.User);
        second.Set(new ProviderSettings { Name = "Fal", PricePerImage = 1 }, SettingsScope.User);
        second.Remove("ModelsLab", SettingsScope.User);

        InpaintProvider fal = NewProcess().Get("Fal");
        Assert.Equal(("a/b", 1m, true), (fal.Model, fal.Price!.Amount, fal.IsDefault));
        first.Remove("Fal", SettingsScope.User);
        Assert.Equal((null, false), (NewProcess().Get("Fal").Model, NewProcess().Get("Fal").IsDefault));
    }

    [Fact]
    public void A_file_edited_by_hand_may_have_comments_and_names_in_any_case()
    {
        folder.Write("config/settings.json", """
            {
              // mine
              "defaultProvider": "fal",
              "providers": { "fal": { "model": "a/b", "defaults": { "steps": "12", } } },
            }
            """u8.ToArray());
        InpaintProvider fal = NewProcess().Get();
        Assert.Equal(("Fal", "a/b", "12"), (fal.Name, fal.Model, fal.Defaults["Steps"].ToString()));
    }

    [Theory]
    [InlineData("""{ "providers": { "Fal": { "modle": "x" } } }""", "modle")]
    [InlineData("""{ "providers": { "Fal": { "apiKey": "canary" } } }""", "apiKey")]
    [InlineData("{", "settings.json")]
    [InlineData("""{ "providers": { "Fal": { "defaults": { "Steps": "many" } } } }""", "providers.Fal: 'many' cannot be the default of Steps.")]
    [InlineData("""{ "providers": { "Fal": { "baseUri": "http://proxy.example" } } }""", "providers.Fal: 'http://proxy.example/' would carry the key")]
    [InlineData("""{ "providers": { "ChainHub": { "authScheme": "two words" } } }""", "providers.ChainHub: 'two words' is not a valid authentication scheme")]
    [InlineData("""{ "providers": { "Mine": { } } }""", "providers.Mine: There is no provider 'Mine'.")]
    public void A_file_that_cannot_be_read_is_named_and_left_as_it_is(string text, string expected)
    {
        folder.Write("config/settings.json", System.Text.Encoding.UTF8.GetBytes(text));
        ProviderRegistry registry = NewProcess();
        foreach (Action use in new Action[] { () => registry.List(), () => registry.Set(new ProviderSettings { Name = "Fal", Model = "a/b" }, SettingsScope.User) })
        {
            InpaintException e = Assert.Throws<InpaintException>(use);
            Assert.Equal(InpaintErrorId.StateUnavailable, e.ErrorId);
            Assert.Contains(expected, e.Message, StringComparison.Ordinal);
            Assert.Contains(FilePath, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("canary", e.Message, StringComparison.Ordinal);
        }

        Assert.Equal(text, File.ReadAllText(FilePath));
    }

    [Theory]
    [InlineData("stpes", null, " Did you mean Steps?")]
    [InlineData("nothing_like_it", null, "")]
    [InlineData("Steps", "9999", "Steps 9999 is out of range: Fal takes 1 to 50. The value is")]
    public void A_default_in_the_file_that_cannot_be_applied_is_named_with_its_key(string name, string? value, string expected)
    {
        folder.Write("config/settings.json", System.Text.Encoding.UTF8.GetBytes($$"""{ "providers": { "Fal": { "defaults": { "{{name}}": {{value ?? "1"}}, "RunnerHint": "a" } } } }"""));
        RequestPlan Plan() => RequestPlanner.Plan(RequestPlanTest.Request(), NewProcess().Choose("Fal"), TestContext.Current.CancellationToken);
        string message = value is null ? Assert.Single(Plan().Warnings) : Assert.Throws<InpaintException>(Plan).Message;
        Assert.Contains($"a default of Fal in '{FilePath}' (providers.Fal.defaults.{name})", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Fal", "Stpes", 3, "'Stpes' that can have a default. Nothing was changed. Did you mean Steps? These can have one: Strength,")]
    [InlineData("Fal", "Stpes", null, "Did you mean Steps?")]
    [InlineData("Fal", "Prompt", "x", "Nothing was changed. These can have one:")]
    [InlineData("Fal", "Steps", 51, "Steps 51 is out of range: Fal takes 1 to 50. Nothing was changed.")]
    [InlineData("Fal", "Steps", 12.5, "'12.5' cannot be the default of Steps.")]
    [InlineData("Fal", "OutputFormat", "gif", "OutputFormat 'gif' is not known: Fal takes jpeg, png.")]
    [InlineData("Fal", "Size", "huge", "Size 'huge' is not known")]
    [InlineData("Fal", "OutputLifetimeSec", "long", "Option OutputLifetimeSec 'long' cannot be used: Fal takes a whole number.")]
    [InlineData("Local", "Steps", 5, "These can have one: Count, Seed, OutputFormat.")]
    public void A_default_that_no_request_could_have_is_refused(string provider, string name, object? value, string expected)
    {
        InpaintException e = Assert.Throws<InpaintException>(() => NewProcess().Set(new ProviderSettings { Name = provider, Defaults = new Dictionary<string, object?> { [name] = value } }));
        Assert.Equal((InpaintErrorId.InvalidParameter, "Defaults"), (e.ErrorId, e.Parameter));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_that_the_file_should_not_have_can_be_removed()
    {
        folder.Write("config/settings.json", """{ "providers": { "Fal": { "defaults": { "stpes": 1, "Seed": 5 } } } }"""u8.ToArray());
        NewProcess().Set(new ProviderSettings { Name = "Fal", Defaults = new Dictionary<string, object?> { ["stpes"] = null } }, SettingsScope.User);
        Assert.Equal("Seed=5", NewProcess().Get("Fal").Defaults.ToString());
    }

    [Fact]
    public void A_provider_of_this_process_is_not_stored_without_its_url()
    {
        ProviderRegistry registry = NewProcess();
        registry.Set(new ProviderSettings { Name = "Mine", Kind = "Fal", BaseUri = new Uri("https://proxy.example") });
        InpaintException e = Assert.Throws<InpaintException>(() => registry.Set(new ProviderSettings { Name = "Mine", Model = "a/b" }, SettingsScope.User));
        Assert.Equal((InpaintErrorId.InvalidParameter, "BaseUri"), (e.ErrorId, e.Parameter));
        Assert.DoesNotContain(NewProcess().List(), provider => provider.Name == "Mine");
    }

    [Fact]
    public void A_file_that_was_damaged_since_does_not_take_providers_away()
    {
        ProviderRegistry registry = NewProcess();
        int known = registry.List().Count;
        folder.Write("config/settings.json", "{"u8.ToArray());
        Assert.Equal(InpaintErrorId.StateUnavailable, Assert.Throws<InpaintException>(() => registry.Remove("Fal")).ErrorId);
        Assert.Equal(known, registry.List().Count);
    }

    [Fact]
    public void A_default_provider_in_the_file_that_is_not_known_is_named_with_the_file()
    {
        folder.Write("config/settings.json", """{ "defaultProvider": "Nope" }"""u8.ToArray());
        InpaintException e = Assert.Throws<InpaintException>(() => NewProcess().Get());
        Assert.Contains($"'Nope' (the default provider in '{FilePath}')", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_kept_by_an_engine_without_a_folder_for_settings()
    {
        ProviderRegistry registry = new(_ => null);
        InpaintException e = Assert.Throws<InpaintException>(() => registry.Set(new ProviderSettings { Name = "Fal", Model = "a/b" }, SettingsScope.User));
        Assert.Equal(InpaintErrorId.StateUnavailable, e.ErrorId);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named()
    {
        folder.Write("config", []);
        InpaintException e = Assert.Throws<InpaintException>(() => NewProcess().Set(new ProviderSettings { Name = "Fal", Model = "a/b" }, SettingsScope.User));
        Assert.Equal(InpaintErrorId.StateUnavailable, e.ErrorId);
        Assert.Contains(FilePath, e.Message, StringComparison.Ordinal);
    }

    private ProviderRegistry NewProcess() => new(_ => null, userSettings: new UserSettings(() => folder.At("config")));
}
