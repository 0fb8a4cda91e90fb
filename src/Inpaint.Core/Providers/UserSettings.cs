using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Inpaint.Files;

namespace Inpaint.Providers;

/// <summary>
/// What a user has set for all sessions, in one JSON file that people may edit: everything but keys. It is read when it is needed and written whole. Changes
/// are serialized across processes, and each is made to what the file says by then, so that no process undoes what another has changed.
/// </summary>
internal sealed class UserSettings(Func<string?> folder)
{
    private const string FileName = "settings.json";

    /// <summary>The file; null where there is no folder.</summary>
    public string? FilePath => folder() is { } found ? Path.Combine(found, FileName) : null;

    /// <summary>Says what is wrong in the file.</summary>
    /// <param name="key">The key.</param>
    /// <param name="reason">What is wrong with its value.</param>
    /// <returns>The error, with the file and the key.</returns>
    public InpaintException Invalid(string key, InpaintException reason) =>
        new(InpaintErrorId.StateUnavailable, $"The settings in '{FilePath}' cannot be used: {key}: {reason.Message}", reason) { RecommendedAction = "Correct the file, or delete it to start without settings." };

    /// <summary>Reads the file.</summary>
    /// <returns>What stands in it; nothing where there is no file, or no folder.</returns>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be read.</exception>
    public StoredSettings Read()
    {
        if (FilePath is not { } path)
        {
            return new StoredSettings();
        }

        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return JsonSerializer.Deserialize(stream, StoredSettingsJson.Default.StoredSettings) ?? new StoredSettings();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new StoredSettings();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InpaintException(InpaintErrorId.StateUnavailable, $"The settings in '{path}' cannot be read: {e.Message}", e) { RecommendedAction = "Correct the file, or delete it to start without settings." };
        }
    }

    /// <summary>Changes the file.</summary>
    /// <param name="change">Makes the new content from the present one.</param>
    /// <returns>The new content.</returns>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be read or written, or this engine keeps no settings.</exception>
    public StoredSettings Change(Func<StoredSettings, StoredSettings> change)
    {
        string path = FilePath ?? throw new InpaintException(InpaintErrorId.StateUnavailable, "This engine keeps no settings: it was made without a folder for them.");
        try
        {
            using FileLock own = FileLock.Take(Path.ChangeExtension(path, ".lock"));
            StoredSettings changed = change(Read());
            PrivateFiles.Write(path, stream => JsonSerializer.Serialize(stream, changed, StoredSettingsJson.Default.StoredSettings));
            return changed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InpaintException(InpaintErrorId.StateUnavailable, $"The settings cannot be written to '{path}': {e.Message}", e);
        }
    }
}

/// <summary>The content of the settings file.</summary>
internal sealed record StoredSettings
{
    /// <summary>The default provider.</summary>
    public string? DefaultProvider { get; init; }

    /// <summary>The settings of providers that were changed or added, by name.</summary>
    public Dictionary<string, StoredProvider> Providers { get; init => field = new(value ?? [], StringComparer.OrdinalIgnoreCase); } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns these settings with those of a provider replaced.</summary>
    /// <param name="name">The provider's name.</param>
    /// <param name="settings">Its settings; null to remove them.</param>
    public StoredSettings With(string name, StoredProvider? settings)
    {
        Dictionary<string, StoredProvider> providers = new(Providers, StringComparer.OrdinalIgnoreCase);
        providers.Remove(name);
        if (settings is not null)
        {
            providers[name] = settings;
        }

        return this with { Providers = providers };
    }

    /// <summary>Returns these settings with the default provider set or cleared.</summary>
    /// <param name="name">The provider's name.</param>
    /// <param name="isDefault">Whether it is; null to leave that as it is.</param>
    public StoredSettings WithDefault(string name, bool? isDefault) => isDefault switch
    {
        true => this with { DefaultProvider = name },
        false when string.Equals(DefaultProvider, name, StringComparison.OrdinalIgnoreCase) => this with { DefaultProvider = null },
        _ => this,
    };
}

