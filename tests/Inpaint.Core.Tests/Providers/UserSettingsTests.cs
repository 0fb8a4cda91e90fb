using Inpaint.Providers;
using Inpaint.Tests.Jobs;
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
