using System.Text.Json;
using System.Text.Json.Serialization;
using Inpaint.Emulator;
using Inpaint.Emulator.Recording;
using Inpaint.Providers;
using Inpaint.Tests.Providers.Fal;
using Inpaint.Tests.Providers.Sample;
using Xunit;

namespace Inpaint.Tests.Providers;

/// <summary>A provider that the tables of tests run through, with what is its own: an entry of tests/providers-under-test.json.</summary>
public sealed record ProviderUnderTest
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public required string Name { get; init; }

    public required string Kind { get; init; }

    /// <summary>The key that the emulator accepts.</summary>
    public required string Key { get; init; }

    /// <summary>Its base URLs: a property of <see cref="ProviderSettings"/> and the emulator's path.</summary>
    public required IReadOnlyDictionary<string, string> Uris { get; init; }

    /// <summary>The format of what it makes.</summary>
    public required PictureFormat Output { get; init; }

    /// <summary>What stopping a queued job does.</summary>
    public required StopOutcome StopOutcome { get; init; }

    /// <summary>A prompt at which the emulated model fails.</summary>
    public required string FailingPrompt { get; init; }

    /// <summary>How it fails.</summary>
    public required InpaintErrorId Failure { get; init; }

    /// <summary>The fields of the body that the service's own document names, for each operation.</summary>
    public required IReadOnlyDictionary<InpaintOperation, string> Documented { get; init; }

    /// <summary>
    /// Where each parameter stands in a request, by the service's own document: written down here a second time, so that a field that is renamed or lost in the code is noticed.
    /// A parameter that is new and has no place here fails its row of the table.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Fields { get; init; }

    internal ProviderDescriptor Descriptor => ProvidersUnderTest.Kinds.First(kind => kind.Kind == Kind);

    public static IReadOnlyList<ProviderUnderTest> ReadAll() =>
        JsonSerializer.Deserialize<ProviderUnderTest[]>(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests", "providers-under-test.json")), Json)!;

    /// <summary>Points the provider to the emulator.</summary>
    public ProviderSettings Settings(EmulatorServer server, string? key = null) => new()
    {
        Name = Name,
        BaseUri = At(server, nameof(ProviderSettings.BaseUri)),
        Endpoints = Uris.Keys.Where(name => name != nameof(ProviderSettings.BaseUri)).ToDictionary(name => name[..^"Uri".Length], name => At(server, name)!),
        ApiKey = FalClientTest.Secure(key ?? Key),
    };

    /// <summary>Where a parameter stands: a kind of place and a name.</summary>
    public string PlaceOf(string parameter) =>
        Fields.GetValueOrDefault(parameter) ?? throw new InvalidOperationException($"Nobody has written down where {Name}'s document wants {parameter}: add it to tests/providers-under-test.json.");

    /// <summary>Reads what stands at a place.</summary>
    public static string? Read(RecordedRequest request, string place)
    {
        string name = place[(place.IndexOf(' ', StringComparison.Ordinal) + 1)..];
        return place.Split(' ')[0] switch
        {
            "body" => request.BodyJson!.TryGetPropertyValue(name, out System.Text.Json.Nodes.JsonNode? value) ? value?.ToJsonString() : null,
            "query" => request.Query.TrimStart('?').Split('&').FirstOrDefault(part => part.StartsWith(name + "=", StringComparison.Ordinal)),
            "header" => request.Headers.FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value,
            _ => request.Path.Contains(name, StringComparison.Ordinal) ? name : null,
        };
    }

    private Uri? At(EmulatorServer server, string property) => Uris.TryGetValue(property, out string? path) ? new Uri(server.BaseUri, path) : null;
}

/// <summary>The one list of providers under test: those of the file, and a sample that is a folder beside this file.</summary>
internal static class ProvidersUnderTest
{
    public static IReadOnlyList<ProviderDescriptor> Kinds { get; } = [.. ProviderCatalogue.Kinds, SampleClient.Descriptor];

    public static IReadOnlyList<ProviderUnderTest> All { get; } = [.. ProviderUnderTest.ReadAll(), SampleService.UnderTest];

    public static TheoryData<string> Names => [.. All.Select(provider => provider.Name)];

    public static ProviderUnderTest Get(string name) => All.First(provider => provider.Name == name);
}
