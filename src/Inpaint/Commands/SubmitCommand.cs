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

/// <summary>The base of the commands that submit jobs: provider, cost limits, and the throttled batch.</summary>
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

    /// <summary>Parameters that only the chosen provider has, under the names that Get-InpaintProvider lists.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [FieldsTransformation]
    [ArgumentCompleter(typeof(OptionCompleter))]
    public IDictionary? Option { get; set; }

    /// <summary>The key, when not the one set with Set-InpaintProvider or found in the environment.</summary>
    [Parameter]
    [SecureStringTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public SecureString? ApiKey { get; set; }

    /// <summary>The maximum number of simultaneous jobs; when not given, what suits the provider.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int ThrottleLimit { get; set; }

    /// <summary>The maximum cost of all jobs of this command, in US dollars.</summary>
    [Parameter]
    [BlankIsNull(typeof(decimal), Minimum = 0, Maximum = int.MaxValue)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public decimal? MaximumCost { get; set; }

    /// <summary>The cost that is assumed for a job that cannot be estimated, in US dollars.</summary>
    [Parameter]
    [BlankIsNull(typeof(decimal), Minimum = 0, Maximum = int.MaxValue)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public decimal? AssumedCost { get; set; }

    /// <summary>The maximum number of retries of a refused call; when not given, the command waits until a busy provider accepts it.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? MaximumRetryCount { get; set; }

    /// <summary>The pause before a retry in seconds, unless the provider asks for another one.</summary>
    [Parameter]
    [ValidateRange(1, TimeLimit.MaximumSeconds)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? RetryIntervalSec { get; set; }

    /// <summary>The maximum time for each job, in seconds; 0 for no limit. A job that takes longer is cancelled at the provider; one that is only started must have been accepted by then.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int), Minimum = 0, Maximum = TimeLimit.MaximumSeconds)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? TimeoutSec { get; set; }

    /// <summary>Attaches to a job that was made earlier for the same request, instead of paying for another.</summary>
    [Parameter]
    public SwitchParameter Resume { get; set; }

    private protected override int ConcurrencyLimit => ThrottleLimit > 0 ? ThrottleLimit : Batch.JobsAtOnce;

    private protected override int ItemsNotBegun => Batch?.ItemsNotBegun ?? 0;

    /// <summary>The key, and the provider that it belongs to.</summary>
    private protected CommandKey Key { get; private set; } = null!;

    /// <summary>The jobs to attach to; null when every request is paid for.</summary>
    private protected JobResumption? Resumption { get; private set; }

    /// <summary>The maximum time for the current item's job; null for no limit.</summary>
    private protected TimeSpan? Limit => TimeLimit.FromSeconds(Given(nameof(TimeoutSec), TimeoutSec) ?? 0);

    /// <summary>The jobs of this command.</summary>
    private protected PaidBatch Batch { get; private set; } = null!;

    /// <summary>The options for the chosen provider, as they are sent.</summary>
    private protected IReadOnlyDictionary<string, object> ReadOptions() => OptionsOf(Given(nameof(Option), Option));

    /// <summary>The options for running the job of a plan.</summary>
    private protected RunOptions OptionsFor(RequestPlan plan, IProgress<JobEvent> events) => new()
    {
        ApiKey = Key.For(plan.Provider.Name),
        Events = Jobs.Watch(plan.SourceName, events, isOwn: true),
        Resumption = Resumption,
        Retry = MaximumRetryCount is null && RetryIntervalSec is null
            ? null
            : new RetryLimits(MaximumRetryCount, RetryIntervalSec is int seconds ? TimeSpan.FromSeconds(seconds) : null),
    };

    /// <summary>The options for collecting a job that was made earlier.</summary>
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
        CompleteOutput();
        Batch.End();
    }

    /// <summary>Writes what could not be written before all items were known.</summary>
    private protected virtual void CompleteOutput()
    {
    }

    /// <summary>Writes the error of an item after the items before it have begun, so that an error that ends the command ends none of those.</summary>
    internal override void WriteFailure(Exception exception, object? target, string? name = null)
    {
        if (target is null)
        {
            base.WriteFailure(exception, target, name);
            return;
        }

        Batch.Refuse(name ?? Pipeline.ItemName.Of(target) ?? ItemName, () => base.WriteFailure(exception, target, name));
    }

    /// <summary>Reads a hashtable of options. Empty values are left out.</summary>
    internal static Dictionary<string, object> OptionsOf(IDictionary? given)
    {
        Dictionary<string, object> options = new(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in given ?? new Hashtable())
        {
            // An option with an empty value counts as not given.
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
