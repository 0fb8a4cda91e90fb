using System.Collections.ObjectModel;
using System.Security;
using Inpaint.Http;
using Inpaint.Journal;
using Inpaint.Planning;

namespace Inpaint.Providers;

/// <summary>The providers of this process: the built-in ones and the user's own. Safe to use from several threads.</summary>
public sealed class ProviderRegistry
{
    /// <summary>The environment variable that chooses the default provider.</summary>
    public const string DefaultVariable = "INPAINT_PROVIDER";

    private const string BuiltInSource = "built-in";
    private const string UserSource = "user";
    private const string SessionSource = "session";

    private readonly Lock gate = new();
    private readonly Func<string, string?> environment;
    private readonly ApiKeyResolver keys;
    private readonly IReadOnlyList<ProviderDescriptor> kinds;
    private readonly Func<string> stateFolder;
    private readonly UserSettings userSettings;
    private readonly InpaintProvider[] builtIn;
    private Dictionary<string, InpaintProvider>? loaded;
    private string? chosenDefault;
    private string? userDefault;

    internal ProviderRegistry(Func<string, string?> environment, IReadOnlyList<ProviderDescriptor>? kinds = null, Func<string>? stateFolder = null, UserSettings? userSettings = null, Func<string, string?, SecureString>? readSecret = null)
    {
        this.userSettings = userSettings ?? new UserSettings(() => null);
        this.stateFolder = stateFolder ?? (() => StateFolder.Find(environment));
        this.kinds = kinds ?? ProviderCatalogue.Kinds;
        this.environment = environment;
        keys = new ApiKeyResolver(environment, provider => DescriptorOf(provider.Kind).KeyVariablesOf(provider.Name), readSecret);
        builtIn = [.. this.kinds.SelectMany(kind => kind.BuiltIn).Select(b => WithCapabilities(b.Provider))];
    }

    // Read at the first use: the module is imported by many sessions that never ask for a provider.
    private Dictionary<string, InpaintProvider> All => loaded ??= ReadAll();

    /// <summary>The kinds of providers that can be set.</summary>
    public IReadOnlyList<string> Kinds => [.. kinds.Select(kind => kind.Kind)];

    /// <summary>Called with the name of each provider that was changed or removed.</summary>
    internal Action<string> OnChanged { get; set; } = _ => { };

    /// <summary>All providers, the built-in ones first.</summary>
    /// <returns>A snapshot.</returns>
    public IReadOnlyList<InpaintProvider> List()
    {
        lock (gate)
        {
            string defaultName = DefaultName();
            return All.Values.Select(p => Describe(p, defaultName)).ToArray();
        }
    }

    /// <summary>Finds a provider.</summary>
    /// <param name="name">Its name in any case; null for the default one.</param>
    /// <returns>The provider with its capabilities and the source of its key.</returns>
    /// <exception cref="InpaintException">ProviderNotFound.</exception>
    public InpaintProvider Get(string? name = null)
    {
        lock (gate)
        {
            string defaultName = DefaultName();
            if (All.TryGetValue(name ?? defaultName, out InpaintProvider? provider))
            {
                return Describe(provider, defaultName);
            }

            string origin = name is null ? $" (chosen by {DefaultVariable})" : "";
            throw new InpaintException(
                InpaintErrorId.ProviderNotFound,
                $"There is no provider '{name ?? defaultName}'{origin}. Known are {string.Join(", ", All.Keys)}.")
            {
                Parameter = nameof(InpaintRequest.Provider),
            };
        }
    }

    /// <summary>Gets the default number of concurrent jobs of a batch: what the provider's smallest plan allows, or more where further jobs wait in its queue at no cost.</summary>
    /// <param name="provider">The provider.</param>
    /// <returns>The number.</returns>
    public int JobsAtOnce(InpaintProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return DescriptorOf(provider.Kind).JobsAtOnce;
    }

    /// <summary>Gets the provider of a request, which need not name one.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The provider.</returns>
    /// <exception cref="InpaintException">ProviderNotFound, ApiKeyMissing, InvalidParameter: none was chosen, and there is not exactly one candidate.</exception>
    public InpaintProvider ProviderFor(InpaintRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Choose(request).Provider;
    }

