namespace Inpaint.Files;

/// <summary>
/// Lets one thread of one process at a time change a file, so that the changes of two writers are both kept. It is a file of its own, which the operating system releases when a process dies; readers need
/// no lock.
/// </summary>
internal sealed class FileLock : IDisposable
{
    // Threads of one process wait here for one another; only for other processes a file is tried again and again.
    private static readonly Dictionary<string, Lock> Gates = new(StringComparer.Ordinal);

    /// <summary>A change takes milliseconds; a process that holds a lock longer than this hangs.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    private readonly Lock gate;
    private readonly FileStream file;

    private FileLock(Lock gate, FileStream file)
    {
        this.gate = gate;
        this.file = file;
    }

    /// <summary>Waits for a lock, which the same thread must release.</summary>
    /// <param name="path">The lock's file, which is created when it is missing.</param>
    /// <exception cref="IOException">It cannot be had.</exception>
    public static FileLock Take(string path)
    {
        PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
        Lock own = GateOf(path);
        if (!own.TryEnter(MaxWait))
        {
            throw new IOException($"'{path}' has been held for {MaxWait.TotalSeconds:0} s.");
        }

        try
        {
            return new FileLock(own, Open(path));
        }
        catch
        {
            own.Exit();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Dispose();
        gate.Exit();
    }

    private static Lock GateOf(string path)
    {
        lock (Gates)
        {
            if (!Gates.TryGetValue(path, out Lock? own))
            {
                Gates.Add(path, own = new Lock());
            }

            return own;
        }
    }

    private static FileStream Open(string path)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            try
            {
                return PrivateFiles.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
            }
            catch (IOException e) when (IsHeld(e) && Environment.TickCount64 - start < MaxWait.TotalMilliseconds)
            {
                Thread.Sleep(2);
            }
        }
    }

    /// <summary>A sharing violation: ERROR_SHARING_VIOLATION on Windows, EWOULDBLOCK on Linux and macOS.</summary>
    private static bool IsHeld(IOException e) => e.GetType() == typeof(IOException) && (e.HResult & 0xFFFF) is 32 or 11 or 35;
}
