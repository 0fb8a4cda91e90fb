using Inpaint.Jobs;
using Inpaint.Tests.Architecture;

namespace Inpaint.Http;

/// <summary>Depends on a later layer than its namespace may, so that it can be seen that <see cref="Tests.Architecture.LayerTests"/> finds such a dependency.</summary>
internal sealed class PlantedDependency
{
    public WatchSchedule Schedule { get; } = new();
}
