using System.Globalization;
using System.Text;

namespace Inpaint.Imaging.Terminal;

/// <summary>
/// Draws by kitty's graphics protocol (sw.kovidgoyal.net/kitty/graphics-protocol): a PNG in base64, cut into application programming commands.
/// </summary>
internal static class KittyEncoder
{
    // The protocol's limit for one command. All but the last must be a multiple of four characters long, which this is.
    private const int ChunkLength = 4096;

    /// <summary>Draws a sheet.</summary>
    /// <param name="sheet">8-bit RGBA.</param>
    /// <param name="columns">How many cells it takes across; as many down as its shape needs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The commands.</returns>
    public static string Encode(Raster sheet, int columns, CancellationToken cancellationToken)
    {
        string data = Convert.ToBase64String(InlinePng.Encode(sheet, cancellationToken));
        StringBuilder text = new(data.Length + (data.Length / 200) + 64);
        for (int at = 0; at < data.Length; at += ChunkLength)
        {
            int length = Math.Min(ChunkLength, data.Length - at);
            int more = at + length < data.Length ? 1 : 0;
            text.Append("\e_G");
            if (at == 0)
            {
                // Transmit and show (a=T) a PNG (f=100). With q=2 the terminal says nothing: its answer would be read as typed text.
                text.Append(CultureInfo.InvariantCulture, $"a=T,f=100,q=2,c={columns},");
            }

            text.Append(CultureInfo.InvariantCulture, $"m={more};").Append(data, at, length).Append("\e\\");
        }

        return text.ToString();
    }
}
