using System.Text.Json;
using System.Text.Json.Serialization;
using Inpaint.Files;

namespace Inpaint.Providers;

/// <summary>
/// What a user has set for all sessions, in one JSON file that people may edit: everything but keys. It is read when it is needed and written whole; of two processes that write at
/// once, the later one's file stays.
/// </summary>
internal sealed class UserSettings(Func<string?> folder)
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "INPAINT_CONFIG";

    private const string FileName = "settings.json";

    /// <summary>The folder: <see cref="Variable"/>, else the platform's folder for settings (APPDATA on Windows, Library/Application Support on macOS, XDG_CONFIG_HOME or ~/.config elsewhere).</summary>
    /// <param name="environment">Reads environment variables.</param>
    /// <returns>The folder, which need not exist.</returns>
    public static string FindFolder(Func<string, string?> environment)
    {
        if (environment(Variable) is { Length: > 0 } chosen)
        {
            return Path.GetFullPath(chosen);
        }

        if (OperatingSystem.IsWindows())
        {
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "Inpaint");
        }

        string profile = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsMacOS() ? Path.Combine(profile, "Library", "Application Support", "Inpaint")
            : Path.Combine(environment("XDG_CONFIG_HOME") is { Length: > 0 } config ? config : Path.Combine(profile, ".config"), "inpaint");
    }

    /// <summary>Reads the file.</summary>
    /// <returns>What stands in it; nothing where there is no file, or no folder.</returns>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be read.</exception>
    public StoredSettings Read()
    {
        if (PathOf() is not { } path)
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

    /// <summary>Writes the file.</summary>
    /// <param name="settings">What is to stand in it.</param>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written, or this engine keeps no settings.</exception>
    public void Write(StoredSettings settings)
    {
        string path = PathOf() ?? throw new InpaintException(InpaintErrorId.StateUnavailable, "This engine keeps no settings: it was made without a folder for them.");
        try
        {
            PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
            PrivateFiles.Write(path, stream => JsonSerializer.Serialize(stream, settings, StoredSettingsJson.Default.StoredSettings));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InpaintException(InpaintErrorId.StateUnavailable, $"The settings cannot be written to '{path}': {e.Message}", e);
        }
    }

    private string? PathOf() => folder() is { } found ? Path.Combine(found, FileName) : null;
}

/// <summary>The content of the settings file.</summary>
internal sealed record StoredSettings
{
    /// <summary>The default provider.</summary>
    public string? DefaultProvider { get; init; }

    /// <summary>The settings of providers that were changed or added, by name.</summary>
    public Dictionary<string, StoredProvider> Providers { get; init; } = new(StringComparer.OrdinalIgnoreCase);
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
        Defaults = Defaults?.ToDictionary(entry => entry.Key, entry => (object?)entry.Value.ToString(), StringComparer.OrdinalIgnoreCase),
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
                merged[name] = JsonSerializer.SerializeToElement(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!, StoredSettingsJson.Default.String);
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
