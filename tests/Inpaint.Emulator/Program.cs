namespace Inpaint.Emulator;

/// <summary>Runs the emulator as a program of its own.</summary>
public static class Program
{
    /// <summary>Starts the server.</summary>
    public static void Main()
    {
    }
}
