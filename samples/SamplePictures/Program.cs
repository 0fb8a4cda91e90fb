using System.Numerics;
using Inpaint.Imaging;
using Inpaint.Imaging.Png;
using Inpaint.SamplePictures;

// Draws the sample picture and its mask anew:
//   dotnet run --project samples/SamplePictures -- samples/pictures
string folder = args.Length > 0 ? args[0] : "samples/pictures";
const int samplesPerEdge = 3;
Directory.CreateDirectory(folder);
Raster picture = new(Scene.Width, Scene.Height, channels: 3);
Raster mask = new(Scene.Width, Scene.Height, channels: 1);
Parallel.For(0, Scene.Height, y =>
{
    Span<byte> row = picture.Row(y);
    Span<byte> maskRow = mask.Row(y);
    for (int x = 0; x < Scene.Width; x++)
    {
        Vector3 sum = Vector3.Zero;
        for (int sample = 0; sample < samplesPerEdge * samplesPerEdge; sample++)
        {
            sum += Scene.ColorAt(x + (sample % samplesPerEdge + 0.5) / samplesPerEdge, y + (sample / samplesPerEdge + 0.5) / samplesPerEdge);
        }

        Vector3 color = sum * (255f / (samplesPerEdge * samplesPerEdge));
        row[x * 3] = (byte)MathF.Round(color.X);
        row[x * 3 + 1] = (byte)MathF.Round(color.Y);
        row[x * 3 + 2] = (byte)MathF.Round(color.Z);
        maskRow[x] = Scene.IsMasked(x + 0.5, y + 0.5) ? (byte)255 : (byte)0;
    }
});

Write(picture, "ball.png");
Write(mask, "ball_mask.png");

void Write(Raster raster, string name)
{
    using FileStream stream = File.Create(Path.Combine(folder, name));
    PngEncoder.Encode(raster, stream);
}