    /// <summary>
    /// Chooses the provider of a request that may not name one. A prompt needs a model that understands it: when no provider was chosen, it goes to the only one with a key.
    /// Without a prompt, or with a choice by <see cref="ProviderSettings.IsDefault"/> or <see cref="DefaultVariable"/>, it is the default one.
    /// </summary>
    /// <returns>The provider, with the reason when it was chosen for its key.</returns>
    /// <exception cref="InpaintException">
    /// ProviderNotFound. ApiKeyMissing: no provider was chosen, there is a prompt, and no provider has a key. InvalidParameter: several have one, or the request brings a key without naming a
    /// provider.
    /// </exception>
    internal ProviderChoice Choose(InpaintRequest request)
    {
        if (request.Provider is not null || (string.IsNullOrWhiteSpace(request.Prompt) && request.Operation != InpaintOperation.Segment) || IsChosen)
        {
            return ChoiceOf(Get(request.Provider));
        }

        InpaintProvider[] able = [.. List().Where(p => p.CapabilitiesFor(request.Operation)?.NeedsKey == true)];
        InpaintProvider[] withKey = [.. able.Where(p => p.KeySource is not null)];
        if (request.BringsKey)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, "The prompt needs a provider, and none was chosen: the key does not say whose it is. Nothing was sent.")
            {
                Parameter = nameof(request.Provider),
                RecommendedAction = $"Set Provider to one of {string.Join(", ", able.Select(p => p.Name))}.",
            };
        }

        return withKey switch
        {
            [{ } only] => ChoiceOf(only, $"No provider was chosen: {only.Name} is used, the only one with a key ({only.KeySource})."),
            [] => throw new InpaintException(InpaintErrorId.ApiKeyMissing, "The prompt needs a provider that understands it: none was chosen, and none has a key. Nothing was sent.")
            {
                Provider = able.FirstOrDefault()?.Name,
                Parameter = nameof(request.Provider),
                RecommendedAction = $"Set the key of one of {string.Join(", ", able.Select(p => p.Name))}, or its environment variable."
                    + (request.Operation == InpaintOperation.Inpaint ? " Or leave Prompt out: the built-in Local continues what surrounds the mask, and needs no key." : ""),
            },
            _ => throw new InpaintException(InpaintErrorId.InvalidParameter, $"Which provider is to be paid? None was chosen, and several have a key: {string.Join(", ", withKey.Select(p => $"{p.Name} ({p.KeySource})"))}. Nothing was sent.")
            {
                Provider = withKey[0].Name,
                Parameter = nameof(request.Provider),
                RecommendedAction = $"Set Provider to {withKey[0].Name} or another, or make one the default.",
            },
        };
    }

    /// <summary>Chooses a provider by its name.</summary>
    /// <param name="name">Its name in any case; null for the default one.</param>
    /// <returns>The provider.</returns>
    /// <exception cref="InpaintException">ProviderNotFound.</exception>
    internal ProviderChoice Choose(string? name) => ChoiceOf(Get(name));

    /// <summary>Changes or adds a provider.</summary>
    /// <param name="settings">The change.</param>
    /// <returns>The provider as it is now.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a new provider without kind or base URL, an unknown kind, or one that differs; InsecureTransport: a URL to which a key would be sent unencrypted.</exception>
    public InpaintProvider Set(ProviderSettings settings) => Set(settings, SettingsScope.Session);

    /// <summary>Changes or adds a provider, for this process or for all of the user's.</summary>
    /// <param name="settings">The change.</param>
    /// <param name="scope">How long it lasts. A key is never kept for the user.</param>
    /// <returns>The provider as it is now.</returns>
    /// <exception cref="InpaintException">As without a scope; StateUnavailable: the user's settings cannot be read or written.</exception>
    public InpaintProvider Set(ProviderSettings settings, SettingsScope scope)
    {
        ArgumentNullException.ThrowIfNull(settings);
        EnsureName(settings.Name);
        EnsureValues(settings, scope);
        if (settings.AuthScheme is { Length: > 0 } scheme && !scheme.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{scheme}' cannot announce a key: a scheme is one word, such as Bearer or Key.") { Parameter = nameof(settings.AuthScheme) };
        }

        InpaintProvider changed;
        lock (gate)
        {
            changed = Apply(settings, All.GetValueOrDefault(settings.Name), scope == SettingsScope.User ? UserSource : SessionSource);
            foreach ((string property, Uri uri) in changed.BaseUris)
            {
                EnsureBaseUri(changed.Name, property, uri);
            }

            if (scope == SettingsScope.User)
            {
                Store(settings, changed);
            }

            All[changed.Name] = changed;
            if (scope == SettingsScope.Session && settings.IsDefault is bool isDefault)
            {
                bool wasDefault = string.Equals(chosenDefault, changed.Name, StringComparison.OrdinalIgnoreCase);
                chosenDefault = isDefault ? changed.Name : wasDefault ? null : chosenDefault;
            }

            changed = Describe(changed, DefaultName());
        }

        OnChanged(changed.Name);
        return changed;
    }

    /// <summary>Removes a provider of the user's own, or resets a built-in one; its key is forgotten in either case.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="InpaintException">ProviderNotFound.</exception>
    public void Remove(string name) => Remove(name, SettingsScope.Session);

    /// <summary>Forgets what was set of a provider in this process, or what is kept of it for the user as well. A built-in one becomes what it was.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="scope">Whether what is kept for the user goes, too.</param>
    /// <exception cref="InpaintException">ProviderNotFound; StateUnavailable: the user's settings cannot be read or written.</exception>
    public void Remove(string name, SettingsScope scope)
    {
        InpaintProvider provider;
        lock (gate)
        {
            provider = Get(name);
            All.Remove(provider.Name);
            if (string.Equals(chosenDefault, provider.Name, StringComparison.OrdinalIgnoreCase))
            {
                chosenDefault = null;
            }

            if (scope == SettingsScope.User)
            {
                StoredSettings stored = userSettings.Read();
                Dictionary<string, StoredProvider> left = new(stored.Providers, StringComparer.OrdinalIgnoreCase);
                left.Remove(provider.Name);
                bool wasDefault = string.Equals(stored.DefaultProvider, provider.Name, StringComparison.OrdinalIgnoreCase);
                userDefault = wasDefault ? null : stored.DefaultProvider;
                userSettings.Write(new StoredSettings { DefaultProvider = userDefault, Providers = left });
            }

            if (ReadAll().TryGetValue(provider.Name, out InpaintProvider? remaining))
            {
                All[remaining.Name] = remaining;
            }
        }

        // Not disposed of: providers that Get returned earlier still hold this key.
        provider.ApiKey?.Dispose();
        OnChanged(provider.Name);
    }

    /// <summary>Forgets every key that was set; all other settings are kept.</summary>
    internal void ForgetKeys()
    {
        lock (gate)
        {
            foreach (InpaintProvider provider in All.Values.Where(p => p.ApiKey is not null).ToArray())
            {
                All[provider.Name] = provider with { ApiKey = null };
                provider.ApiKey!.Dispose();
            }
        }
    }

    /// <summary>Finds a provider's key.</summary>
    /// <returns>A copy of the key; null when there is none.</returns>
    internal SecureString? FindKey(InpaintProvider provider) => keys.Find(provider);

    /// <summary>Gets the description of a kind.</summary>
    /// <param name="kind">The kind, in any case.</param>
    /// <exception cref="InpaintException">InvalidParameter: there is no such kind.</exception>
    internal ProviderDescriptor DescriptorOf(string kind) =>
        kinds.FirstOrDefault(d => string.Equals(d.Kind, kind, StringComparison.OrdinalIgnoreCase))
        ?? throw new InpaintException(InpaintErrorId.InvalidParameter, $"There is no kind of provider '{kind}'. Known are {string.Join(", ", Kinds)}.") { Parameter = nameof(ProviderSettings.Kind) };

    /// <summary>Gets the known models of a provider, without calling it.</summary>
    /// <param name="provider">The provider.</param>
    /// <returns>The models, default ones first, then the most recently changed.</returns>
    public IReadOnlyList<InpaintModel> KnownModels(InpaintProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return DescriptorOf(provider.Kind).KnownModels?.Invoke(provider, stateFolder()) ??
        [
            .. provider.Capabilities.SelectMany(capabilities => capabilities.KnownModels.Prepend(capabilities.DefaultModel).Distinct(StringComparer.OrdinalIgnoreCase).Select(id => new InpaintModel
            {
                Id = id,
                Provider = provider.Name,
                Operation = capabilities.Operation,
                Price = capabilities.Price,
                Parameters = capabilities.Parameters,
            })),
        ];
    }

    /// <summary>Gets the networks in which a provider may point to pictures.</summary>
    /// <returns>The networks; only the internet for a provider that is not known in this process.</returns>
    internal AllowedNetworks NetworksOf(string? provider)
    {
        lock (gate)
        {
            return All.TryGetValue(provider ?? "", out InpaintProvider? known) ? new AllowedNetworks([.. known.BaseUris.Select(pair => pair.Uri)]) : AllowedNetworks.None;
        }
    }

    /// <summary>Gets the advice for a submit of unknown outcome.</summary>
    /// <returns>The advice; null when the provider is not known in this process.</returns>
    internal string? UncertainAdviceOf(string provider)
    {
        lock (gate)
        {
            return All.TryGetValue(provider, out InpaintProvider? known) ? DescriptorOf(known.Kind).UncertainAdvice : null;
        }
    }

    /// <summary>The built-in providers and the user's own, as they are without this process's changes.</summary>
    private Dictionary<string, InpaintProvider> ReadAll()
    {
        Dictionary<string, InpaintProvider> all = kinds.SelectMany(kind => kind.BuiltIn).Select(b => b.Provider with { Sources = SourcesOf(b.Provider, BuiltInSource) }).ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        StoredSettings stored = userSettings.Read();
        foreach ((string name, StoredProvider settings) in stored.Providers)
        {
            ProviderSettings change = settings.ToChange(all.GetValueOrDefault(name)?.Name ?? name);
            EnsureName(name);
            EnsureValues(change, SettingsScope.User);
            InpaintProvider provider = Apply(change, all.GetValueOrDefault(name), UserSource);
            foreach ((string property, Uri uri) in provider.BaseUris)
            {
                EnsureBaseUri(provider.Name, property, uri);
            }

            all[provider.Name] = provider;
        }

        userDefault = stored.DefaultProvider;
        return all;
    }

    private void Store(ProviderSettings settings, InpaintProvider changed)
    {
        StoredSettings stored = userSettings.Read();
        Dictionary<string, StoredProvider> all = new(stored.Providers, StringComparer.OrdinalIgnoreCase);
        all[changed.Name] = (all.GetValueOrDefault(changed.Name) ?? new StoredProvider()).With(settings, changed);
        userDefault = settings.IsDefault switch
        {
            true => changed.Name,
            false when string.Equals(stored.DefaultProvider, changed.Name, StringComparison.OrdinalIgnoreCase) => null,
            _ => stored.DefaultProvider,
        };
        userSettings.Write(new StoredSettings { DefaultProvider = userDefault, Providers = all });
    }

    private static ReadOnlyDictionary<string, string> SourcesOf(InpaintProvider provider, string source) =>
        new Dictionary<string, string>(new[] { (nameof(provider.BaseUri), provider.BaseUri is not null), (nameof(provider.Endpoints), provider.Endpoints.Count > 0) }.Where(p => p.Item2).Select(p => KeyValuePair.Create(p.Item1, source))).AsReadOnly();

    private static ReadOnlyDictionary<string, string> SourcesAfter(InpaintProvider known, ProviderSettings change, string source)
    {
        Dictionary<string, string> sources = new(known.Sources, StringComparer.Ordinal);
        (string Name, bool IsSet)[] changes =
        [
            (nameof(known.BaseUri), change.BaseUri is not null),
            (nameof(known.Endpoints), change.Endpoints.Count > 0),
            (nameof(known.Model), change.Model is not null),
            (nameof(known.AuthScheme), change.AuthScheme is not null),
            (nameof(known.Price), change.PricePerImage is not null || change.PricePerMegapixel is not null),
            (nameof(known.Defaults), change.Defaults is not null),
            (nameof(known.ApiKeySecret), change.ApiKeySecret is not null),
        ];
        foreach ((string name, _) in changes.Where(setting => setting.IsSet))
        {
            sources[name] = source;
        }

        return sources.AsReadOnly();
    }

    private static void EnsureValues(ProviderSettings settings, SettingsScope scope)
    {
        if (scope == SettingsScope.User && settings.ApiKey is not null)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"The key of {settings.Name} is not kept: a key is never written to disk. Nothing was changed.")
            {
                Parameter = nameof(settings.ApiKey),
                RecommendedAction = "Name a secret of a secret store, use an environment variable, or set the key for this session alone.",
            };
        }

        if (settings is { PricePerImage: not null, PricePerMegapixel: not null })
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, "PricePerImage and PricePerMegapixel cannot both be what a job costs. Set one of them.") { Parameter = nameof(settings.PricePerMegapixel) };
        }

        if ((settings.PricePerImage ?? settings.PricePerMegapixel) is { } price && price is (< 0 or > 10_000))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, FormattableString.Invariant($"A price of {price} is out of range: 0 to 10000 US dollars.")) { Parameter = settings.PricePerImage is null ? nameof(settings.PricePerMegapixel) : nameof(settings.PricePerImage) };
        }

        foreach ((string name, object? value) in settings.Defaults ?? new Dictionary<string, object?>())
        {
            if (value is not null and not "" && !RequestDefaults.CanBe(name, value))
            {
                throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{value}' cannot be the default of {name}.") { Parameter = nameof(settings.Defaults) };
            }
        }
    }

    private InpaintProvider Apply(ProviderSettings settings, InpaintProvider? known, string source)
    {
        if (known is null)
        {
            ProviderDescriptor kind = DescriptorOf(settings.Kind
                ?? throw new InpaintException(InpaintErrorId.ProviderNotFound, $"There is no provider '{settings.Name}'. To add it, set its Kind: {string.Join(", ", Kinds)}.") { Parameter = nameof(settings.Kind) });
            if (kind.NeedsBaseUri && settings.BaseUri is null)
            {
                throw new InpaintException(InpaintErrorId.InvalidParameter, $"Provider '{settings.Name}' needs the base URL of its service. Set BaseUri.") { Parameter = nameof(settings.BaseUri) };
            }

            known = new InpaintProvider(settings.Name, kind.Kind);
        }
        else if (settings.Kind is { } other && DescriptorOf(other).Kind != known.Kind)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"Provider '{known.Name}' is of kind {known.Kind}; it cannot become {other}. Choose another name.") { Parameter = nameof(settings.Kind) };
        }

        if (settings.Endpoints.Keys.FirstOrDefault(name => !DescriptorOf(known.Kind).Endpoints.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"Provider '{known.Name}' has no endpoint '{unknown}': everything of a provider of kind {known.Kind} is below its base URL.");
        }

        Dictionary<string, Uri> endpoints = new(settings.BaseUri is null ? known.Endpoints : settings.Endpoints, StringComparer.OrdinalIgnoreCase);
        foreach ((string name, Uri endpoint) in settings.Endpoints)
        {
            endpoints[name] = endpoint;
        }

        return known with
        {
            BaseUri = settings.BaseUri ?? known.BaseUri,
            Endpoints = endpoints.AsReadOnly(),
            Model = settings.Model ?? known.Model,
            AuthScheme = settings.AuthScheme ?? known.AuthScheme,
            Price = settings.PricePerImage is { } image ? new InpaintPrice(image, "image") : settings.PricePerMegapixel is { } megapixel ? new InpaintPrice(megapixel, "megapixel") : known.Price,
            Defaults = settings.Defaults is null ? known.Defaults : Merged(known.Defaults, settings.Defaults),
            ApiKeySecret = settings.ApiKeySecret is null ? known.ApiKeySecret : settings.ApiKeySecret.Length == 0 ? null : settings.ApiKeySecret,
            ApiKeyVault = settings.ApiKeySecret is null ? known.ApiKeyVault : settings.ApiKeyVault,
            Sources = SourcesAfter(known, settings, source),
            ApiKey = settings.ApiKey is not null ? OwnCopy(settings.ApiKey) : settings.ApiKeySecret is { Length: > 0 } ? null : known.ApiKey,
        };
    }

    private static ReadOnlyDictionary<string, object> Merged(IReadOnlyDictionary<string, object> known, IReadOnlyDictionary<string, object?> change)
    {
        Dictionary<string, object> merged = new(known, StringComparer.OrdinalIgnoreCase);
        foreach ((string name, object? value) in change)
        {
            merged.Remove(name);
            if (value is not null and not "")
            {
                merged[name] = value;
            }
        }

        return merged.AsReadOnly();
    }

    /// <summary>Copies a key, because the caller may change or dispose of it; an empty one removes the key.</summary>
    private static SecureString? OwnCopy(SecureString key)
    {
        if (key.Length == 0)
        {
            return null;
        }

        SecureString copy = key.Copy();
        copy.MakeReadOnly();
        return copy;
    }

    /// <summary>A name becomes part of an environment variable's name and of messages.</summary>
    private static void EnsureName(string name)
    {
        if (name.Length is 0 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{name}' cannot be a provider's name: it takes 1 to 64 letters, digits, '-', '_' and '.'.") { Parameter = nameof(ProviderSettings.Name) };
        }
    }

    private static void EnsureBaseUri(string name, string property, Uri uri)
    {
        if (!uri.IsAbsoluteUri || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps) || uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{WithoutUser(uri)}' cannot be a base URL of provider '{name}': it must be a full http(s) URL without a user name, query or fragment.") { Parameter = property };
        }

        if (!HostGuard.IsSecure(uri))
        {
            throw new InpaintException(InpaintErrorId.InsecureTransport, $"'{uri}' would carry the key of provider '{name}' unencrypted. Use https.") { Parameter = property };
        }
    }

    // The text before an @, or after a question mark or number sign, may be a misplaced key.
    private static string WithoutUser(Uri uri)
    {
        string text = uri.OriginalString.Split('?', '#')[0];
        int at = text.LastIndexOf('@');
        int place = text.IndexOf("//", StringComparison.Ordinal);
        return at < 0 ? text : $"{(place < 0 || place > at ? "" : text[..(place + 2)])}***@{text[(at + 1)..]}";
    }

    private InpaintProvider Describe(InpaintProvider provider, string defaultName)
    {
        return WithCapabilities(provider) with
        {
            IsDefault = string.Equals(provider.Name, defaultName, StringComparison.OrdinalIgnoreCase),
            KeySource = keys.SourceOf(provider),
            Sources = SourcesWithKey(provider, defaultName),
        };
    }

    private ReadOnlyDictionary<string, string> SourcesWithKey(InpaintProvider provider, string defaultName)
    {
        Dictionary<string, string> sources = new(provider.Sources, StringComparer.Ordinal);
        if (keys.SourceOf(provider) is { } key)
        {
            sources["ApiKey"] = provider.ApiKey is not null ? SessionSource : provider.ApiKeySecret is not null ? sources[nameof(provider.ApiKeySecret)] : key;
        }

        if (string.Equals(provider.Name, defaultName, StringComparison.OrdinalIgnoreCase))
        {
            sources[nameof(provider.IsDefault)] = chosenDefault is not null ? SessionSource : !string.IsNullOrWhiteSpace(environment(DefaultVariable)) ? DefaultVariable : userDefault is not null ? UserSource : BuiltInSource;
        }

        return sources.AsReadOnly();
    }

    private InpaintProvider WithCapabilities(InpaintProvider provider)
    {
        ProviderDescriptor kind = DescriptorOf(provider.Kind);

        // What the user says counts where nobody else says anything.
        ProviderCapabilities Priced(ProviderCapabilities capabilities) => capabilities is { IsPaid: true, Price: null } && provider.Price is { } price ? capabilities with { Price = price } : capabilities;
        return provider with { Capabilities = [.. kind.Capabilities.Select(Priced)], ForModel = kind.ForModel is { } forModel ? (operation, model) => Priced(forModel(provider, stateFolder(), operation, model)) : null };
    }

    private ProviderChoice ChoiceOf(InpaintProvider provider, string? reason = null) => new(provider, reason, builtIn);

    private bool IsChosen
    {
        get
        {
            lock (gate)
            {
                return ChosenName() is not null;
            }
        }
    }

    private string? UserDefault
    {
        get
        {
            // Known once the user's settings are.
            _ = All;
            return userDefault;
        }
    }

    private string DefaultName() => ChosenName() ?? "Local";

    private string? ChosenName()
    {
        string? fromEnvironment = environment(DefaultVariable);
        return chosenDefault ?? (string.IsNullOrWhiteSpace(fromEnvironment) ? null : fromEnvironment.Trim()) ?? UserDefault;
    }
}
