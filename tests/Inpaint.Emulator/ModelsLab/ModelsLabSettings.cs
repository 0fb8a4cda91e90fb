namespace Inpaint.Emulator.ModelsLab;

/// <summary>How an id is written.</summary>
public enum ModelsLabIdForm
{
    /// <summary>As a number, as the schema says.</summary>
    Number,

    /// <summary>As a string.</summary>
    Text,
}

/// <summary>How finished pictures are told.</summary>
public enum ModelsLabOutputForm
{
    /// <summary>An array of URLs, as the schema says.</summary>
    Array,

    /// <summary>An object whose members are URLs.</summary>
    Members,

    /// <summary>An empty array, and the URLs in <c>proxy_links</c>.</summary>
    ProxyLinks,

    /// <summary>An empty array, and the URLs as members of a <c>proxy_links</c> object.</summary>
    ProxyLinkMembers,

    /// <summary>URLs ending in <c>.base64</c> whose bodies are base64 text; also chosen by the input's <c>base64</c>.</summary>
    Base64Links,

    /// <summary>Data URIs.</summary>
    DataUris,

    /// <summary>Base64 text without any prefix.</summary>
    BareBase64,
}

/// <summary>How the emulated ModelsLab behaves where its documents contradict each other or reports differ.</summary>
public sealed class ModelsLabSettings
{
    /// <summary>The keys that are accepted in the body.</summary>
    public ISet<string> Keys { get; } = new HashSet<string>(StringComparer.Ordinal) { "test-key" };

    /// <summary>The models that exist.</summary>
    public ISet<string> Models { get; } = new HashSet<string>(StringComparer.Ordinal) { "lazymixv4-inpaint", "v51_inpainting", "fluxdev", "flux" };

    /// <summary>The account has nothing left: 402.</summary>
    public bool IsOutOfCredit { get; set; }

    /// <summary>The plan lacks the feature: 403.</summary>
    public bool LacksPlan { get; set; }

    /// <summary>Errors come as HTTP 200 with <c>"status":"error"</c>, as older parts of the service do.</summary>
    public bool HidesErrorStatus { get; set; }

    /// <summary>The error text is in <c>messege</c>, as it really is in places.</summary>
    public bool MisspellsMessage { get; set; }

    /// <summary>Unfinished requests that an account may have.</summary>
    public int QueueLimit { get; set; } = 5;

    /// <summary>An identical submit is refused for this long; zero accepts it.</summary>
    public TimeSpan DuplicateWindow { get; set; }

    /// <summary>How long an unfinished request is said to take.</summary>
    public TimeSpan Eta { get; set; } = TimeSpan.FromSeconds(20.5);

    /// <summary>The most steps that are made; more is silently less.</summary>
    public int MaximumSteps { get; set; } = 20;

    /// <summary>How ids are written.</summary>
    public ModelsLabIdForm Ids { get; set; }

    /// <summary>How pictures are told.</summary>
    public ModelsLabOutputForm Outputs { get; set; }

    /// <summary>The success answer of a fetch has no <c>meta</c>, and so no seed.</summary>
    public bool OmitsMeta { get; set; }

    /// <summary>The base of <c>fetch_result</c>, when it is not the server's own; for tests of foreign hosts.</summary>
    public string? FetchBase { get; set; }
}
