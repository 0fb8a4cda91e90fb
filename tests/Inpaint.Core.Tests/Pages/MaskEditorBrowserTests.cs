using System.Text.Json.Nodes;
using Inpaint.Imaging;
using Inpaint.Pages;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Pages;

/// <summary>The page as a person uses it, in a real browser.</summary>
public sealed class MaskEditorBrowserTests : IDisposable
{
    private const int Width = 100;
    private const int Height = 80;
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [RequiresFact(Requirement.Browser)]
    public async Task Paints_the_pixels_where_the_mouse_went()
    {
        (MaskEdit edit, JsonObject seen) = await PlayAsync("paint");

        Assert.Equal(MaskEditOutcome.Saved, edit.Outcome);
        Assert.Equal("The mask is saved", (string?)seen["title"]);
        AssertMarks(
            edit.File!.Path,
            (x, y) => (IsNearLine(x, y, 20.5, 30.5, 60.5, 30.5, 4.5) || (x is >= 70 and <= 89 && y is >= 10 and <= 24) || (x is >= 10 and < 50 && y is >= 50 and < 70))
                && !IsNearLine(x, y, 40.5, 20.5, 40.5, 40.5, 2.5));
        Assert.Empty(seen["complaints"]!.AsArray());
    }

    [RequiresFact(Requirement.Browser)]
    public async Task Undoes_and_redoes_step_by_step()
    {
        (MaskEdit edit, JsonObject seen) = await PlayAsync("undo");

        int[] counts = [.. seen["counts"]!.AsArray().Select(n => (int)n!)];
        int stroke = Pixels((x, y) => IsNearLine(x, y, 20.5, 30.5, 60.5, 30.5, 4.5));
        Assert.Equal([stroke, (Width * Height) - stroke, stroke, 0, stroke], counts);
        AssertMarks(edit.File!.Path, (x, y) => IsNearLine(x, y, 20.5, 30.5, 60.5, 30.5, 4.5));
    }

    [RequiresFact(Requirement.Browser)]
    public async Task Fills_by_colour_and_grows_and_shrinks()
    {
        (MaskEdit edit, _) = await PlayAsync("fill");

        AssertMarks(edit.File!.Path, (x, _) => x < Width / 2);
    }

    [RequiresFact(Requirement.Browser)]
    public async Task Paints_without_a_mouse()
    {
        (MaskEdit edit, JsonObject seen) = await PlayAsync("keyboard");

        Assert.Equal(MaskEditOutcome.Saved, edit.Outcome);
        Assert.Equal(Pixels((x, y) => IsNearLine(x, y, 51.5, 40.5, 51.5, 40.5, 3.5)), (int)seen["marked"]!);
    }

    [RequiresFact(Requirement.Browser)]
    public async Task Paints_with_one_finger_and_zooms_with_two()
    {
        (MaskEdit edit, JsonObject seen) = await PlayAsync("touch");

        int stroke = Pixels((x, y) => IsNearLine(x, y, 20.5, 30.5, 60.5, 30.5, 4.5));
        Assert.Equal([stroke, stroke], seen["strokes"]!.AsArray().Select(n => (int)n!));
        Assert.Equal(1, (int)seen["steps"]!);
        Assert.True((double)seen["after"]![0]! > (double)seen["before"]![0]!);
        AssertMarks(edit.File!.Path, (x, y) => IsNearLine(x, y, 20.5, 30.5, 60.5, 30.5, 4.5));
    }

    [RequiresFact(Requirement.Browser)]
    public async Task Paints_with_a_pen_and_ignores_the_hand_beside_it()
    {
        (MaskEdit edit, JsonObject seen) = await PlayAsync("pen");

        Assert.Equal(1, (int)seen["steps"]!);
        AssertMarks(edit.File!.Path, (x, y) => IsNearLine(x, y, 20.5, 30.5, 60.5, 30.5, 4.5));
    }

