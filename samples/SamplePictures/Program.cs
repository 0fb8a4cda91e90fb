using System.Numerics;
using Inpaint;
using Inpaint.Imaging;
using Inpaint.SamplePictures;

// Draws the sample pictures and the ball's mask anew:
//   dotnet run --project samples/SamplePictures -- samples/pictures
string folder = args.Length > 0 ? args[0] : "samples/pictures";
Directory.CreateDirectory(folder);
Write(Draw(Scene.Width, Scene.Height, Scene.ColorAt), "ball.png");

Raster mask = new(Scene.Width, Scene.Height, channels: 1);
for (int y = 0; y < Scene.Height; y++)
{
    Span<byte> row = mask.Row(y);
    for (int x = 0; x < Scene.Width; x++)
    {
        row[x] = Scene.IsMasked(x + 0.5, y + 0.5) ? (byte)255 : (byte)0;
    }
}

Write(mask, "ball_mask.png");

// A quarter of the scene, where the wall meets the lawn and the ball is not.
Write(Draw(Scene.Width / 2, Scene.Height / 2, (x, y) => DateStamp.Over(Scene.GroundAt(x, y + 150), x, y)), "dated.png");

static Raster Draw(int width, int height, Func<double, double, Vector3> colorAt)
{
    const int SamplesPerEdge = 3;
    Raster picture = new(width, height, channels: 3);
    Parallel.For(0, height, y =>
    {
        Span<byte> row = picture.Row(y);
        for (int x = 0; x < width; x++)
        {
            Vector3 sum = Vector3.Zero;
            for (int sample = 0; sample < SamplesPerEdge * SamplesPerEdge; sample++)
            {
                sum += colorAt(x + (sample % SamplesPerEdge + 0.5) / SamplesPerEdge, y + (sample / SamplesPerEdge + 0.5) / SamplesPerEdge);
            }

            Vector3 color = sum * (255f / (SamplesPerEdge * SamplesPerEdge));
            row[x * 3] = (byte)MathF.Round(color.X);
            row[x * 3 + 1] = (byte)MathF.Round(color.Y);
            row[x * 3 + 2] = (byte)MathF.Round(color.Z);
        }
    });
    return picture;
}

void Write(Raster raster, string name)
{
    using FileStream stream = File.Create(Path.Combine(folder, name));
    Pictures.Encode(raster, PictureFormat.Png, stream);
}
