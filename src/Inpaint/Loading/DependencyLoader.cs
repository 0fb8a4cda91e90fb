using System.Collections.Concurrent;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Inpaint.Binding;

namespace Inpaint.Loading;

/// <summary>What happens when the module is imported: the loader is put in place, and completion learns of -Option. When it is removed, the keys go.</summary>
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
/// Gives the engine its third-party assemblies without showing them to the session. A session may hold other versions of the same assemblies (another
/// module's, the shell's own), and only one version of each fits into the default load context. So ours stay in Dependencies/, are loaded from there on the
/// first call that needs them, and live in a private context; the module's own two assemblies live in the default one, because only types of that one can
/// be named in scripts.
/// </summary>
/// <remarks>
/// The default context asks this class last, after the shell and after what is loaded already. It gets an answer only for the very version that the
/// engine was built with, so that another module's request is not answered with a version that it never saw.
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

    /// <summary>Begins to answer. Costs next to nothing, and only the first call in a process does anything.</summary>
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

        // The engine's own references are bound in the default context first. To end up with the same assembly here as there, a version that the
        // session already has and that is new enough goes before ours, as it does there.
        if (FindInDefault(assemblyName) is Assembly shared)
        {
            return shared;
        }

        return ComesWithTheShell(assemblyName) ? null : LoadFromAssemblyPath(path);
    }

    /// <summary>
    /// The native library for this machine, which lies in runtimes/. A platform for which there is none is left to the system's own. The default context asks as well, last: for
    /// a session that has brought the same version of the managed library and nothing that it could load.
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
        if (string.Equals(wanted.Name, "Inpaint.Core", StringComparison.OrdinalIgnoreCase))
        {
            return context.LoadFromAssemblyPath(Path.Join(moduleFolder, "Inpaint.Core.dll"));
        }

        if (FindOwn(wanted) is not string path || AssemblyName.GetAssemblyName(path).Version != wanted.Version)
        {
            return null;
        }

        Assembly found = LoadFromAssemblyName(wanted);
        Settle(found);
        return found;
    }

    // Which of two versions serves is settled at once for a library and all those that it works with. One by one, a module imported in between could bring a
    // newer copy of some into the default context, and the engine would hold one library's types in two versions.
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
