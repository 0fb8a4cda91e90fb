using Inpaint.Imaging;
using Inpaint.Imaging.Jpeg;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Imaging.Jpeg;

/// <summary>Files as libjpeg's own programs write them, against the samples that they give: what other programs have no option for.</summary>
public class JpegReferenceTests
{
    [RequiresTheory(Requirement.LibJpeg)]
    [InlineData("-restart 1B")]
    [InlineData("-restart 3B -sample 2x2")]
    [InlineData("-restart 2 -sample 2x1")]
    [InlineData("-restart 7B -sample 1x2 -progressive")]
    [InlineData("-restart 1 -sample 2x2 -progressive")]
    [InlineData("-optimize -sample 4x1")]
    [InlineData("-quality 1")]
    [InlineData("-quality 100 -sample 2x2")]
    [InlineData("-rgb")]
    [InlineData("-rgb -progressive")]
    [InlineData("-quality 90,60 -sample 1x1,1x2,2x1")]
    public void Color_becomes_the_references_samples(string options)
    {
        byte[] file = LibJpeg.Encode(TestPictures.Waves(75, 53, 3), options.Split(' '));

        int limit = options.Contains("-sample", StringComparison.Ordinal) ? 4 : 2;
        Assert.InRange(JpegDecoderTests.LargestDifference(LibJpeg.Decode(file), JpegDecoder.Decode(new MemoryStream(file)).Data), 0, limit);
    }

    [RequiresTheory(Requirement.LibJpeg)]
    [InlineData("0;1;2;")]
    [InlineData("0 1;2;")]
    [InlineData("0,1,2: 0-0, 0, 1; 0: 1-63, 0, 2; 2: 1-63, 0, 0; 1: 1-63, 0, 0; 0,1,2: 0-0, 1, 0; 0: 1-63, 2, 1; 0: 1-63, 1, 0;")]
    public void Components_may_come_in_scans_of_their_own(string script)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("scans.txt", [.. script.Select(c => (byte)c)]);
        byte[] file = LibJpeg.Encode(TestPictures.Waves(75, 53, 3), "-sample", "2x2", "-restart", "1", "-scans", path);

        Assert.InRange(JpegDecoderTests.LargestDifference(LibJpeg.Decode(file), JpegDecoder.Decode(new MemoryStream(file)).Data), 0, 4);
    }

    [RequiresTheory(Requirement.LibJpeg)]
    [InlineData(1, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void The_reference_reads_what_is_written(int channels, bool halvesChroma)
    {
        byte[] file = JpegEncoderTests.Encode(TestPictures.Waves(301, 199, channels), 92, halvesChroma);

        Assert.InRange(JpegDecoderTests.LargestDifference(LibJpeg.Decode(file), JpegDecoder.Decode(new MemoryStream(file)).Data), 0, halvesChroma ? 4 : 2);
    }
}