    [RequiresFact(Requirement.Browser)]
    public async Task Tells_a_second_tab_and_goes_on_in_the_first()
    {
        (MaskEdit edit, JsonObject seen) = await PlayAsync("secondTab");

        Assert.Equal("This mask is being painted in another tab", (string?)seen["told"]);
        Assert.Equal(MaskEditOutcome.Saved, edit.Outcome);
    }

    [RequiresFact(Requirement.Browser)]
    public async Task Outlives_a_reload()
    {
        (MaskEdit edit, _) = await PlayAsync("reload");

        Assert.Equal(MaskEditOutcome.Saved, edit.Outcome);
    }

    [RequiresTheory(Requirement.Browser)]
    [InlineData("cancel", MaskEditOutcome.Cancelled)]
    [InlineData("close", MaskEditOutcome.Closed)]
    public async Task Writes_nothing_when_it_is_given_up(string scenario, MaskEditOutcome outcome)
    {
        (MaskEdit edit, _) = await PlayAsync(scenario);

        Assert.Equal(new MaskEdit(outcome, File: null), edit);
        Assert.Equal(["photo.png"], folder.Files());
    }

    [RequiresFact(Requirement.Browser)]
    public async Task Answers_no_other_site()
    {
        (MaskEdit edit, JsonObject seen) = await PlayAsync("foreign");

        // The last is sent without asking first; that it did nothing is seen from the mask.
        Assert.Equal(["refused", "refused", "refused", "refused"], seen["results"]!.AsArray().Select(r => (string)r!));
        Assert.Equal(MaskEditOutcome.Saved, edit.Outcome);
    }

    private async Task<(MaskEdit Edit, JsonObject Seen)> PlayAsync(string scenario)
    {
        MaskEditRequest request = new(PictureSource.FromFile(folder.Write("photo.png", Photo())), folder.At("photo_mask.png"));
        TaskCompletionSource<Uri> opened = new();
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<MaskEdit> editing = MaskEditor.EditAsync(request, opened.SetResult, cancellationToken: over.Token);
        try
        {
            JsonObject seen = await RealBrowser.RunAsync(scenario, await opened.Task);
            return (await editing, seen);
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    // Red in its left half, blue in its right.
    private static byte[] Photo()
    {
        Raster picture = new(Width, Height, 3, 8);
        for (int i = 0; i < Width * Height; i++)
        {
            picture.Data[(3 * i) + (i % Width < Width / 2 ? 0 : 2)] = 200;
        }

        using MemoryStream png = new();
        Pictures.Encode(picture, PictureFormat.Png, png);
        return png.ToArray();
    }

    private static bool IsNearLine(int x, int y, double x0, double y0, double x1, double y1, double radius)
    {
        (double px, double py) = (Math.Clamp(x + 0.5, Math.Min(x0, x1), Math.Max(x0, x1)), Math.Clamp(y + 0.5, Math.Min(y0, y1), Math.Max(y0, y1)));
        return Math.Pow(x + 0.5 - px, 2) + Math.Pow(y + 0.5 - py, 2) <= radius * radius;
    }

    private static int Pixels(Func<int, int, bool> isMarked) => Enumerable.Range(0, Width * Height).Count(i => isMarked(i % Width, i / Width));

    private static void AssertMarks(string path, Func<int, int, bool> isMarked)
    {
        Raster mask = LocalPictures.Decode(PictureSource.FromFile(path), CancellationToken.None);
        Assert.Equal((Width, Height, 1), (mask.Width, mask.Height, mask.Channels));
        byte[] expected = [.. Enumerable.Range(0, Width * Height).Select(i => isMarked(i % Width, i / Width) ? (byte)255 : (byte)0)];
        int[] wrong = [.. Enumerable.Range(0, expected.Length).Where(i => expected[i] != mask.Data[i])];
        Assert.True(wrong.Length == 0, $"{wrong.Length} pixels differ, the first at {(wrong.Length > 0 ? (wrong[0] % Width, wrong[0] / Width) : default)}");
    }
}
