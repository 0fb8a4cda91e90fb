using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Inpaint.Files;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.Fal.Models;

/// <summary>
/// fal's descriptions of its models, kept in the state folder: a file for each model below a folder for each provider and base URL. A file that cannot be read or written is as
/// good as none, because the description can be fetched again.
/// </summary>
internal sealed class FalModelCache
{
    private static volatile ReadFile? known;

    private readonly string folder;

    /// <summary>Names the folder; nothing is read or made.</summary>
    /// <param name="stateFolder">The state folder.</param>
    /// <param name="provider">The provider: prices are those of an account, and what a proxy offers need not be what fal does.</param>
    public FalModelCache(string stateFolder, InpaintProvider provider)
    {
        string identity = $"{provider.Name.ToUpperInvariant()}\n{provider.Endpoints.GetValueOrDefault(FalEndpoints.PlatformName) ?? provider.BaseUri}";
        folder = Path.Combine(stateFolder, "models", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..16]);
    }

    /// <summary>Reads what is known of a model.</summary>
    /// <param name="id">The endpoint's id.</param>
    /// <returns>The record; null for none.</returns>
    public FalModelRecord? Find(string id) => Read(FileOf(id)) is { } record && record.Id == id ? record : null;

    /// <summary>Reads what is known of all models.</summary>
    /// <returns>The records, in no order.</returns>
    public IEnumerable<FalModelRecord> All() => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json").Select(Read).OfType<FalModelRecord>() : [];

    /// <summary>Keeps what is known of a model.</summary>
    /// <param name="record">The record.</param>
    public void Keep(FalModelRecord record)
    {
        try
        {
            PrivateFiles.Write(FileOf(record.Id), stream => JsonSerializer.Serialize(stream, record, FalModelRecordJson.Default.FalModelRecord));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is fetched again.
        }
    }

    // Ids that differ in case alone would share a file where names do not mind it; the record says whose it is.
    private string FileOf(string id) => Path.Combine(folder, id.Replace('/', '+') + ".json");

    /// <summary>Reads a file, once for each of its versions: every job of a batch asks for the same model.</summary>
    private static FalModelRecord? Read(string path)
    {
        try
        {
            FileInfo file = new(path);
            if (!file.Exists)
            {
                return null;
            }

            (DateTime, long) version = (file.LastWriteTimeUtc, file.Length);
            if (known is { } last && last.Path == path && last.Version == version)
            {
                return last.Record;
            }

            FalModelRecord? record = Parse(path);
            known = new ReadFile(path, version, record);
            return record;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static FalModelRecord? Parse(string path)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return stream.Length > FalOpenApi.MaxDocumentLength ? null : JsonSerializer.Deserialize(stream, FalModelRecordJson.Default.FalModelRecord);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private sealed record ReadFile(string Path, (DateTime, long) Version, FalModelRecord? Record);
}

/// <summary>What fal has said about a model, and when: its entry in the list of models, its input and its price. Each may be missing.</summary>
internal sealed record FalModelRecord
{
    /// <summary>The endpoint's id.</summary>
    public required string Id { get; init; }

    /// <summary>Its display name.</summary>
    public string? Title { get; init; }

    /// <summary>fal's category, such as <c>image-to-image</c>.</summary>
    public string? Category { get; init; }

    /// <summary>fal's description of it.</summary>
    public string? Description { get; init; }

    /// <summary>Whether it is still offered, in fal's words, such as <c>active</c> or <c>deprecated</c>.</summary>
    public string? Status { get; init; }

    /// <summary>When fal last changed it.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>The fields of its input.</summary>
    public FalModel? Model { get; init; }

    /// <summary>When the description of its input was fetched.</summary>
    public DateTimeOffset? DescribedAt { get; init; }

    /// <summary>The price of a unit, including the account's discounts.</summary>
    public InpaintPrice? Price { get; init; }

    /// <summary>When the price was fetched; fal may have stated none.</summary>
    public DateTimeOffset? PricedAt { get; init; }
}

/// <summary>The JSON of the records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(FalModelRecord))]
internal sealed partial class FalModelRecordJson : JsonSerializerContext;
