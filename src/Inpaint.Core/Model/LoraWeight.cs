namespace Inpaint;

/// <summary>A LoRA to merge into the model.</summary>
/// <param name="Path">URL, Hugging Face repository or, for ModelsLab, the model's id.</param>
/// <param name="Scale">Weight; 1 when not given.</param>
public sealed record LoraWeight(string Path, double Scale = 1);
