namespace Inpaint.Imaging.Terminal;

/// <summary>Draws by iTerm2's inline images (iterm2.com/documentation-images.html): a PNG in base64, inside one operating system command.</summary>
internal static class ITerm2Encoder
{
    /// <summary>Draws a sheet.</summary>
    /// <param name="sheet">8-bit RGBA.</param>
    /// <param name="columns">How many cells it takes across; as many down as its shape needs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The command.</returns>
    public static string Encode(Raster sheet, int columns, CancellationToken cancellationToken)
    {
        byte[] file = InlinePng.Encode(sheet, cancellationToken);
        return FormattableString.Invariant($"\e]1337;File=inline=1;size={file.Length};width={columns};height=auto;preserveAspectRatio=1:{Convert.ToBase64String(file)}\a");
    }
}
