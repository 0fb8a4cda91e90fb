using System.Security;
using Inpaint.Files;
using Inpaint.Http;
using Inpaint.Planning;

namespace Inpaint.Providers;

/// <summary>The providers of this process: the built-in ones and the user's own. Safe to use from several threads.</summary>
public sealed class ProviderRegistry
{
    /// <summary>The environment variable that chooses the default provider.</summary>
    public const string DefaultVariable = "INPAINT_PROVIDER";

    private readonly Lock gate = new();
    private readonly Func<string, string?> environment;
    private readonly ApiKeyResolver keys;
    private readonly IReadOnlyList<ProviderDescriptor> kinds;
    private readonly Func<string> stateFolder;
    private readonly UserSettings userSettings;
    private readonly InpaintProvider[] builtIn;

    // Every job of a batch asks for its provider several times.
    private readonly Dictionary<string, Description> descriptions = new(StringComparer.Ordinal);
    private Dictionary<string, InpaintProvider>? loaded;
    private string? chosenDefault;
    private string? userDefault;

    internal ProviderRegistry(Func<string, string?> environment, IReadOnlyList<ProviderDescriptor>? kinds = null, Func<string>? stateFolder = null, UserSettings? userSettings = null, Func<string, string?, SecureString>? readSecret = null)
    {
        this.userSettings = userSettings ?? new UserSettings(() => null);
        this.stateFolder = stateFolder ?? (() => UserFolders.State(environment));
        this.kinds = kinds ?? ProviderCatalogue.Kinds;
        this.environment = environment;
        keys = new ApiKeyResolver(environment, provider => DescriptorOf(provider.Kind).KeyVariablesOf(provider.Name), readSecret);
        builtIn = [.. this.kinds.SelectMany(kind => kind.BuiltIn).Select(b => WithCapabilities(b.Provider))];
    }

    // Read at first use: many sessions import the module without using a provider.
    private Dictionary<string, InpaintProvider> All => loaded ??= ReadAll();

    /// <summary>The properties of <see cref="InpaintRequest"/> that can have a default in a provider's settings, besides the options of its models.</summary>
    public static IReadOnlyCollection<string> PropertiesWithDefault => RequestDefaults.Names;

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
            DefaultProvider byDefault = ByDefault();
            return All.Values.Select(p => Describe(p, byDefault)).ToArray();
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
            DefaultProvider byDefault = ByDefault();
            if (All.TryGetValue(name ?? byDefault.Name, out InpaintProvider? provider))
            {
                return Describe(provider, byDefault);
            }

