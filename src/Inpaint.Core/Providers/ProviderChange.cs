using System.Security;
using Inpaint.Http;
using Inpaint.Planning;

namespace Inpaint.Providers;

/// <summary>Checks settings, applies them to a provider, and records the source of each.</summary>
internal static class ProviderChange
{
    /// <summary>The source of settings that nobody has changed.</summary>
    public const string BuiltInSource = "built-in";

    /// <summary>The source of settings that are stored for the user.</summary>
    public const string UserSource = "user";

    /// <summary>The source of settings of this process.</summary>
    public const string SessionSource = "session";

    public static ReadableDictionary<string> SourcesOf(InpaintProvider provider, string source) =>
        new(new Dictionary<string, string>(new[] { (nameof(provider.BaseUri), provider.BaseUri is not null), (nameof(provider.Endpoints), provider.Endpoints.Count > 0) }.Where(p => p.Item2).Select(p => KeyValuePair.Create(p.Item1, source))));

    private static ReadableDictionary<string> SourcesAfter(InpaintProvider known, ProviderSettings change, string source)
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

        return new ReadableDictionary<string>(sources);
    }

    private static void EnsureValues(ProviderSettings settings, string source)
    {
        if (source == UserSource && settings.ApiKey is not null)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"The key of {settings.Name} cannot be stored: a key is never written to disk. Nothing was changed.")
            {
                Parameter = nameof(settings.ApiKey),
                RecommendedAction = "Name a secret of a secret store, use an environment variable, or set the key for this session alone.",
            };
        }

        if (settings is { PricePerImage: not null, PricePerMegapixel: not null })
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, "PricePerImage and PricePerMegapixel cannot both be set. Set one of them.") { Parameter = nameof(settings.PricePerMegapixel) };
        }

        if ((settings.PricePerImage ?? settings.PricePerMegapixel) is { } price && price is (< 0 or > 10_000))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, FormattableString.Invariant($"A price of {price} is out of range: 0 to 10000 US dollars.")) { Parameter = settings.PricePerImage is null ? nameof(settings.PricePerMegapixel) : nameof(settings.PricePerImage) };
        }

        if (settings.AuthScheme is { Length: > 0 } scheme && !scheme.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{scheme}' is not a valid authentication scheme: it must be one word, such as Bearer or Key.") { Parameter = nameof(settings.AuthScheme) };
        }

        foreach ((string name, object? value) in settings.Defaults ?? new Dictionary<string, object?>())
        {
            if (value is not null and not "" && !RequestDefaults.CanBe(name, value))
            {
                throw new InpaintException(InpaintErrorId.InvalidParameter, RequestDefaults.NotParsed(name, value)) { Parameter = nameof(settings.Defaults) };
            }
        }
    }

    /// <summary>Checks settings and applies them.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="known">The provider that they change; null for a new one.</param>
    /// <param name="source">Where they come from.</param>
    /// <param name="kinds">The kinds of providers.</param>
    /// <exception cref="InpaintException">InvalidParameter, ProviderNotFound, InsecureTransport: as for <see cref="ProviderRegistry.Set"/>.</exception>
    public static InpaintProvider Apply(ProviderSettings settings, InpaintProvider? known, string source, IReadOnlyList<ProviderDescriptor> kinds)
    {
        EnsureName(settings.Name);
        EnsureValues(settings, source);
        if (known is null)
        {
            ProviderDescriptor kind = ProviderCatalogue.Find(kinds, settings.Kind
                ?? throw new InpaintException(InpaintErrorId.ProviderNotFound, $"There is no provider '{settings.Name}'. To add it, set its Kind: {string.Join(", ", kinds.Select(kind => kind.Kind))}.") { Parameter = nameof(settings.Kind) });
            if (kind.NeedsBaseUri && settings.BaseUri is null)
            {
                throw new InpaintException(InpaintErrorId.InvalidParameter, $"Provider '{settings.Name}' needs the base URL of its service. Set BaseUri.") { Parameter = nameof(settings.BaseUri) };
            }

            known = new InpaintProvider(settings.Name, kind.Kind);
        }
        else if (settings.Kind is { } other && ProviderCatalogue.Find(kinds, other).Kind != known.Kind)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"Provider '{known.Name}' is of kind {known.Kind}; it cannot become {other}. Choose another name.") { Parameter = nameof(settings.Kind) };
        }

        if (settings.Endpoints.Keys.FirstOrDefault(name => !ProviderCatalogue.Find(kinds, known.Kind).Endpoints.Contains(name, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"Provider '{known.Name}' has no endpoint '{unknown}': everything of a provider of kind {known.Kind} is below its base URL.") { Parameter = unknown };
        }

        Dictionary<string, Uri> endpoints = new(settings.BaseUri is null ? known.Endpoints : settings.Endpoints, StringComparer.OrdinalIgnoreCase);
        foreach ((string name, Uri endpoint) in settings.Endpoints)
        {
            endpoints[name] = endpoint;
        }

        InpaintProvider changed = known with
        {
            BaseUri = settings.BaseUri ?? known.BaseUri,
            Endpoints = new ReadableDictionary<Uri>(endpoints),
            Model = settings.Model ?? known.Model,
            AuthScheme = settings.AuthScheme ?? known.AuthScheme,
            Price = settings.PricePerImage is { } image ? new InpaintPrice(image, "image") : settings.PricePerMegapixel is { } megapixel ? new InpaintPrice(megapixel, "megapixel") : known.Price,
            Defaults = settings.Defaults is null ? known.Defaults : Merged(known.Defaults, settings.Defaults),
            ApiKeySecret = settings.ApiKeySecret is null ? known.ApiKeySecret : settings.ApiKeySecret.Length == 0 ? null : settings.ApiKeySecret,
            ApiKeyVault = settings.ApiKeySecret is null ? known.ApiKeyVault : settings.ApiKeyVault,
            Sources = SourcesAfter(known, settings, source),
            ApiKey = settings.ApiKey is not null ? OwnCopy(settings.ApiKey) : settings.ApiKeySecret is { Length: > 0 } ? null : known.ApiKey,
        };
        foreach ((string property, Uri uri) in changed.BaseUris)
        {
            EnsureBaseUri(changed.Name, property, uri);
        }

        return changed;
    }

    private static ReadableDictionary<object> Merged(IReadOnlyDictionary<string, object> known, IReadOnlyDictionary<string, object?> change)
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

        return new ReadableDictionary<object>(merged);
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

    /// <summary>Refuses invalid names: a name becomes part of messages and of an environment variable's name.</summary>
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
}
