namespace Inpaint.Help.Commands;

/// <summary>A command as its class declares it.</summary>
/// <param name="Name">Verb and noun.</param>
/// <param name="DefaultSet">The default parameter set; null when there is only one.</param>
/// <param name="Parameters">Its parameters, those that only wizards see left out.</param>
/// <param name="OutputTypes">Full names of what it declares to write.</param>
internal sealed record CommandModel(string Name, string? DefaultSet, IReadOnlyList<ParameterModel> Parameters, IReadOnlyList<string> OutputTypes);

/// <summary>A parameter.</summary>
/// <param name="Name">Its name.</param>
/// <param name="TypeName">Its type's short name.</param>
/// <param name="FullTypeName">Its type's full name.</param>
/// <param name="Values">The values it takes, when they are a closed list.</param>
/// <param name="Aliases">Other names.</param>
/// <param name="TakesWildcards">Whether wildcards mean something in it.</param>
/// <param name="Roles">What it is in each parameter set.</param>
internal sealed record ParameterModel(
    string Name, string TypeName, string FullTypeName, IReadOnlyList<string> Values, IReadOnlyList<string> Aliases, bool TakesWildcards, IReadOnlyList<ParameterRole> Roles)
{
    /// <summary>Whether it takes no value.</summary>
    public bool IsSwitch => TypeName == "SwitchParameter";

    /// <summary>What it is in a parameter set.</summary>
    /// <param name="set">The set's name.</param>
    /// <returns>Its role; null when it is not in the set.</returns>
    public ParameterRole? In(string set) => Roles.FirstOrDefault(r => r.Set == set) ?? Roles.FirstOrDefault(r => r.Set is null);
}

/// <summary>What a parameter is in a parameter set.</summary>
/// <param name="Set">The set; null for all.</param>
/// <param name="IsRequired">Whether it must be given.</param>
/// <param name="Position">Its place on the line; null when it must be named.</param>
/// <param name="ByValue">Whether it takes objects from the pipeline.</param>
/// <param name="ByPropertyName">Whether it takes properties of such objects.</param>
internal sealed record ParameterRole(string? Set, bool IsRequired, int? Position, bool ByValue, bool ByPropertyName)
{
    /// <summary>How help names the pipeline input.</summary>
    public string PipelineInput => (ByValue, ByPropertyName) switch
    {
        (true, true) => "True (ByPropertyName, ByValue)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };
}