            string origin = name is not null ? "" : byDefault.Source == ProviderChange.UserSource ? $" (the default provider in '{userSettings.FilePath}')" : $" (chosen by {DefaultVariable})";
            throw new InpaintException(
                InpaintErrorId.ProviderNotFound,
                $"There is no provider '{name ?? byDefault.Name}'{origin}. The known providers are {string.Join(", ", All.Keys)}.")
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
            throw new InpaintException(InpaintErrorId.InvalidParameter, "The prompt requires a provider, and none was chosen: it is not known which provider the key belongs to. Nothing was sent.")
            {
                Parameter = nameof(request.Provider),
                RecommendedAction = $"Set Provider to one of {string.Join(", ", able.Select(p => p.Name))}.",
            };
        }

        return withKey switch
        {
            [{ } only] => ChoiceOf(only, $"No provider was chosen: {only.Name} is used, the only one with a key ({only.KeySource})."),
            [] => throw new InpaintException(InpaintErrorId.ApiKeyMissing, "The prompt requires a provider with a key: none was chosen, and none has a key. Nothing was sent.")
            {
                Provider = able.FirstOrDefault()?.Name,
                Parameter = nameof(request.Provider),
                RecommendedAction = $"Set the key of one of {string.Join(", ", able.Select(p => p.Name))}, or its environment variable."
                    + (request.Operation == InpaintOperation.Inpaint ? " Or leave out Prompt: the built-in Local fills the masked part from its surroundings, and needs no key." : ""),
            },
            _ => throw new InpaintException(InpaintErrorId.InvalidParameter, $"No provider was chosen, and several have a key: {string.Join(", ", withKey.Select(p => $"{p.Name} ({p.KeySource})"))}. Nothing was sent.")
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

    /// <summary>Changes or adds a provider, for this process or for all sessions of the user.</summary>
    /// <param name="settings">The change.</param>
    /// <param name="scope">How long it lasts. A key is never stored.</param>
    /// <returns>The provider as it is now.</returns>
    /// <exception cref="InpaintException">InvalidParameter: a new provider without kind or base URL, an unknown kind, or a kind that differs; InsecureTransport: a URL to which a key would be sent unencrypted; StateUnavailable: the user's settings cannot be read or written.</exception>
    public InpaintProvider Set(ProviderSettings settings, SettingsScope scope = SettingsScope.Session)
    {
        ArgumentNullException.ThrowIfNull(settings);
        InpaintProvider changed;
        lock (gate)
        {
            InpaintProvider? known = All.GetValueOrDefault(settings.Name);
            changed = ProviderChange.Apply(settings, known, scope == SettingsScope.User ? ProviderChange.UserSource : ProviderChange.SessionSource, kinds);
            if (settings.Defaults is { } defaults)
            {
                InpaintProvider described = WithCapabilities(changed);
                RequestDefaults.Check(defaults, known?.Defaults ?? changed.Defaults, described, () => KnownModels(described));
                changed = changed with { DefaultsFile = scope == SettingsScope.User ? userSettings.FilePath : null };
            }

            if (scope == SettingsScope.User)
            {
                userDefault = userSettings.Change(stored =>
                {
                    // A provider that was added for this process only must be complete in the file.
                    StoredProvider next = (stored.Providers.GetValueOrDefault(changed.Name) ?? new StoredProvider()).With(settings, changed);
                    _ = Read(next.ToChange(changed.Name), BuiltIn());
                    return stored.With(changed.Name, next).WithDefault(changed.Name, settings.IsDefault);
                }).DefaultProvider;
            }

            All[changed.Name] = changed;
            if (scope == SettingsScope.Session && settings.IsDefault is bool isDefault)
            {
                bool wasDefault = string.Equals(chosenDefault, changed.Name, StringComparison.OrdinalIgnoreCase);
                chosenDefault = isDefault ? changed.Name : wasDefault ? null : chosenDefault;
            }

            changed = Describe(changed, ByDefault());
        }

        OnChanged(changed.Name);
        return changed;
    }

    /// <summary>Removes a provider's settings from this process, or from the user's settings as well. A built-in provider is reset.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="scope">Whether the user's settings are removed, too.</param>
    /// <exception cref="InpaintException">ProviderNotFound; StateUnavailable: the user's settings cannot be read or written.</exception>
    public void Remove(string name, SettingsScope scope = SettingsScope.Session)
    {
        InpaintProvider provider;
        lock (gate)
        {
            provider = Get(name);
            if (scope == SettingsScope.User)
            {
                userDefault = userSettings.Change(stored => stored.With(provider.Name, settings: null).WithDefault(provider.Name, isDefault: false)).DefaultProvider;
            }

            InpaintProvider? remaining = ReadAll().GetValueOrDefault(provider.Name);
            All.Remove(provider.Name);
            if (remaining is not null)
            {
                All[remaining.Name] = remaining;
            }

            if (string.Equals(chosenDefault, provider.Name, StringComparison.OrdinalIgnoreCase))
            {
                chosenDefault = null;
            }
        }

        // Not disposed of: providers that Get returned earlier still hold this key.
        provider.ApiKey?.Dispose();
        OnChanged(provider.Name);
    }

    /// <summary>Forgets every key that was set; all other settings stay.</summary>
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
    internal ProviderDescriptor DescriptorOf(string kind) => ProviderCatalogue.Find(kinds, kind);

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
            return All.TryGetValue(provider ?? "", out InpaintProvider? known) ? new AllowedNetworks([.. known.Endpoints.Values, known.BaseUri]) : AllowedNetworks.None;
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
        Dictionary<string, InpaintProvider> all = BuiltIn();
        StoredSettings stored = userSettings.Read();
        foreach ((string name, StoredProvider settings) in stored.Providers)
        {
            try
            {
                InpaintProvider provider = Read(settings.ToChange(all.GetValueOrDefault(name)?.Name ?? name), all);
                all[provider.Name] = provider;
            }
            catch (InpaintException e)
            {
                throw userSettings.Invalid($"providers.{name}", e);
            }
        }

        userDefault = stored.DefaultProvider;
        return all;
    }

    private Dictionary<string, InpaintProvider> BuiltIn() =>
        kinds.SelectMany(kind => kind.BuiltIn).Select(b => b.Provider with { Sources = ProviderChange.SourcesOf(b.Provider, ProviderChange.BuiltInSource) }).ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>A provider as the user's settings file has it.</summary>
    private InpaintProvider Read(ProviderSettings stored, Dictionary<string, InpaintProvider> known)
    {
        InpaintProvider provider = ProviderChange.Apply(stored, known.GetValueOrDefault(stored.Name), ProviderChange.UserSource, kinds);
        InpaintProvider described = WithCapabilities(provider);
        return provider with { DefaultsFile = stored.Defaults is null ? null : userSettings.FilePath, UnknownDefaults = RequestDefaults.FindUnknown(described, () => KnownModels(described)) };
    }

    private InpaintProvider Describe(InpaintProvider provider, DefaultProvider byDefault)
    {
        string? key = keys.SourceOf(provider);
        string? defaultSource = string.Equals(provider.Name, byDefault.Name, StringComparison.OrdinalIgnoreCase) ? byDefault.Source : null;
        if (descriptions.TryGetValue(provider.Name, out Description? known) && ReferenceEquals(known.Of, provider) && known.KeySource == key && known.DefaultSource == defaultSource)
        {
            return known.Described;
        }

        InpaintProvider result = WithCapabilities(provider) with { IsDefault = defaultSource is not null, KeySource = key, Sources = SourcesOf(provider, key, defaultSource) };
        descriptions[provider.Name] = new Description(provider, key, defaultSource, result);
        return result;
    }

    private static ReadableDictionary<string> SourcesOf(InpaintProvider provider, string? key, string? defaultSource)
    {
        Dictionary<string, string> sources = new(provider.Sources, StringComparer.Ordinal);
        if (key is not null)
        {
            sources["ApiKey"] = provider.ApiKey is not null ? ProviderChange.SessionSource : provider.ApiKeySecret is not null ? sources[nameof(provider.ApiKeySecret)] : key;
        }

        if (defaultSource is not null)
        {
            sources[nameof(provider.IsDefault)] = defaultSource;
        }

        return new ReadableDictionary<string>(sources);
    }

    private InpaintProvider WithCapabilities(InpaintProvider provider)
    {
        ProviderDescriptor kind = DescriptorOf(provider.Kind);

        // The user's price applies where there is no other.
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
                return ByDefault().Source != ProviderChange.BuiltInSource;
            }
        }
    }

    private DefaultProvider ByDefault()
    {
        if (chosenDefault is not null)
        {
            return new DefaultProvider(chosenDefault, ProviderChange.SessionSource);
        }

        if (environment(DefaultVariable)?.Trim() is { Length: > 0 } named)
        {
            return new DefaultProvider(named, DefaultVariable);
        }

        // Reads the user's settings.
        _ = All;
        return userDefault is not null ? new DefaultProvider(userDefault, ProviderChange.UserSource) : new DefaultProvider("Local", ProviderChange.BuiltInSource);
    }

    /// <summary>The default provider's name, and who chose it.</summary>
    private sealed record DefaultProvider(string Name, string Source);

    /// <summary>A provider as it was described, and what that was made of.</summary>
    private sealed record Description(InpaintProvider Of, string? KeySource, string? DefaultSource, InpaintProvider Described);
}
