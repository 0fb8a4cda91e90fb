namespace Inpaint;

/// <summary>What a job does.</summary>
public enum InpaintOperation
{
    /// <summary>Repaints the masked part of a picture.</summary>
    Inpaint,

    /// <summary>Makes a picture from a prompt alone.</summary>
    TextToImage,

    /// <summary>Finds things in a picture and makes masks of them.</summary>
    Segment,
}
