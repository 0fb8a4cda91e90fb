using System.Runtime.InteropServices;
using System.Security;

namespace Inpaint.Http;

/// <summary>Opens a key for the moment it is written into a header or body.</summary>
internal static class SecretText
{
    /// <summary>Reads a key.</summary>
    /// <param name="secret">The key.</param>
    /// <returns>Its text without surrounding white space, which files and pastes leave behind. Not to be kept.</returns>
    public static string Reveal(SecureString secret)
    {
        nint copy = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            return Marshal.PtrToStringUni(copy)!.Trim();
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(copy);
        }
    }
}
