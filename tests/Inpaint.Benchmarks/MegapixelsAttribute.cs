using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Inpaint.Benchmarks;

/// <summary>How large the picture is that a benchmark works on.</summary>
/// <param name="megapixels">In millions of pixels.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MegapixelsAttribute(double megapixels) : Attribute
{
    /// <summary>The size in millions of pixels.</summary>
    public double Megapixels { get; } = megapixels;
}

/// <summary>The mean time for a million pixels.</summary>
internal sealed class MegapixelColumn : IColumn
{
    /// <inheritdoc/>
    public string Id => nameof(MegapixelColumn);

    /// <inheritdoc/>
    public string ColumnName => "ms/MP";

    /// <inheritdoc/>
    public bool AlwaysShow => true;

    /// <inheritdoc/>
    public ColumnCategory Category => ColumnCategory.Custom;

    /// <inheritdoc/>
    public int PriorityInCategory => 0;

    /// <inheritdoc/>
    public bool IsNumeric => true;

    /// <inheritdoc/>
    public UnitType UnitType => UnitType.Dimensionless;

    /// <inheritdoc/>
    public string Legend => "Mean time in milliseconds for each million pixels of the picture";

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        object[] sizes = benchmarkCase.Descriptor.WorkloadMethod.GetCustomAttributes(typeof(MegapixelsAttribute), inherit: false);
        double? mean = summary[benchmarkCase]?.ResultStatistics?.Mean;
        return sizes is [MegapixelsAttribute size] && mean is { } nanoseconds
            ? (nanoseconds / 1e6 / size.Megapixels).ToString("0.00", CultureInfo.InvariantCulture)
            : "-";
    }

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    /// <inheritdoc/>
    public bool IsAvailable(Summary summary) => true;

    /// <inheritdoc/>
    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
}
