using System.Collections.Concurrent;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Inpaint.Binding;

namespace Inpaint.Loading;

/// <summary>Runs on import: installs the loader and the completion inside -Option. On removal, deletes the keys from memory.</summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnImport()
    {
        DependencyLoader.Install();
        OptionTableCompletion.InstallWhereLinesAreRead();
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        OptionTableCompletion.Uninstall();
        ModuleEngine.SharedIfMade?.ForgetKeys();
    }
}

/// <summary>
/// Provides the engine's third-party assemblies without exposing them to the session. A session may have loaded other versions of the same assemblies (another
/// module's, the shell's own), and the default load context accepts only one version of each. Ours are therefore in Dependencies/, are loaded on the first call that
/// needs them, and live in a private context. The module's own three assemblies live in the default context, because scripts can name only types of that one.
/// </summary>
/// <remarks>
/// The default context asks this class last, after the shell and its loaded assemblies. It resolves only the exact versions that the engine was built with, so that
/// another module is never given a version that it was not built for.
/// </remarks>
internal sealed class DependencyLoader : AssemblyLoadContext
{
    private static readonly Lock Gate = new();
    private static DependencyLoader? instance;

    private readonly string moduleFolder;
    private readonly string dependencyFolder;
    private readonly ConcurrentDictionary<string, bool> settled = new(StringComparer.OrdinalIgnoreCase);

    private DependencyLoader(string moduleFolder)
        : base("Inpaint", isCollectible: false)
    {
        this.moduleFolder = moduleFolder;
        dependencyFolder = Path.Join(moduleFolder, "Dependencies");
    }

    /// <summary>Registers the handlers. Cheap; only the first call in a process does anything.</summary>
    public static void Install()
    {
        lock (Gate)
        {
            if (instance is null)
            {
                instance = new DependencyLoader(Path.GetDirectoryName(typeof(DependencyLoader).Assembly.Location)!);
                Default.Resolving += instance.ResolveForDefault;
                Default.ResolvingUnmanagedDll += (_, name) => instance.LoadUnmanagedDll(name);
            }
        }
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (FindOwn(assemblyName) is not string path)
        {
            return null;
        }

        // The engine's references are bound in the default context first. To get the same assembly here, a version that the session has already loaded and that is new
        // enough takes precedence over ours, as it does there.
        if (FindInDefault(assemblyName) is Assembly shared)
        {
            return shared;
        }

        return ComesWithTheShell(assemblyName) ? null : LoadFromAssemblyPath(path);
    }

    /// <summary>
    /// The native library for this machine, in runtimes/. On platforms without one, the system's own is used. The default context asks last, too, for a session that has loaded
    /// the same version of the managed library without a native one.
    /// </summary>
    /// <inheritdoc/>
    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName)
    {
        string path = Path.Join(moduleFolder, "runtimes", Platform(), "native", Path.GetFileName(unmanagedDllName));
        return File.Exists(path) ? LoadUnmanagedDllFromPath(path) : IntPtr.Zero;
    }

    private static string Platform()
    {
        string runtime = RuntimeInformation.RuntimeIdentifier;
        bool isMusl = runtime.Contains("musl", StringComparison.Ordinal) || runtime.StartsWith("alpine", StringComparison.Ordinal);
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : isMusl ? "linux-musl" : "linux";
        return $"{system}-{RuntimeInformation.ProcessArchitecture}".ToLowerInvariant();
    }

    private static Assembly? FindInDefault(AssemblyName wanted) => Default.Assemblies.FirstOrDefault(a => IsAtLeast(a.GetName(), wanted));

    private static bool ComesWithTheShell(AssemblyName wanted)
    {
        string platform = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "";
        string? path = platform.Split(Path.PathSeparator).FirstOrDefault(p => string.Equals(Path.GetFileNameWithoutExtension(p), wanted.Name, StringComparison.OrdinalIgnoreCase));
        return path is not null && IsAtLeast(AssemblyName.GetAssemblyName(path), wanted);
    }

    private static bool IsAtLeast(AssemblyName found, AssemblyName wanted) =>
        string.Equals(found.Name, wanted.Name, StringComparison.OrdinalIgnoreCase) && (wanted.Version is null || found.Version >= wanted.Version);

    private Assembly? ResolveForDefault(AssemblyLoadContext context, AssemblyName wanted)
    {
        if (wanted.Name is "Inpaint.Core" or "Inpaint.Pictures")
        {
            return context.LoadFromAssemblyPath(Path.Join(moduleFolder, wanted.Name + ".dll"));
        }

        if (FindOwn(wanted) is not string path || AssemblyName.GetAssemblyName(path).Version != wanted.Version)
        {
            return null;
        }

        Assembly found = LoadFromAssemblyName(wanted);
        Settle(found);
        return found;
    }

    // The version of a library and of all those that it works with is decided at once. Otherwise a module that is imported in between could load a newer copy of some into
    // the default context, and the engine would see one library's types in two versions.
    private void Settle(Assembly library)
    {
        foreach (AssemblyName other in library.GetReferencedAssemblies())
        {
            if (FindOwn(other) is not null && settled.TryAdd(other.Name!, true))
            {
                Settle(Default.LoadFromAssemblyName(other));
            }
        }
    }

    private string? FindOwn(AssemblyName wanted)
    {
        string path = Path.Join(dependencyFolder, wanted.Name + ".dll");
        return File.Exists(path) ? path : null;
    }
}
