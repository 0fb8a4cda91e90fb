namespace Inpaint;

/// <summary>Which part of a mask marks what is to be repainted.</summary>
public enum MaskMode
{
    /// <summary>White (luminance of at least 128) is repainted. What fal.ai and ModelsLab expect.</summary>
    White,

    /// <summary>Black (luminance below 128) is repainted.</summary>
    Black,

    /// <summary>Transparent (alpha below 128) is repainted, as OpenAI's masks have it.</summary>
    Alpha,
}
