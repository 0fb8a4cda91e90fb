using System.Security.Cryptography;
using Inpaint.Imaging;
using Xunit;

namespace Inpaint.Tests.Imaging.Metadata;

/// <summary>
/// A progressive picture for machines without another program that could make one:
/// <c>convert -size 24x20 -seed 7 plasma:tomato-steelblue -sampling-factor 2x2 -interlace JPEG -quality 40 -strip</c>.
/// </summary>
public class ProgressiveJpegTests
{
    private const string File =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx" +
        "4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wgARCAAUABgDASIAAhEBAxEB/8QAGAABAQEBAQAAAAAAAAAA" +
        "AAAAAAIBAwT/xAAYAQADAQEAAAAAAAAAAAAAAAABAgMABP/aAAwDAQACEAMQAAABqvL2FbSzThfkwMP/xAAYEAADAQEAAAAAAAAAAAAAAAABAhAAMf/aAAgBAQABBQINOR" +
        "Tmwv8A/8QAFxEBAAMAAAAAAAAAAAAAAAAAAQAQE//aAAgBAwEBPwEZpf8A/8QAGBEAAgMAAAAAAAAAAAAAAAAAABASE0H/2gAIAQIBAT8BgVmr/8QAFBABAAAAAAAAAAAA" +
        "AAAAAAAAMP/aAAgBAQAGPwIf/8QAGRAAAwEBAQAAAAAAAAAAAAAAAAEhETFB/9oACAEBAAE/IU7RXiM9FdM/aNUJDgz/2gAMAwEAAgADAAAAEGPgwv/EABcRAAMBAAAAAA" +
        "AAAAAAAAAAAAABETH/2gAIAQMBAT8QbqLHhWf/xAAYEQADAQEAAAAAAAAAAAAAAAAAATEQIf/aAAgBAgEBPxDm4QdP/8QAHBABAAMAAgMAAAAAAAAAAAAAAQARITFRYYGh" +
        "/9oACAEBAAE/EKAHtlOZ1rELV7LCh8iYz0iWX55hsuBOaiVJ/9k=";

    // SHA-256 of the 24x20 RGB samples that libjpeg-turbo's djpeg gives.
    private const string Samples = "E5617CC8FDC6E9E09B5BAC551BBE5D7D337A2C3B8400C8D67371F808B1E71D56";

    [Fact]
    public void Progressive_scans_add_up_to_the_samples_that_libjpeg_gives()
    {
        Raster raster = Pictures.Decode(new MemoryStream(Make()), "picture");

        Assert.Equal((24, 20, 3), (raster.Width, raster.Height, raster.Channels));
        Assert.Equal(Samples, Convert.ToHexString(SHA256.HashData(raster.Data)));
    }

    internal static byte[] Make() => Convert.FromBase64String(File);
}
