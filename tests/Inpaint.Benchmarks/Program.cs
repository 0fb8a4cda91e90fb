using System.Globalization;
using BenchmarkDotNet.Running;
using Inpaint.Benchmarks;
using Inpaint.Benchmarks.Batches;

// Times and allocations of everything, or of what a filter names:
//   dotnet run -c Release --project tests/Inpaint.Benchmarks -- --filter '*'
// The most memory that each of them needs, in a process of its own:
//   dotnet run -c Release --project tests/Inpaint.Benchmarks -- --peak [part of a name]
// Ratios to G'MIC, run in turn, where it is installed; a picture and its mask stand in for the sample:
//   dotnet run -c Release --project tests/Inpaint.Benchmarks -- --compare fill [picture mask]
// How much texture the fill keeps in holes cut into photographs of your own, beside G'MIC's; the fills are kept in a folder if one is named:
//   dotnet run -c Release --project tests/Inpaint.Benchmarks -- --energy [--keep folder] picture...
// The module in a real shell beside fal's own client and a loop of Invoke-RestMethod; --long for longer batches and more rounds:
//   pwsh ./build.ps1 Benchmark
//   dotnet run -c Release --project tests/Inpaint.Benchmarks -- --batches out/Inpaint/Inpaint.psd1 [--long]
// The time from a command to the accepted job over TLS with a network's delay, beside fal's own client; --long for more rounds:
//   dotnet run -c Release --project tests/Inpaint.Benchmarks -- --submits out/Inpaint/Inpaint.psd1 [--long]
// A batch of jobs against the emulator, at a service that streams its status and at one that is polled:
//   dotnet run -c Release --project tests/Inpaint.Benchmarks -- --batch 1000 64 0.06
switch (args)
{
    case ["--batch", var jobs, var atOnce, var seconds]:
        await JobBatch.RunAsync(int.Parse(jobs, CultureInfo.InvariantCulture), int.Parse(atOnce, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)));
        return 0;
    case ["--batches", var module, .. var rest]:
        await BatchTable.RunAsync(Path.GetFullPath(module), isLong: rest is ["--long"]);
        await SubmitTable.RunAsync(Path.GetFullPath(module), isLong: rest is ["--long"]);
        return 0;
    case ["--submits", var module, .. var rest]:
        await SubmitTable.RunAsync(Path.GetFullPath(module), isLong: rest is ["--long"]);
        return 0;
    case ["--peak", .. var rest]:
        return PeakMemory.Measure(rest.FirstOrDefault() ?? "");
    case [PeakMemory.ChildSwitch, var name]:
        return PeakMemory.RunOnce(name);
    case ["--compare", "fill"]:
        Comparison.RunFill(BenchmarkPictures.Sample("ball.png"), BenchmarkPictures.Sample("ball_mask.png"));
        return 0;
    case ["--compare", "fill", var picture, var mask]:
        Comparison.RunFill(picture, mask);
        return 0;
    case ["--energy", "--keep", var folder, _, ..]:
        TextureEnergy.Measure(args[3..], folder);
        return 0;
    case ["--energy", _, ..]:
        TextureEnergy.Measure(args[1..], folder: null);
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, new PixelConfig());
        return 0;
}
