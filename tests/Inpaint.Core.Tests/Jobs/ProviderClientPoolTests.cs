using System.Security;
using Inpaint.Http;
using Inpaint.Jobs;
using Inpaint.Providers;
using Inpaint.Tests.Providers.Fal;
using Xunit;

namespace Inpaint.Tests.Jobs;

/// <summary>How long keys are held: as long as somebody uses them, and no longer than their provider is as it was.</summary>
public sealed class ProviderClientPoolTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HttpClientSource http = new();
    private readonly ProviderRegistry registry = new(_ => null);
    private readonly List<SecureString?> given = [];
    private readonly ProviderClientPool pool;

    public ProviderClientPoolTests()
    {
        ProviderDescriptor[] kinds = [.. ProviderCatalogue.Kinds.Select(kind => kind with { Create = Create })];
        registry = new ProviderRegistry(_ => null, kinds);
        pool = new ProviderClientPool(registry, http, () => folder.Path, TimeProvider.System, new WatchSchedule());
        registry.OnChanged = pool.ForgetKeys;
    }

    public void Dispose()
    {
        pool.Dispose();
        http.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_key_that_its_owner_disposes_of_goes_on_working()
    {
        SecureString key = Key("one");
        pool.Get(registry.Get("Fal"), key).Dispose();
        key.Dispose();
        using ProviderAccess again = pool.Get(registry.Get("Fal"), Key("one"));

        Assert.Equal("one", SecretText.Reveal(Assert.Single(given)!));
    }

    [Fact]
    public void A_key_that_is_disposed_of_already_is_named()
    {
        SecureString key = Key("one");
        key.Dispose();
        Assert.Equal(InpaintErrorId.ApiKeyMissing, Assert.Throws<InpaintException>(() => pool.Get(registry.Get("Fal"), key)).ErrorId);
    }

    [Fact]
    public void A_key_goes_when_its_provider_is_set_or_removed()
    {
        foreach (Action change in new Action[] { () => registry.Set(new ProviderSettings { Name = "Fal", Model = "x" }), () => registry.Remove("Fal") })
        {
            pool.Get(registry.Get("Fal"), Key("one")).Dispose();
            pool.Get(registry.Get("ModelsLab"), Key("two")).Dispose();
            Assert.Equal(2, pool.KeyCount);
            change();
            Assert.Equal(1, pool.KeyCount);
            Assert.Throws<ObjectDisposedException>(() => given[^2]!.Length);
            Assert.Equal("two", SecretText.Reveal(given[^1]!));
            pool.ForgetKeys(provider: null);
        }
    }

    [Fact]
    public void Who_works_with_a_key_keeps_it_until_done()
    {
        ProviderAccess working = pool.Get(registry.Get("Fal"), Key("one"));
        ProviderAccess other = pool.Get(registry.Get("Fal"), Key("one"));
        registry.Remove("Fal");
        working.Dispose();
        working.Dispose();
        Assert.Equal("one", SecretText.Reveal(given[0]!));
        other.Dispose();
        Assert.Throws<ObjectDisposedException>(() => given[0]!.Length);
    }

    [Fact]
    public void Keys_of_single_commands_do_not_pile_up()
    {
        for (int number = 0; number < 10; number++)
        {
            pool.Get(registry.Get("Fal"), Key($"key-{number}")).Dispose();
        }

        Assert.Equal(1, pool.KeyCount);
    }

    [Fact]
    public void What_runs_here_is_not_stopped_by_a_change()
    {
        ProviderAccess before = pool.Get(registry.Get("Local"), Key("one"));
        before.Dispose();
        registry.Set(new ProviderSettings { Name = "Local", IsDefault = true });
        pool.ForgetKeys(provider: null);
        using ProviderAccess after = pool.Get(registry.Get("Local"), apiKey: null);

        Assert.Same(before.Client, after.Client);
        Assert.Null(Assert.Single(given));
    }

    [Fact]
    public void A_removed_provider_takes_its_key_along_whoever_still_holds_it()
    {
        InpaintProvider held = registry.Set(new ProviderSettings { Name = "Fal", ApiKey = Key("one") });
        using (SecureString? found = registry.FindKey(held))
        {
            Assert.Equal("one", SecretText.Reveal(found!));
        }

        registry.Remove("Fal");
        Assert.Null(registry.FindKey(held));

        held = registry.Set(new ProviderSettings { Name = "Fal", ApiKey = Key("two"), Model = "m" });
        registry.ForgetKeys();
        Assert.Null(registry.FindKey(held));
        Assert.Equal("m", registry.Get("Fal").Model);
        Assert.Null(registry.Get("Fal").KeySource);
    }

    private static SecureString Key(string text) => FalClientTest.Secure(text)!;

    private FakeClient Create(ProviderServices services)
    {
        given.Add(services.ApiKey);
        return new FakeClient();
    }
}
