using System.Management.Automation;

namespace Inpaint.Loading;

/// <summary>What happens when the module is imported: the loader is put in place, and nothing else.</summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    /// <inheritdoc/>
    public void OnImport() => DependencyLoader.Install();
}
