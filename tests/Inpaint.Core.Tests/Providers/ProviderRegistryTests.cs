using System.Security;
using Inpaint.Engine;
using Inpaint.Http;
using Inpaint.Journal;
using Inpaint.Providers;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Providers;

public class ProviderRegistryTests
{
    private readonly Dictionary<string, string> environment = new(StringComparer.Ordinal);
    private readonly ProviderRegistry registry;

    public ProviderRegistryTests()
    {
        registry = new ProviderRegistry(environment.GetValueOrDefault);
    }

    [Fact]
    public void Local_is_the_default_until_another_is_chosen()
    {
        Assert.Equal("Local", registry.Get().Name);
        environment["INPAINT_PROVIDER"] = " fal ";
        Assert.Equal("Fal", registry.Get().Name);
        registry.Set(new ProviderSettings { Name = "Local", IsDefault = true });
        Assert.Equal("Local", registry.Get().Name);
        Assert.Equal(["Local"], registry.List().Where(p => p.IsDefault).Select(p => p.Name));
        registry.Set(new ProviderSettings { Name = "Local", IsDefault = false });
        Assert.Equal("Fal", registry.Get().Name);
    }

    [Fact]
    public void A_prompt_goes_to_the_only_provider_with_a_key_when_nobody_has_chosen()
    {
        environment["MODELSLAB_API_KEY"] = "k";
        (InpaintProvider provider, string? reason, _) = registry.Choose(new InpaintRequest { Prompt = "a bench" });

        Assert.Equal("ModelsLab", provider.Name);
        Assert.Contains("ModelsLab is used, the only one with a key (MODELSLAB_API_KEY)", reason, StringComparison.Ordinal);
        Assert.Equal("ModelsLab", registry.Choose(new InpaintRequest { Prompt = "a bench", Operation = InpaintOperation.TextToImage }).Provider.Name);
        Assert.Equal(("Local", null), (registry.Choose(new InpaintRequest { Prompt = " " }).Provider.Name, registry.Choose(new InpaintRequest()).Reason));
    }

    [Fact]
    public void A_choice_stands_whoever_has_a_key()
    {
        environment["FAL_KEY"] = "k";
        Assert.Equal("KkiAi", registry.Choose(new InpaintRequest { Prompt = "a bench", Provider = "kkiai" }).Provider.Name);
        environment["INPAINT_PROVIDER"] = "Local";
        Assert.Equal("Local", registry.Choose(new InpaintRequest { Prompt = "a bench" }).Provider.Name);
        registry.Set(new ProviderSettings { Name = "ChainHub", IsDefault = true });
        Assert.Equal(("ChainHub", null), (registry.Choose(new InpaintRequest { Prompt = "a bench" }).Provider.Name, registry.Choose(new InpaintRequest { Prompt = "a bench" }).Reason));
    }

