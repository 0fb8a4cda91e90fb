using Inpaint;
using Inpaint.Engine;
using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Quickstart;

// The main job without PowerShell:
//   dotnet run --project samples/Quickstart -- IMAGE MASK PROMPT [PROVIDER] [OUTPUT]
if (args.Length is < 3 or > 5)
{
    Console.Error.WriteLine("usage: inpaint-quickstart IMAGE MASK PROMPT [PROVIDER] [OUTPUT]");
    return 2;
}

using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

await using InpaintEngine engine = new();
try
{
    RequestPlan plan = engine.Plan(new InpaintRequest
    {
        Image = PictureSource.Parse(args[0]),
        Mask = PictureSource.Parse(args[1]),
        Prompt = args[2],
        Provider = args.Length > 3 ? args[3] : null,
    });
    foreach (string warning in plan.Warnings)
    {
        Console.Error.WriteLine($"warning: {warning}");
    }

    InpaintResult result = await engine.RunAsync(plan, new RunOptions { Events = new ConsoleEvents() }, cancellationToken: stop.Token);
    string? output = args.Length > 4 ? args[4] : null;
    foreach (InpaintImage image in result.Images)
    {
        SavedImage saved = await engine.SaveAsync(image, new SaveOptions { FilePath = output }, stop.Token);
        Console.WriteLine(saved.Path);
    }

    return 0;
}
catch (InpaintException e)
{
    Console.Error.WriteLine($"{e.ErrorId}: {e.Message}");
    Console.Error.WriteLine(e.RecommendedAction);
    return 1;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("stopped");
    return 130;
}
