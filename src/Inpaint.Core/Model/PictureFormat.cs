namespace Inpaint;

/// <summary>The picture formats that the module recognises by their first bytes.</summary>
public enum PictureFormat
{
    /// <summary>None of the known ones.</summary>
    Unknown,

    /// <summary>PNG.</summary>
    Png,

    /// <summary>JPEG.</summary>
    Jpeg,

    /// <summary>WebP.</summary>
    WebP,

    /// <summary>GIF.</summary>
    Gif,

    /// <summary>AVIF.</summary>
    Avif,

    /// <summary>TIFF.</summary>
    Tiff,
}
