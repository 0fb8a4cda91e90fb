using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Binding;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>What all commands share that ask for pictures: the parameters of a request.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RequestCommand : RowCommand
{
    /// <summary>What the repainted part shall not show.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    public string? NegativePrompt { get; set; }

    /// <summary>The provider; the default one when not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string? Provider { get; set; }

    /// <summary>The provider's id of the model.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Model { get; set; }

    /// <summary>Number of denoising steps.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(int))]
    public int? Steps { get; set; }

    /// <summary>Guidance scale.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(double))]
    public double? GuidanceScale { get; set; }

    /// <summary>Number of pictures to make.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(int))]
    public int? Count { get; set; }

    /// <summary>Seed, 64-bit.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(long))]
    public long? Seed { get; set; }

    /// <summary>Size of the picture to be made: a preset or WIDTHxHEIGHT.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    [ArgumentCompleter(typeof(SizeCompleter))]
    public string? Size { get; set; }

    /// <summary>File format of the answer.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? OutputFormat { get; set; }

    /// <summary>Asks the provider not to run its safety checker.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(SwitchParameter))]
    public SwitchParameter NoSafetyChecker { get; set; }

    /// <summary>LoRAs to merge into the model.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [LoraWeightTransformation]
    public LoraWeight[]? Lora { get; set; }

    /// <summary>Acceleration level.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Acceleration { get; set; }

    /// <summary>Scheduler.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Scheduler { get; set; }

    /// <summary>Where the provider shall post the result.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(Uri))]
    public Uri? WebhookUri { get; set; }

    /// <summary>Parameters that only the chosen provider has, by the names that Get-InpaintProvider lists.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [FieldsTransformation]
    [ArgumentCompleter(typeof(OptionCompleter))]
    public IDictionary? Option { get; set; }

    /// <summary>Fields added to the request's body as they are.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [FieldsTransformation]
    public IDictionary? AdditionalBody { get; set; }

    /// <summary>Asks for the pictures inside the answer, so that the provider does not keep them.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(SwitchParameter))]
    public SwitchParameter InlineResult { get; set; }

    /// <summary>Queue priority.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Priority { get; set; }

    /// <summary>How long the provider may take to start, in seconds; it gives up afterwards.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(int), Minimum = 1, Maximum = TimeLimit.MaximumSeconds)]
    public int? StartTimeoutSec { get; set; }

    /// <summary>What this command makes of the present input.</summary>
    private protected abstract InpaintRequest CreateRequest();

    /// <summary>The fields that all operations have.</summary>
    private protected InpaintRequest CommonRequest(InpaintOperation operation, string? prompt) => new()
    {
        Operation = operation,
        Prompt = Given(nameof(InpaintRequest.Prompt), prompt),
        NegativePrompt = Given(nameof(NegativePrompt), NegativePrompt),
        Provider = Given(nameof(Provider), Provider),
        Model = Given(nameof(Model), Model),
        Steps = Given(nameof(Steps), Steps),
        GuidanceScale = Given(nameof(GuidanceScale), GuidanceScale),
        Count = Given(nameof(Count), Count),
        Seed = Given(nameof(Seed), Seed),
        Size = Given(nameof(Size), Size) is string size ? ImageSize.Parse(size) : null,
        OutputFormat = Given(nameof(OutputFormat), OutputFormat),
        SafetyChecker = IsGiven(nameof(NoSafetyChecker)) ? !NoSafetyChecker.IsPresent : null,
        Loras = Given(nameof(Lora), Lora) ?? [],
        Acceleration = Given(nameof(Acceleration), Acceleration),
        Scheduler = Given(nameof(Scheduler), Scheduler),
        WebhookUri = Given(nameof(WebhookUri), WebhookUri),
        Options = OptionsOf(Given(nameof(Option), Option)),
        AdditionalBody = (JsonObject?)PlainObjects.ToJson(Given(nameof(AdditionalBody), AdditionalBody), nameof(AdditionalBody)),
        InlineResult = Given(nameof(InlineResult), InlineResult.IsPresent),
        Priority = Given(nameof(Priority), Priority),
        StartTimeout = Given(nameof(StartTimeoutSec), StartTimeoutSec) is int seconds ? TimeSpan.FromSeconds(seconds) : null,
        Columns = ReadColumns(),
    };

    internal static Dictionary<string, object> OptionsOf(IDictionary? given)
    {
        Dictionary<string, object> options = new(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in given ?? new Hashtable())
        {
            // An option without a value is one that was not given.
            if (PSObject.AsPSObject(entry.Value ?? "").BaseObject is { } value and not "")
            {
                options[entry.Key.ToString()!] = value switch
                {
                    SwitchParameter flag => flag.IsPresent,
                    JsonValue read => read.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? read.GetValue<bool>() : read.ToString(),
                    IDictionary or (IEnumerable and not string) => PlainObjects.ToJson(value, nameof(Option))!,
                    _ => value,
                };
            }
        }

        return options;
    }
}
