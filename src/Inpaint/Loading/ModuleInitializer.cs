using System.Management.Automation;
using Inpaint.Engine;

namespace Inpaint.Loading;

/// <summary>What happens when the module is imported: the loader is put in place, and nothing else. When it is removed, the keys go.</summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnImport() => DependencyLoader.Install();

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => InpaintEngine.SharedIfMade?.ForgetKeys();
}
