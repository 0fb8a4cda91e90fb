using System.Runtime.CompilerServices;
using Inpaint.Tests.Emulator;
using Inpaint.Tests.Imaging;
using Inpaint.Tests.Pages;
using Inpaint.Tests.Results;
using Xunit;

namespace Inpaint.Tests;

/// <summary>What a test needs that not every machine has.</summary>
public enum Requirement
{
    /// <summary>ImageMagick, to compare with.</summary>
    ImageMagick,

    /// <summary>exiftool, to compare with.</summary>
    ExifTool,

    /// <summary>Exiv2, to compare with.</summary>
    Exiv2,

    /// <summary>node and npm, for fal's own client.</summary>
    Node,

    /// <summary>Chromium or Chrome, with node and npm to drive it.</summary>
    Browser,

    /// <summary>A file system that can be mounted without rights.</summary>
    Mount,

    /// <summary>Links, permissions, pipes and devices of a Unix.</summary>
    Unix,
}

/// <summary>A fact that is skipped where its requirement is not met. The reason is part of the name, because that is all of a skipped test that the console shows.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresFactAttribute : FactAttribute
{
    /// <summary>Looks whether the requirement is met.</summary>
    /// <param name="requirement">What is needed.</param>
    /// <param name="method">The test.</param>
    /// <param name="file">Where it is.</param>
    /// <param name="line">Where in there.</param>
    public RequiresFactAttribute(Requirement requirement, [CallerMemberName] string method = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = -1)
        : base(file, line) => (Skip, DisplayName) = Requirements.Check(requirement, file, method);
}

/// <summary>As <see cref="RequiresFactAttribute"/>, for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresTheoryAttribute : TheoryAttribute
{
    /// <inheritdoc cref="RequiresFactAttribute(Requirement, string, string, int)"/>
    public RequiresTheoryAttribute(Requirement requirement, [CallerMemberName] string method = "", [CallerFilePath] string file = "", [CallerLineNumber] int line = -1)
        : base(file, line) => (Skip, DisplayName) = Requirements.Check(requirement, file, method);
}

internal static class Requirements
{
    /// <summary>The reason to skip a test and the name that tells it; nulls when there is none.</summary>
    public static (string? Skip, string? DisplayName) Check(Requirement requirement, string file, string method)
    {
        string? reason = requirement switch
        {
            Requirement.ImageMagick => ImageMagick.IsInstalled ? null : "ImageMagick is not installed",
            Requirement.ExifTool => ExifTool.IsInstalled ? null : "exiftool is not installed",
            Requirement.Exiv2 => Exiv2.IsInstalled ? null : "exiv2 is not installed",
            Requirement.Node => OfficialClientFixture.IsNodeInstalled ? null : "node and npm are not installed",
            Requirement.Unix => OperatingSystem.IsWindows() ? "this is no Unix" : null,
            Requirement.Browser => RealBrowser.Missing,
            Requirement.Mount => FullDiskTests.CanMount ? null : "no file system can be mounted here",
            _ => throw new ArgumentOutOfRangeException(nameof(requirement)),
        };
        return reason is null ? (null, null) : (reason, $"{Path.GetFileNameWithoutExtension(file)}.{method} [{reason}]");
    }
}
