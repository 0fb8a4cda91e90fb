using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Benchmarks;

/// <summary>
/// The files that are measured on: the repository's sample picture, repeated as in a mirror up to the size of a photograph, and a mask for it. They are made once and
/// kept in the temporary folder, so that a measured process only reads them.
/// </summary>
internal static class BenchmarkPictures
{
    /// <summary>Columns of the photograph: 12 megapixels.</summary>
    public const int PhotographWidth = 4000;

    /// <summary>Rows of the photograph.</summary>
    public const int PhotographHeight = 3000;

    /// <summary>Columns of the smaller picture: 1 megapixel.</summary>
    public const int SmallWidth = 1152;

    /// <summary>Rows of the smaller picture.</summary>
    public const int SmallHeight = 896;

    private static readonly Lazy<string> Folder = new(Create);

    /// <summary>The photograph as a PNG of 8-bit RGB.</summary>
    public static string PhotographPng => Path.Combine(Folder.Value, "photograph.png");

    /// <summary>The photograph as a JPEG of quality 92.</summary>
    public static string PhotographJpeg => Path.Combine(Folder.Value, "photograph.jpg");

    /// <summary>A mask for the photograph, an ellipse over 2 % of it.</summary>
    public static string PhotographMask => Path.Combine(Folder.Value, "photograph_mask.png");

    /// <summary>The smaller picture as a PNG.</summary>
    public static string SmallPng => Path.Combine(Folder.Value, "small.png");

    /// <summary>A mask for the smaller picture, an ellipse over 5 % of it.</summary>
    public static string SmallMask => Path.Combine(Folder.Value, "small_mask.png");

    /// <summary>A picture that lies in samples/pictures.</summary>
    public static string Sample(string name) => Path.Combine(AppContext.BaseDirectory, "pictures", name);

    /// <summary>Decodes a picture.</summary>
    public static Raster Decode(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Pictures.Decode(stream, path);
    }

    /// <summary>Reads a mask.</summary>
    public static Mask ReadMask(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return MaskReader.Read(stream, path, MaskMode.White);
    }

    private static string Create()
    {
        // A folder for each build: pictures of an older one would be measured otherwise.
        string folder = Path.Combine(Path.GetTempPath(), "inpaint-benchmarks-" + typeof(BenchmarkPictures).Module.ModuleVersionId.ToString("N"));
        if (Directory.Exists(folder))
        {
            return folder;
        }

        string unfinished = Directory.CreateDirectory(folder + "." + Guid.NewGuid().ToString("N")).FullName;
        Raster sample = Decode(Sample("ball.png"));
        Raster photograph = Mirror(sample, PhotographWidth, PhotographHeight);
        Write(photograph, PictureFormat.Png, unfinished, "photograph.png");
        Write(photograph, PictureFormat.Jpeg, unfinished, "photograph.jpg");
        Write(Mirror(sample, SmallWidth, SmallHeight), PictureFormat.Png, unfinished, "small.png");
        WriteMask(PhotographWidth, PhotographHeight, share: 0.02, unfinished, "photograph_mask.png");
        WriteMask(SmallWidth, SmallHeight, share: 0.05, unfinished, "small_mask.png");
        Directory.Move(unfinished, folder);
        return folder;
    }

    private static Raster Mirror(Raster sample, int width, int height)
    {
        var picture = new Raster(width, height, sample.Channels, sample.BitDepth);
        int bytes = sample.BytesPerPixel;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> from = sample.Row(Fold(y, sample.Height));
            Span<byte> to = picture.Row(y);
            for (int x = 0; x < width; x++)
            {
                from.Slice(Fold(x, sample.Width) * bytes, bytes).CopyTo(to[(x * bytes)..]);
            }
        }

        return picture;
    }

    private static int Fold(int position, int length) => position / length % 2 == 0 ? position % length : length - 1 - (position % length);

    private static void Write(Raster raster, PictureFormat format, string folder, string name)
    {
        using FileStream stream = File.Create(Path.Combine(folder, name));
        Pictures.Encode(raster, format, stream);
    }

    private static void WriteMask(int width, int height, double share, string folder, string name)
    {
        // An ellipse of the picture's proportions takes π/4 of the rectangle around it.
        double scale = Math.Sqrt(share * 4 / Math.PI);
        int holeWidth = (int)(width * scale);
        int holeHeight = (int)(height * scale);
        var mask = new Mask(width, height);
        MaskShapes.AddEllipse(mask, new PixelRect((width - holeWidth) / 2, (height - holeHeight) / 2, holeWidth, holeHeight));
        using FileStream stream = File.Create(Path.Combine(folder, name));
        stream.Write(mask.ToPng());
    }
}
