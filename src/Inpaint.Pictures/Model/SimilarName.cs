namespace Inpaint;

/// <summary>Finds the name that a misspelt one was probably meant to be.</summary>
public static class SimilarName
{
    /// <summary>Finds the name that is most similar.</summary>
    /// <param name="name">The misspelt name.</param>
    /// <param name="known">The known names.</param>
    /// <returns>One of the known names; null when none is similar.</returns>
    public static string? Find(string name, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(known);
        string plain = Plain(name);
        return plain.Length < 3 ? null : known
            .Select(candidate => (Name: candidate, Plain: Plain(candidate)))
            .Select(p => (p.Name, Distance: p.Plain.StartsWith(plain, StringComparison.Ordinal) ? 0 : Distance(plain, p.Plain), Allowed: Math.Min(plain.Length, p.Plain.Length) < 6 ? 1 : 2))
            .Where(p => p.Distance <= p.Allowed)
            .OrderBy(p => p.Distance)
            .Select(p => p.Name)
            .FirstOrDefault();
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    /// <summary>The edit distance: the number of letters that are inserted, deleted, replaced or swapped with their neighbour.</summary>
    private static int Distance(string one, string other)
    {
        int[,] cost = new int[one.Length + 1, other.Length + 1];
        for (int i = 0; i <= one.Length; i++)
        {
            for (int j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int replaced = cost[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[one.Length, other.Length];
    }
}
