using System.Globalization;
using System.Management.Automation;
using Inpaint.Pipeline;
using Inpaint.Planning;

namespace Inpaint;

/// <summary>What would be requested for one input and what it would cost, or why it cannot be requested. Invoke-Inpaint and Start-InpaintJob accept it and request exactly that.</summary>
public sealed class InpaintPlan
{
    internal InpaintPlan(object? target, string name)
    {
        Target = target;
        Name = name;
        Row = target is PSObject { BaseObject: PSCustomObject } row ? row : null;
    }

    internal InpaintPlan(object? target, RequestPlan plan, InpaintRequest request, InpaintCost? cost)
        : this(target, plan.SourceName)
    {
        // The provider is fixed, even if another default is chosen later.
        Request = request with { Provider = plan.Provider.Name };
        Fingerprint = plan.Fingerprint;
        Source = request.Image?.ToString();
        Mask = request.Mask?.ToString();
        MaskCoverage = plan.MaskCoverage is double share && plan.Request.MaskRecipe is null ? Math.Round(share, 6) : null;
        Size = plan.ImageHeader is { } header ? string.Create(CultureInfo.InvariantCulture, $"{header.Width}x{header.Height}") : null;
        Provider = plan.Provider.Name;
        Model = plan.Model;
        Count = plan.Count;
        Prompt = plan.Request.Prompt;
        Cost = cost;
        Warnings = new ReadableList<string>(plan.Warnings);
    }

    /// <summary>The picture's name.</summary>
    public string Name { get; }

    /// <summary>The picture's path or URL; null when it could not be read.</summary>
    public string? Source { get; internal init; }

    /// <summary>The mask's path or URL.</summary>
    public string? Mask { get; }

    /// <summary>The description of the object that is found first, to become the mask; null where there is a mask.</summary>
    public string? MaskPrompt => MaskStep?.Request.Prompt;

    /// <summary>The fraction of the picture that the mask marks, 0 to 1; null when it is not known before sending.</summary>
    public double? MaskCoverage { get; }

    /// <summary>The size in pixels of the picture that is sent: WIDTHxHEIGHT; null for a remote picture.</summary>
    public string? Size { get; }

    /// <summary>The provider.</summary>
    public string? Provider { get; internal init; }

    /// <summary>The provider's id of the model.</summary>
    public string? Model { get; }

    /// <summary>The number of pictures that are generated.</summary>
    public int Count { get; }

    /// <summary>The prompt.</summary>
    public string? Prompt { get; }

    /// <summary>The estimated cost; null when it is free, or not known beforehand.</summary>
    public InpaintCost? Cost { get; }

    /// <summary>What the user should know before paying, a sentence each.</summary>
    public ReadableList<string> Warnings { get; internal init; } = new([]);

    /// <summary>Why it cannot be requested; null when it can.</summary>
    public string? Error { get; internal init; }

    /// <summary>Why it cannot be requested, as an id of the vocabulary.</summary>
    public InpaintErrorId? ErrorId { get; internal init; }

    /// <summary>What to do about the error.</summary>
    public string? RecommendedAction { get; internal init; }

    /// <summary>The piped row; null when the input was not a row.</summary>
    public PSObject? Row { get; }

    /// <summary>The step that finds the mask with a job of its own; null where there is a mask.</summary>
    internal MaskStep? MaskStep { get; init; }

    /// <summary>The input: the piped object or the argument.</summary>
    internal object? Target { get; }

    internal InpaintRequest? Request { get; }

    internal string? Fingerprint { get; }

    /// <summary>How long its job may take; null for no limit.</summary>
    internal TimeSpan? Limit { get; init; }

    internal InpaintException? Failure { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', new[] { Name, Provider, Error ?? Cost?.ToString() }.Where(part => !string.IsNullOrEmpty(part)));
}
