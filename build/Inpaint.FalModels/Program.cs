using System.Text.Json;
using Inpaint.FalModels;
using Inpaint.Providers.Shared.FalProtocol;

if (args.Length != 2)
{
    Console.Error.WriteLine("""
        Usage: dotnet run --project build/Inpaint.FalModels -- <endpoints.d.ts> <fal-models.json>

        Reads the models that take a picture and a mask from the types of fal's JavaScript client: after `npm install @fal-ai/client` they are in
        node_modules/@fal-ai/client/src/types/endpoints.d.ts. Writes src/Inpaint.Core/Providers/Shared/FalProtocol/fal-models.json.
        """);
    return 1;
}

IReadOnlyList<FalModel> models = ClientTypes.ReadInpaintingModels(File.ReadAllText(args[0]));
// A model a line, so that a change of the file tells which model has changed.
File.WriteAllText(args[1], $"[\n{string.Join(",\n", models.Select(m => JsonSerializer.Serialize(m, FalModelJson.Default.FalModel)))}\n]\n");
Console.WriteLine($"{models.Count} models");
return 0;