    [Theory]
    [InlineData(InpaintOperation.Inpaint)]
    [InlineData(InpaintOperation.TextToImage)]
    public void A_prompt_that_nobody_understands_is_not_sent(InpaintOperation operation)
    {
        InpaintException e = Refuses(InpaintErrorId.ApiKeyMissing, () => registry.Choose(new InpaintRequest { Prompt = "a bench", Operation = operation }));

        Assert.Equal(("Fal", "Provider"), (e.Provider, e.Parameter));
        Assert.Equal(operation == InpaintOperation.Inpaint, e.RecommendedAction.Contains("leave out Prompt", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_several_with_a_key_the_user_is_asked_and_a_key_without_a_provider_goes_nowhere()
    {
        environment["FAL_KEY"] = "k";
        Refuses(InpaintErrorId.InvalidParameter, () => registry.Choose(new InpaintRequest { Prompt = "a bench", BringsKey = true }));
        registry.Set(new ProviderSettings { Name = "Mine", Kind = "FalGateway", BaseUri = new Uri("https://proxy.example"), ApiKey = Key("k") });

        InpaintException e = Refuses(InpaintErrorId.InvalidParameter, () => registry.Choose(new InpaintRequest { Prompt = "a bench" }));
        Assert.Contains("Fal (FAL_KEY), Mine (settings)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_that_does_not_exist_is_traced_to_its_origin()
    {
        environment["INPAINT_PROVIDER"] = "Nowhere";
        InpaintException e = Refuses(InpaintErrorId.ProviderNotFound, () => registry.Get());

        Assert.Contains("INPAINT_PROVIDER", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(registry.List(), p => p.IsDefault);
    }

    [Theory]
    [InlineData("http://proxy.example/fal")]
    [InlineData("http://127.0.0.1.evil.example")]
    [InlineData("http://localhost.evil.example")]
    [InlineData("http://192.168.0.1")]
    [InlineData("http://[fe80::1]")]
    [InlineData("http://queue.fal.run")]
    [InlineData("http://localhost.:8080")]
    [InlineData("http://sub.localhost")]
    [InlineData("http://128.0.0.1")]
    [InlineData("http://[::ffff:10.0.0.1]")]
    [InlineData("http://0.0.0.0:8080")]
    [InlineData("http://lоcalhost")]
    public void A_key_never_goes_out_in_the_clear(string uri)
    {
        foreach (ProviderSettings settings in new[]
        {
            new ProviderSettings { Name = "Fal", BaseUri = new Uri(uri) },
            new ProviderSettings { Name = "Fal", Endpoints = Endpoint("Sync", new Uri(uri)) },
            new ProviderSettings { Name = "Fal", Endpoints = Endpoint("storage", new Uri(uri)) },
            new ProviderSettings { Name = "Mine", Kind = "Fal", BaseUri = new Uri(uri) },
        })
        {
            Refuses(InpaintErrorId.InsecureTransport, () => registry.Set(settings));
        }

        Assert.Equal("https://queue.fal.run/", registry.Get("Fal").BaseUri!.AbsoluteUri);
    }

    [Theory]
    [InlineData("http://127.0.0.1:8080/fal")]
    [InlineData("http://localhost:8080")]
    [InlineData("http://[::1]:8080")]
    [InlineData("https://proxy.example/fal")]
    public void A_base_may_be_on_this_machine_or_behind_a_path(string uri) =>
        Assert.Equal(new Uri(uri), registry.Set(new ProviderSettings { Name = "Fal", BaseUri = new Uri(uri) }).BaseUri);

    [Theory]
    [InlineData("https://user:canary@proxy.example")]
    [InlineData("https://canary@proxy.example")]
    [InlineData("https://@proxy.example/?canary")]
    [InlineData("http://user:canary@127.0.0.1:8080")]
    [InlineData("user:canary@proxy.example")]
    [InlineData("//user:canary@proxy.example")]
    [InlineData("https://proxy.example/?a=canary")]
    [InlineData("https://proxy.example/#canary")]
    [InlineData("ftp://proxy.example")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/relative")]
    public void What_cannot_be_a_base_is_refused(string uri)
    {
        Uri address = new(uri, UriKind.RelativeOrAbsolute);
        foreach (ProviderSettings settings in new[]
        {
            new ProviderSettings { Name = "Fal", BaseUri = address },
            new ProviderSettings { Name = "Fal", Endpoints = Endpoint("Sync", address) },
            new ProviderSettings { Name = "Fal", Endpoints = Endpoint("Storage", address) },
            new ProviderSettings { Name = "ChainHub", BaseUri = address },
            new ProviderSettings { Name = "ModelsLab", BaseUri = address },
        })
        {
            // What stands where a password or a query stands may well be a key.
            Assert.DoesNotContain("canary", Refuses(InpaintErrorId.InvalidParameter, () => registry.Set(settings)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Moving_the_base_moves_the_others_along_unless_they_are_said()
    {
        InpaintProvider moved = registry.Set(new ProviderSettings { Name = "Fal", BaseUri = new Uri("https://proxy.example/fal") });
        Assert.Empty(moved.Endpoints);

        InpaintProvider apart = registry.Set(new ProviderSettings { Name = "Fal", BaseUri = new Uri("https://other.example"), Endpoints = Endpoint("storage", new Uri("https://store.example")) });
        Assert.Equal(new Uri("https://store.example"), Assert.Single(apart.Endpoints).Value);

        InpaintProvider both = registry.Set(new ProviderSettings { Name = "Fal", Endpoints = Endpoint("Sync", new Uri("https://run.example")) });
        Assert.Equal(new Uri("https://run.example"), both.Endpoints["sync"]);
        Assert.Equal(new Uri("https://store.example"), both.Endpoints["Storage"]);
    }

    [Fact]
    public void An_endpoint_that_the_kind_does_not_have_is_refused() => Assert.Contains(
        "'Storage'",
        Refuses(InpaintErrorId.InvalidParameter, () => registry.Set(new ProviderSettings { Name = "ChainHub", Endpoints = Endpoint("Storage", new Uri("https://store.example")) })).Message,
        StringComparison.Ordinal);

    private static Dictionary<string, Uri> Endpoint(string name, Uri uri) => new() { [name] = uri };

    [Fact]
    public void Removing_a_built_in_provider_brings_it_back_as_it_was()
    {
        registry.Set(new ProviderSettings { Name = "Fal", BaseUri = new Uri("https://proxy.example"), Model = "m", ApiKey = Key("k"), IsDefault = true });
        registry.Remove("fal");
        InpaintProvider provider = registry.Get("Fal");

        Assert.Equal(new Uri("https://queue.fal.run"), provider.BaseUri);
        Assert.Null(provider.Model);
        Assert.Null(registry.FindKey(provider));
        Assert.Equal("Local", registry.Get().Name);
    }

    [Fact]
    public void Removing_ones_own_provider_forgets_it()
    {
        registry.Set(new ProviderSettings { Name = "Mine", Kind = "Fal", BaseUri = new Uri("https://mine.example") });
        registry.Remove("mine");

        Refuses(InpaintErrorId.ProviderNotFound, () => registry.Get("Mine"));
        Refuses(InpaintErrorId.ProviderNotFound, () => registry.Remove("Mine"));
    }

    [Fact]
    public void Ones_own_provider_needs_a_kind_and_a_URL_and_keeps_its_kind()
    {
        Assert.Equal("Kind", Refuses(InpaintErrorId.ProviderNotFound, () => registry.Set(new ProviderSettings { Name = "Mine" })).Parameter);
        Assert.Contains("Local, Fal, FalGateway, ModelsLab", Refuses(InpaintErrorId.InvalidParameter, () => registry.Set(new ProviderSettings { Name = "Mine", Kind = "Fall" })).Message, StringComparison.Ordinal);
        Assert.Equal("BaseUri", Refuses(InpaintErrorId.InvalidParameter, () => registry.Set(new ProviderSettings { Name = "Mine", Kind = "Fal" })).Parameter);
        registry.Set(new ProviderSettings { Name = "Mine", Kind = "fal", BaseUri = new Uri("https://mine.example") });
        Assert.Equal("Fal", registry.Get("Mine").Kind);
        Refuses(InpaintErrorId.InvalidParameter, () => registry.Set(new ProviderSettings { Name = "Mine", Kind = "Local" }));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("Fal ")]
    [InlineData("a\nb")]
    [InlineData("a/b")]
    [InlineData("фал")]
    public void A_name_is_plain(string name) =>
        Refuses(InpaintErrorId.InvalidParameter, () => registry.Set(new ProviderSettings { Name = name, Kind = "Fal", BaseUri = new Uri("https://mine.example") }));

    [Fact]
    public void A_key_that_was_set_goes_before_the_environments()
    {
        environment["FAL_KEY"] = "from-environment";
        Assert.Equal(("from-environment", "FAL_KEY"), (KeyOf("Fal"), registry.Get("Fal").KeySource));
        registry.Set(new ProviderSettings { Name = "Fal", ApiKey = Key("set") });
        Assert.Equal(("set", "settings"), (KeyOf("Fal"), registry.Get("Fal").KeySource));
        registry.Set(new ProviderSettings { Name = "Fal", Model = "m" });
        Assert.Equal("set", KeyOf("Fal"));
        registry.Set(new ProviderSettings { Name = "Fal", ApiKey = Key("") });
        Assert.Equal("from-environment", KeyOf("Fal"));
    }

    [Fact]
    public void A_key_that_was_set_is_a_copy()
    {
        SecureString given = Key("set");
        registry.Set(new ProviderSettings { Name = "Fal", ApiKey = given });
        given.Dispose();

        Assert.Equal("set", KeyOf("Fal"));
    }

    [Fact]
    public void Two_halves_make_one_key_and_one_half_makes_none()
    {
        environment["FAL_KEY_ID"] = "id ";
        Assert.Null(registry.FindKey(registry.Get("Fal")));
        environment["FAL_KEY_SECRET"] = "secret\n";
        Assert.Equal("id:secret", KeyOf("Fal"));
        environment["FAL_KEY"] = "  ";
        Assert.Equal("id:secret", KeyOf("Fal"));
        environment["FAL_KEY"] = "whole";
        Assert.Equal("whole", KeyOf("Fal"));
    }

    [Fact]
    public void Ones_own_provider_never_gets_a_built_in_ones_key()
    {
        environment["FAL_KEY"] = "fals";
        registry.Set(new ProviderSettings { Name = "my-proxy.2", Kind = "Fal", BaseUri = new Uri("https://mine.example") });
        Assert.Null(registry.FindKey(registry.Get("my-proxy.2")));
        Assert.Null(registry.Get("my-proxy.2").KeySource);

        environment["INPAINT_MY_PROXY_2_API_KEY"] = "mine";
        Assert.Equal("mine", KeyOf("my-proxy.2"));
        Assert.Equal("fals", KeyOf("Fal"));
    }

    [Theory]
    [InlineData("canary-4711\nX-Evil: 1")]
    [InlineData("canary 4711")]
    [InlineData("canary-ключ")]
    [InlineData("canary\0-4711")]
    public async Task A_key_that_would_break_out_of_its_header_is_refused_without_being_shown(string key)
    {
        using TemporaryFolder state = new();
        using InpaintEngine engine = new(new InpaintEngineOptions { StateFolder = state.Path, Environment = _ => null });
        InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => engine.CheckAccessAsync(engine.Providers.Get("Fal"), new RunOptions { ApiKey = Key(key) }, TestContext.Current.CancellationToken));

        Assert.Equal(InpaintErrorId.InvalidParameter, e.ErrorId);
        Assert.DoesNotContain("canary", e.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer x")]
    [InlineData("Key\nX-Evil:")]
    public void A_scheme_is_one_word(string scheme) => Refuses(InpaintErrorId.InvalidParameter, () => registry.Set(new ProviderSettings { Name = "Fal", AuthScheme = scheme }));

    [Fact]
    public void A_provider_shows_no_key_however_it_is_written_out()
    {
        InpaintProvider provider = registry.Set(new ProviderSettings { Name = "Fal", ApiKey = Key("canary-4711") });

        Assert.DoesNotContain("canary-4711", provider.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("canary-4711", System.Text.Json.JsonSerializer.Serialize(provider), StringComparison.Ordinal);
        Assert.DoesNotContain(typeof(InpaintProvider).GetProperties(), p => p.PropertyType == typeof(SecureString));
    }

    private static InpaintException Refuses(InpaintErrorId expected, Action action)
    {
        InpaintException e = Assert.Throws<InpaintException>(action);
        Assert.True(expected == e.ErrorId, $"{e.ErrorId}: {e.Message}");
        return e;
    }

    private static SecureString Key(string text)
    {
        SecureString key = new();
        foreach (char c in text)
        {
            key.AppendChar(c);
        }

        return key;
    }

    private string KeyOf(string provider) => SecretText.Reveal(registry.FindKey(registry.Get(provider))!);
}
