namespace Inpaint;

/// <summary>The engine's door.</summary>
public sealed class InpaintEngine
{
}