/// <summary>The settings of one provider in the file.</summary>
internal sealed record StoredProvider
{
    public string? Kind { get; init; }

    public Uri? BaseUri { get; init; }

    public Dictionary<string, Uri>? Endpoints { get; init; }

    public string? Model { get; init; }

    public string? AuthScheme { get; init; }

    public decimal? PricePerImage { get; init; }

    public decimal? PricePerMegapixel { get; init; }

    public string? ApiKeySecret { get; init; }

    public string? ApiKeyVault { get; init; }

    public Dictionary<string, JsonElement>? Defaults { get; init; }

    /// <summary>Converts the settings to a change.</summary>
    /// <param name="name">The provider's name.</param>
    public ProviderSettings ToChange(string name) => new()
    {
        Name = name,
        Kind = Kind,
        BaseUri = BaseUri,
        Endpoints = Endpoints ?? [],
        Model = Model,
        AuthScheme = AuthScheme,
        PricePerImage = PricePerImage,
        PricePerMegapixel = PricePerMegapixel,
        ApiKeySecret = ApiKeySecret,
        ApiKeyVault = ApiKeyVault,
        Defaults = Defaults?.ToDictionary(entry => entry.Key, entry => ValueOf(entry.Value), StringComparer.OrdinalIgnoreCase),
    };

    /// <summary>Applies a change to the settings.</summary>
    /// <param name="change">The change.</param>
    /// <param name="changed">The provider after the change.</param>
    public StoredProvider With(ProviderSettings change, InpaintProvider changed) => new()
    {
        Kind = changed.Kind,
        BaseUri = change.BaseUri ?? BaseUri,
        Endpoints = change.BaseUri is null ? Merged(Endpoints, change.Endpoints) : Merged(null, change.Endpoints),
        Model = change.Model ?? Model,
        AuthScheme = change.AuthScheme ?? AuthScheme,
        PricePerImage = change.PricePerImage ?? (change.PricePerMegapixel is null ? PricePerImage : null),
        PricePerMegapixel = change.PricePerMegapixel ?? (change.PricePerImage is null ? PricePerMegapixel : null),
        ApiKeySecret = change.ApiKeySecret ?? ApiKeySecret,
        ApiKeyVault = change.ApiKeySecret is null ? ApiKeyVault : change.ApiKeyVault,
        Defaults = change.Defaults is null ? Defaults : Merged(Defaults, change.Defaults),
    };

    private static object? ValueOf(JsonElement value) => value.ValueKind is JsonValueKind.Array or JsonValueKind.Object ? JsonNode.Parse(value.GetRawText()) : (object)value.ToString();

    private static Dictionary<string, Uri>? Merged(Dictionary<string, Uri>? known, IReadOnlyDictionary<string, Uri> change)
    {
        Dictionary<string, Uri> merged = new(known ?? [], StringComparer.OrdinalIgnoreCase);
        foreach ((string name, Uri uri) in change)
        {
            merged[name] = uri;
        }

        return merged.Count == 0 ? null : merged;
    }

    private static Dictionary<string, JsonElement>? Merged(Dictionary<string, JsonElement>? known, IReadOnlyDictionary<string, object?> change)
    {
        Dictionary<string, JsonElement> merged = new(known ?? [], StringComparer.OrdinalIgnoreCase);
        foreach ((string name, object? value) in change)
        {
            merged.Remove(name);
            if (value is not null and not "")
            {
                merged[name] = value is JsonNode node ? JsonElement.Parse(node.ToJsonString()) : JsonSerializer.SerializeToElement(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!, StoredSettingsJson.Default.String);
            }
        }

        return merged.Count == 0 ? null : merged;
    }
}

/// <summary>The JSON format of the file.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(StoredSettings))]
[JsonSerializable(typeof(string))]
internal sealed partial class StoredSettingsJson : JsonSerializerContext;
