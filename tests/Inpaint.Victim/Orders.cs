using System.Text.Json;
using Inpaint.Imaging.Masks;

namespace Inpaint.Victim;

/// <summary>What a victim is to do. Travels as JSON in its one argument.</summary>
public sealed record Orders
{
    /// <summary>What it does.</summary>
    public Deed Deed { get; init; }

    /// <summary>The state folder.</summary>
    public string State { get; init; } = "";

    /// <summary>Where pictures are saved.</summary>
    public string Output { get; init; } = "";

    /// <summary>The provider, which is called Test; Local when null.</summary>
    public string? Kind { get; init; }

    /// <summary>The provider's address.</summary>
    public Uri? BaseUri { get; init; }

    /// <summary>Its endpoints elsewhere.</summary>
    public IReadOnlyDictionary<string, Uri> Endpoints { get; init; } = new Dictionary<string, Uri>();

    /// <summary>The key that the emulator takes.</summary>
    public string? Key { get; init; }

    /// <summary>The picture.</summary>
    public string Image { get; init; } = "";

    /// <summary>The mask.</summary>
    public string Mask { get; init; } = "";

    /// <summary>How many jobs are made, with seeds from 1.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>How many at once.</summary>
    public int AtOnce { get; init; } = 1;

    /// <summary>Whether the direct call is used instead of the queue.</summary>
    public bool Synchronous { get; init; }

    /// <summary>Whether pictures come inside the response.</summary>
    public bool InlineResult { get; init; }

    /// <summary>Whether jobs made before are attached to.</summary>
    public bool Resume { get; init; }

    /// <summary>The step at which it stops for good and waits to be killed; 0 for none.</summary>
    public int HangAt { get; init; }

    /// <summary>Reads orders.</summary>
    /// <param name="text">JSON.</param>
    /// <returns>The orders.</returns>
    public static Orders Parse(string text) => JsonSerializer.Deserialize<Orders>(text)!;

    /// <inheritdoc/>
    public override string ToString() => JsonSerializer.Serialize(this);
}

/// <summary>What a victim does.</summary>
public enum Deed
{
    /// <summary>Makes jobs, waits for them and saves their pictures.</summary>
    Run,

    /// <summary>Collects and saves what the journal still lists, as the next morning's process would.</summary>
    Collect,

    /// <summary>Decodes the files that the picture holds one after another, each behind its length.</summary>
    Decode,

    /// <summary>Writes, moves, marks and lists jobs in the journal, the same ones as its fellows and others.</summary>
    Churn,
}
