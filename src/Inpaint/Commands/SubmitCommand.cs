using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using System.Security;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Binding;
using Inpaint.Engine;
using Inpaint.Journal;
using Inpaint.Loading;
using Inpaint.Pipeline;
using Inpaint.Planning;

namespace Inpaint;

/// <summary>What all commands share that make jobs: who makes them, what they may cost, and the throttled batch.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class SubmitCommand : RowCommand
{
    /// <summary>The provider; the default one when not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string? Provider { get; set; }

    /// <summary>The provider's id of the model.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Model { get; set; }

    /// <summary>Parameters that only the chosen provider has, by the names that Get-InpaintProvider lists.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [FieldsTransformation]
    [ArgumentCompleter(typeof(OptionCompleter))]
    public IDictionary? Option { get; set; }

    /// <summary>The key, when it is not the one set with Set-InpaintProvider or found in the environment.</summary>
    [Parameter]
    [SecureStringTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public SecureString? ApiKey { get; set; }

    /// <summary>How many jobs may be under way at once; as many as suit the provider when not given.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int ThrottleLimit { get; set; }

    /// <summary>What all jobs of this command together may cost at most, in US dollars.</summary>
    [Parameter]
    [BlankIsNull(typeof(decimal), Minimum = 0, Maximum = int.MaxValue)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public decimal? MaximumCost { get; set; }

    /// <summary>What a job counts for that cannot be estimated beforehand, in US dollars.</summary>
    [Parameter]
    [BlankIsNull(typeof(decimal), Minimum = 0, Maximum = int.MaxValue)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public decimal? AssumedCost { get; set; }

    /// <summary>How often a call that was refused is repeated at most; when not given, room at a busy provider is waited for.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? MaximumRetryCount { get; set; }

    /// <summary>The pause before a call is repeated, in seconds, unless the provider asks for another one.</summary>
    [Parameter]
    [ValidateRange(1, TimeLimit.MaximumSeconds)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? RetryIntervalSec { get; set; }

    /// <summary>Attaches to a job that was made for the same request before, instead of paying for another.</summary>
    [Parameter]
    public SwitchParameter Resume { get; set; }

    private protected override int ConcurrencyLimit => ThrottleLimit > 0 ? ThrottleLimit : Batch.JobsAtOnce;

    /// <summary>The key, and whose it is.</summary>
    private protected CommandKey Key { get; private set; } = null!;

    /// <summary>The jobs to attach to; null when every request is to be paid for.</summary>
    private protected JobResumption? Resumption { get; private set; }

    /// <summary>The jobs of this command.</summary>
    private protected PaidBatch Batch { get; private set; } = null!;

    /// <summary>The options that only the chosen provider has, as they are sent.</summary>
    private protected IReadOnlyDictionary<string, object> ReadOptions() => OptionsOf(Given(nameof(Option), Option));

    /// <summary>How the job of a plan is carried out.</summary>
    private protected RunOptions OptionsFor(RequestPlan plan, IProgress<JobEvent> events) => new()
    {
        ApiKey = Key.For(plan.Provider.Name),
        Events = Jobs.Watch(plan.SourceName, events, isOwn: true),
        Resumption = Resumption,
        Retry = MaximumRetryCount is null && RetryIntervalSec is null
            ? null
            : new RetryLimits(MaximumRetryCount, RetryIntervalSec is int seconds ? TimeSpan.FromSeconds(seconds) : null),
    };

    /// <summary>How a job that was made before is collected.</summary>
    private protected RunOptions OptionsFor(InpaintJob job, TimeSpan? limit, IProgress<JobEvent> events) => new() { Timeout = limit, Events = Jobs.Watch(Pipeline.ItemName.Of(job)!, events, isOwn: false), ApiKey = Key.For(job.Provider) };

    private protected override void Begin()
    {
        Key = TakeKey(ApiKey, IsNamed(nameof(Provider)) ? Provider : null);
        Resumption = Resume ? ModuleEngine.Shared.FindResumable(WriteWarning) : null;
        Batch = new PaidBatch(this, Key, Resumption, MaximumCost, AssumedCost);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        SettleKey(Key);
        Batch.Complete();
        base.EndProcessing();
        Batch.EndWhatIf();
    }

    private static Dictionary<string, object> OptionsOf(IDictionary? given)
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
                    IDictionary or (IEnumerable and not string) => PSObjectConverter.ToJson(value, nameof(Option))!,
                    _ => value,
                };
            }
        }

        return options;
    }
}
