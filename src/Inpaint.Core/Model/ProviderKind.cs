namespace Inpaint;

/// <summary>The families of services that the module can speak to.</summary>
public enum ProviderKind
{
    /// <summary>Embedded: fills the mask from the rest of the picture, without network or key.</summary>
    Local,

    /// <summary>fal.ai itself, or something that speaks its queue protocol.</summary>
    Fal,

    /// <summary>A gateway that resells fal's models under its own keys.</summary>
    FalGateway,

    /// <summary>ModelsLab.</summary>
    ModelsLab,
}
