using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Inpaint.Benchmarks;

/// <summary>
/// Few runs of long operations, in this process: a project generated and built for each benchmark would need a restore of its own, and what is measured takes
/// milliseconds to seconds.
/// </summary>
internal sealed class PixelConfig : ManualConfig
{
    public PixelConfig()
    {
        Add(DefaultConfig.Instance);
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(2)
            .WithIterationCount(7)
            .WithInvocationCount(1)
            .WithUnrollFactor(1));
        AddDiagnoser(MemoryDiagnoser.Default);
        AddColumn(new MegapixelColumn());
        HideColumns(Column.Error, Column.InvocationCount, Column.UnrollFactor);
        WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableLogFile);
    }
}
