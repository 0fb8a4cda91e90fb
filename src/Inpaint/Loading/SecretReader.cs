using System.Management.Automation;
using System.Net;
using System.Security;

namespace Inpaint.Loading;

/// <summary>Reads secrets with Get-Secret of Microsoft.PowerShell.SecretManagement, if installed, in a session of its own, because the engine calls it from any thread.</summary>
internal static class SecretReader
{
    private static readonly Lock Gate = new();
    private static PowerShell? shell;

    /// <summary>Reads a secret.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="vault">Its vault; null for the default one.</param>
    /// <exception cref="InvalidOperationException">It cannot be read; the message is a clause with the reason.</exception>
    public static SecureString Read(string name, string? vault)
    {
        lock (Gate)
        {
            shell ??= PowerShell.Create();
            shell.Commands.Clear();
            shell.Streams.ClearStreams();
            shell.AddCommand("Get-Secret").AddParameter("Name", name).AddParameter("ErrorAction", ActionPreference.Stop);
            if (vault is not null)
            {
                shell.AddParameter("Vault", vault);
            }

            try
            {
                return shell.Invoke().FirstOrDefault()?.BaseObject switch
                {
                    SecureString secret => secret.Copy(),
                    PSCredential credential => credential.Password.Copy(),
                    string text => new NetworkCredential("", text.Trim()).SecurePassword,
                    null => throw new InvalidOperationException("there is none of that name."),

                    // The value is not repeated in the message.
                    _ => throw new InvalidOperationException("it is neither text nor a credential."),
                };
            }
            catch (CommandNotFoundException e)
            {
                throw new InvalidOperationException("Get-Secret is not available. Run Install-PSResource Microsoft.PowerShell.SecretManagement, and register a vault.", e);
            }
            catch (RuntimeException e)
            {
                throw new InvalidOperationException(e.Message, e);
            }
        }
    }
}
