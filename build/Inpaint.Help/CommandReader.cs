using System.Reflection;
using System.Runtime.Loader;

namespace Inpaint.Help;

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

/// <summary>
/// Reads the commands of a built module. Its assembly is only looked at: attributes are read as data and nothing of it runs, so that the shell's
/// reference assembly, which has no code, is enough beside it.
/// </summary>
internal static class CommandReader
{
    private const string Automation = "System.Management.Automation.";

    private static readonly ParameterModel[] Confirmation =
    [
        new("Confirm", "SwitchParameter", Automation + "SwitchParameter", [], ["cf"], TakesWildcards: false, [new(Set: null, IsRequired: false, Position: null, ByValue: false, ByPropertyName: false)]),
        new("WhatIf", "SwitchParameter", Automation + "SwitchParameter", [], ["wi"], TakesWildcards: false, [new(Set: null, IsRequired: false, Position: null, ByValue: false, ByPropertyName: false)]),
    ];

    /// <summary>Reads the commands.</summary>
    /// <param name="assemblyPath">The module's assembly; what it refers to is looked for beside it and among the references.</param>
    /// <param name="references">Further assemblies.</param>
    public static IReadOnlyList<CommandModel> Read(string assemblyPath, IReadOnlyList<string> references)
    {
        AssemblyLoadContext context = new("module");
        string folder = Path.GetDirectoryName(Path.GetFullPath(assemblyPath))!;
        context.Resolving += (_, name) => references.Append(Path.Combine(folder, name.Name + ".dll"))
            .Where(p => string.Equals(Path.GetFileNameWithoutExtension(p), name.Name, StringComparison.OrdinalIgnoreCase) && File.Exists(p))
            .Select(p => context.LoadFromAssemblyPath(Path.GetFullPath(p)))
            .FirstOrDefault();
        return context.LoadFromAssemblyPath(Path.GetFullPath(assemblyPath)).GetExportedTypes()
            .Where(t => !t.IsAbstract)
            .Select(t => (Type: t, Attribute: Find(t.CustomAttributes, "CmdletAttribute")))
            .Where(t => t.Attribute is not null)
            .Select(t => ReadCommand(t.Type, t.Attribute!))
            .OrderBy(c => c.Name, StringComparer.Ordinal)
            .ToArray();
    }

    private static CommandModel ReadCommand(Type type, CustomAttributeData cmdlet)
    {
        List<ParameterModel> parameters = type.GetProperties().Select(ReadParameter).OfType<ParameterModel>().ToList();
        if (Named(cmdlet, "SupportsShouldProcess") is true)
        {
            parameters.AddRange(Confirmation);
        }

        return new CommandModel(
            $"{cmdlet.ConstructorArguments[0].Value}-{cmdlet.ConstructorArguments[1].Value}",
            Named(cmdlet, "DefaultParameterSetName") as string,
            parameters,
            OutputTypesOf(type));
    }

    private static ParameterModel? ReadParameter(PropertyInfo property)
    {
        CustomAttributeData[] declarations = All(property.CustomAttributes, "ParameterAttribute").ToArray();
        if (declarations.Length == 0 || declarations.All(d => Named(d, "DontShow") is true))
        {
            return null;
        }

        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return new ParameterModel(
            property.Name,
            NameOf(type),
            type.FullName!,
            ValuesOf(property, type),
            Find(property.CustomAttributes, "AliasAttribute") is { } alias ? TextsIn(alias) : [],
            Find(property.CustomAttributes, "SupportsWildcardsAttribute") is not null,
            declarations.Select(ReadRole).ToArray());
    }

    private static ParameterRole ReadRole(CustomAttributeData declaration) => new(
        Named(declaration, "ParameterSetName") as string,
        Named(declaration, "Mandatory") is true,
        Named(declaration, "Position") as int?,
        Named(declaration, "ValueFromPipeline") is true,
        Named(declaration, "ValueFromPipelineByPropertyName") is true);

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}[{string.Join(", ", type.GetGenericArguments().Select(NameOf))}]"
        : type.Name;

    private static string[] ValuesOf(PropertyInfo property, Type type)
    {
        if (Find(property.CustomAttributes, "ValidateSetAttribute") is { } set)
        {
            return TextsIn(set);
        }

        Type single = type.IsArray ? type.GetElementType()! : type;
        return single.IsEnum ? Enum.GetNames(single) : [];
    }

    private static string[] OutputTypesOf(Type type) => All(type.CustomAttributes, "OutputTypeAttribute")
        .SelectMany(o => (IEnumerable<CustomAttributeTypedArgument>)o.ConstructorArguments[0].Value!)
        .Select(t => (t.Value as Type)?.FullName ?? (string)t.Value!)
        .Where(n => n != "System.Void")
        .ToArray();

    private static string[] TextsIn(CustomAttributeData attribute) =>
        ((IEnumerable<CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!).Select(a => (string)a.Value!).ToArray();

    private static IEnumerable<CustomAttributeData> All(IEnumerable<CustomAttributeData> attributes, string name) =>
        attributes.Where(a => a.AttributeType.FullName == Automation + name);

    private static CustomAttributeData? Find(IEnumerable<CustomAttributeData> attributes, string name) => All(attributes, name).FirstOrDefault();

    private static object? Named(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.Where(a => a.MemberName == name).Select(a => a.TypedValue.Value).FirstOrDefault();
}
