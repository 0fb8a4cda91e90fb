using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Fal;

/// <summary>Who may do what: keys, and the lock of an account.</summary>
internal static class FalAccount
{
    /// <summary>Refuses a request without an accepted key.</summary>
    /// <returns>The refusal, or null.</returns>
    public static Answer? RefuseKey(Exchange exchange, string missing = "Authentication is required to access this application.")
    {
        if (!exchange.Request.Headers.TryGetValue("Authorization", out string? header))
        {
            return FalErrors.Detail(401, missing);
        }

        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return FalErrors.Detail(401, "bearer: unable to decode issuer");
        }

        return header.StartsWith("Key ", StringComparison.OrdinalIgnoreCase) && exchange.State.FalKeys.Contains(header[4..].Trim())
            ? null
            : FalErrors.Detail(401, "invalid key credentials");
    }

    /// <summary>Refuses what costs money while the account is locked; reading goes on.</summary>
    /// <returns>The refusal, or null.</returns>
    public static Answer? RefuseLocked(Exchange exchange) => exchange.State.FalLock is { } reason
        ? FalErrors.Detail(403, $"User is locked. Reason: {reason}. Top up your balance at fal.ai/dashboard/billing.")
        : null;
}
