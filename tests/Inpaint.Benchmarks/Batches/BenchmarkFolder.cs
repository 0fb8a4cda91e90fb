using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Benchmarks.Batches;

/// <summary>A temporary folder with a picture, its mask, and a folder for each run.</summary>
internal sealed class BenchmarkFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("inpaint-batches-");
    private int runs;

    /// <summary>Draws small pictures: what is measured is the way of a job, and the emulator keeps every request's body.</summary>
    public BenchmarkFolder()
    {
        Picture = Path.Combine(folder.FullName, "picture.png");
        Mask = Path.Combine(folder.FullName, "mask.png");
        Raster sample = BenchmarkPictures.Decode(BenchmarkPictures.Sample("dated.png"));
        Raster small = new(128, 96, sample.Channels, sample.BitDepth);
        for (int y = 0; y < small.Height; y++)
        {
            sample.Row(y)[..(small.Width * small.BytesPerPixel)].CopyTo(small.Row(y));
        }

        using (FileStream file = File.Create(Picture))
        {
            Pictures.Encode(small, PictureFormat.Png, file);
        }

        Mask hole = new(small.Width, small.Height);
        MaskShapes.AddEllipse(hole, new PixelRect(40, 30, 48, 36));
        File.WriteAllBytes(Mask, hole.ToPng());
    }

    public string Picture { get; }

    public string Mask { get; }

    /// <summary>Where a file of the folder is.</summary>
    public string At(string name) => Path.Combine(folder.FullName, name);

    /// <summary>Names the pictures and a new folder to a run.</summary>
    public Work Prepare(Work work) => work with { Folder = folder.CreateSubdirectory($"{runs++}").FullName, ClientFolder = AppContext.BaseDirectory, Picture = Picture, Mask = Mask };

    /// <inheritdoc/>
    public void Dispose() => folder.Delete(recursive: true);
}
