using Inpaint.Files;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Pages;
using Inpaint.Planning;
using Inpaint.Results;

namespace Inpaint.Engine;

// Callers have one door, whether or not what they ask for needs the engine's state.
#pragma warning disable CA1822

/// <content>Pictures and masks: saved, shown, made, compared, painted and put on a page.</content>
public sealed partial class InpaintEngine
{
    /// <summary>Saves a picture to a file, whole or not at all.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="options">Where and how.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests; nothing is left behind.</param>
    /// <returns>The file.</returns>
    /// <exception cref="InpaintException">OutputExists, OutputWriteFailed, ResultExpired, ResultAccessDenied, ResponseInvalid and others; <see cref="InpaintException.Job"/> holds the job where the journal knows it.</exception>
    public async Task<SavedImage> SaveAsync(InpaintImage image, SaveOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(options);
        using PendingCalls.Call call = calls.Enter();
        SavedImage saved = await WithOriginAsync(image.Origin, () => saver.SaveAsync(image, options, cancellationToken)).ConfigureAwait(false);
        return MarkSaved(image) is not { } warning ? saved : saved with { Warning = saved.Warning is null ? warning : $"{saved.Warning} {warning}" };
    }

    /// <summary>Makes mask files of what a segmentation has found, in the module's convention: white where the thing is, in the picture's size.</summary>
    /// <param name="result">The result.</param>
    /// <param name="recipe">What is done with each mask, and the picture that it is for; its own mask is left out of account.</param>
    /// <param name="path">The file's full path; where each thing gets a file, a number is added to the name.</param>
    /// <param name="isSeparate">Whether each thing gets a file of its own; otherwise all are marked in one.</param>
    /// <param name="overwrite">Whether existing files may be replaced.</param>
    /// <param name="force">Whether read-only ones may be replaced as well.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The files.</returns>
    /// <exception cref="InpaintException">OutputExists, OutputWriteFailed, ResultExpired, ResponseInvalid and others; <see cref="InpaintException.Job"/> holds the job where the journal knows it.</exception>
    public async Task<IReadOnlyList<MaskFile>> SaveMasksAsync(
        InpaintResult result,
        MaskRecipe recipe,
        string path,
        bool isSeparate = false,
        bool overwrite = false,
        bool force = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(recipe);
        using PendingCalls.Call call = calls.Enter();
        return await WithOriginAsync(result.Images.Select(image => image.Origin).FirstOrDefault(), async () =>
        {
            List<MaskFile> files = [];
            IReadOnlyList<PictureSource> found = await masks.CollectAsync(result, recipe.Image, isSeparate, cancellationToken).ConfigureAwait(false);
            for (int index = 0; index < found.Count; index++)
            {
                files.Add(MaskFactory.Save(recipe with { Mask = found[index], MaskMode = MaskMode.White }, isSeparate ? FoundMasks.NameOf(path, index) : path, overwrite, force, cancellationToken));
            }

            string[] unnoted = [.. result.Images.Select(MarkSaved).OfType<string>().Distinct(StringComparer.Ordinal)];
            return unnoted.Length == 0 || files.Count == 0 ? files : [files[0] with { Warning = string.Join(' ', unnoted.Prepend(files[0].Warning).OfType<string>()) }, .. files.Skip(1)];
        }).ConfigureAwait(false);
    }

    /// <summary>Makes a mask of what a segmentation has found, and keeps it in the state folder, with the job, for at least a week.</summary>
    /// <param name="result">The result.</param>
    /// <param name="recipe">What is done with the mask, and the picture that it is for; its own mask is left out of account.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The mask's file.</returns>
    /// <exception cref="InpaintException">ResultExpired, ResponseInvalid, StateUnavailable and others; <see cref="InpaintException.Job"/> holds the job where the journal knows it.</exception>
    public async Task<PictureSource> KeepMaskAsync(InpaintResult result, MaskRecipe recipe, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(recipe);
        using PendingCalls.Call call = calls.Enter();
        return await WithOriginAsync(result.Images.Select(image => image.Origin).FirstOrDefault(), async () =>
        {
            IReadOnlyList<PictureSource> found = await masks.CollectAsync(result, recipe.Image, isSeparate: false, cancellationToken).ConfigureAwait(false);
            Mask mask = MaskFactory.Make(recipe with { Mask = found[0], MaskMode = MaskMode.White }, cancellationToken);
            string path = spool.WriteFoundMask(result.Job.JournalId, found[0].Name, mask.ToPng());
            foreach (InpaintImage image in result.Images)
            {
                // That a mask is listed as uncollected is the smaller evil.
                _ = MarkSaved(image);
            }

            return PictureSource.FromFile(path);
        }).ConfigureAwait(false);
    }

    /// <summary>Finds what can be found before a segmentation is paid for whose masks are to be saved. Writes nothing.</summary>
    /// <param name="recipe">What is to be done with each mask, and the picture that it is for.</param>
    /// <param name="path">The file's full path.</param>
    /// <param name="isSeparate">Whether each thing gets a file of its own.</param>
    /// <param name="overwrite">Whether existing files may be replaced.</param>
    /// <param name="force">Whether read-only ones may be replaced as well.</param>
    /// <exception cref="InpaintException">As <see cref="SaveMasksAsync"/>, but for what only the pixels tell.</exception>
    public void CheckMasks(MaskRecipe recipe, string path, bool isSeparate = false, bool overwrite = false, bool force = false)
    {
        ArgumentNullException.ThrowIfNull(recipe);

        // A mask of one pixel stands for what is still to be found.
        PictureSource found = PictureSource.FromBytes(new Mask(1, 1).ToPng(), "found.png");
        MaskFactory.Check(recipe with { Mask = found }, isSeparate ? FoundMasks.NameOf(path, 0) : path, overwrite, force);
    }

    /// <summary>Draws a picture as text for a terminal. One that is elsewhere is fetched, without a key.</summary>
    /// <param name="view">What is to be seen.</param>
    /// <param name="canvas">Where and how; null where nothing can be drawn, which gives a sentence instead.</param>
    /// <param name="note">Told what is left out, and why.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The text; lines are divided by \n, and the last has none.</returns>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported, ImageTooLarge, MaskSizeMismatch, or why a picture cannot be fetched.</exception>
    public async Task<string> ShowAsync(PictureView view, TerminalCanvas? canvas, Action<string>? note = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(view);
        using PendingCalls.Call call = calls.Enter();
        return await WithOriginAsync(view.Origin, () => viewer.ShowAsync(view, canvas, note, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Fetches a picture that is given by its URL, without a key, so that its pixels can be read here. It is fetched once, however often it is asked for.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The picture here; the same when it is.</returns>
    /// <exception cref="InpaintException">ImageNotFound: the URL leads to no picture. Others: why it cannot be fetched.</exception>
    public async Task<PictureSource> FetchAsync(PictureSource picture, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(picture);
        using PendingCalls.Call call = calls.Enter();
        return await remote.FetchAsync(picture, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads back what a saved picture says about its making: its sidecar file, or what is embedded.</summary>
    /// <param name="path">The picture's path.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The picture, by its file; what is not said is null.</returns>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported, ImageTooLarge.</exception>
    public InpaintImage ReadSaved(string path, CancellationToken cancellationToken = default) => SavedPicture.Read(path, cancellationToken);

    /// <summary>Looks at the mask of a request as <see cref="Plan"/> does, and says what it finds instead of failing. Calls nobody and costs nothing.</summary>
    /// <param name="request">A request with picture and mask; the rest of it does not matter.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What the mask would do, and what is to be said against it.</returns>
    /// <exception cref="InpaintException">ProviderNotFound.</exception>
    public MaskReport InspectMask(InpaintRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return RequestPlanner.InspectMask(request, Providers.Choose(request.Provider), cancellationToken);
    }

    /// <summary>The name that a mask gets when none is given: <c>dog_mask.png</c> beside <c>dog.jpg</c>, a mask's own name for one that is only changed.</summary>
    /// <param name="recipe">How the mask is made.</param>
    /// <param name="folder">Where the file goes; null for beside the picture.</param>
    /// <param name="currentFolder">Where it goes when there is no picture file to be beside.</param>
    /// <returns>The full path.</returns>
    public string MaskPathFor(MaskRecipe recipe, string? folder, string currentFolder) => MaskFactory.PathFor(recipe, folder, currentFolder);

    /// <summary>Whether a file is called as <see cref="MaskPathFor"/> calls the mask of a picture that lies beside it.</summary>
    /// <param name="path">The file's full path; null for what is not a file.</param>
    /// <returns>True when it is.</returns>
    public bool IsMaskOfPictureBeside(string? path) => MaskBesidePicture.IsMask(path);

    /// <summary>Finds the mask of a picture by its name: <c>dog_mask.*</c> beside <c>dog.jpg</c>, in any case and any format that is read.</summary>
    /// <param name="image">The picture.</param>
    /// <returns>The mask.</returns>
    /// <exception cref="InpaintException">InvalidParameter: there is none, or more than one; or the picture is not a file, beside which one could be.</exception>
    public PictureSource FindMask(PictureSource image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return MaskBesidePicture.Find(image);
    }

    /// <summary>The format that a file's name asks for.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The format; Unknown for one of pictures that is not written here; null when the name asks for none.</returns>
    public PictureFormat? FormatOfName(string name) => PictureFormats.RequestedBy(name);

    /// <summary>Ensures that the file or the name template does not ask for a format that cannot be written.</summary>
    /// <param name="options">How pictures are to be saved.</param>
    /// <returns>The format; null when they ask for none.</returns>
    /// <exception cref="InpaintException">InvalidParameter, naming <see cref="SaveOptions.NameTemplate"/> or Path.</exception>
    public PictureFormat? EnsureWritable(SaveOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string? name = options.FilePath ?? options.NameTemplate;
        PictureFormat? requested = name is null ? null : PictureFormats.RequestedBy(name);
        return requested == PictureFormat.Unknown ? throw ImageSaver.UnsupportedFormat(options, name!) : requested;
    }

    /// <summary>The files that the pictures of one result are saved to under one name: the second and later ones get a number.</summary>
    /// <param name="path">The full path that is asked for.</param>
    /// <param name="count">How many pictures there are.</param>
    /// <returns>A full path for each.</returns>
    public IEnumerable<string> SavePathsFor(string path, int count) => ImageSaver.PathsFor(path, count);

    /// <summary>Whether two sources are the same picture: one URL, one file under whatever names and links, or the same bytes where one of them is not a file.</summary>
    /// <param name="picture">A picture.</param>
    /// <param name="other">Another.</param>
    /// <returns>True when they are the same.</returns>
    /// <exception cref="InpaintException">ImageNotFound: one of them cannot be read.</exception>
    public bool AreSame(PictureSource picture, PictureSource other)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(other);
        return picture.IsSameAs(other);
    }

    /// <summary>Makes a mask and writes it as an 8-bit grayscale picture of the format that its name asks for, whole or not at all.</summary>
    /// <param name="recipe">How.</param>
    /// <param name="path">The file's full path.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only may be replaced as well.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests; nothing is left behind.</param>
    /// <returns>The file.</returns>
    /// <exception cref="InpaintException">
    /// InvalidParameter: the recipe lacks a size or asks a picture that is not there. ImageNotFound, ImageUnsupported, ImageTooLarge: of picture or mask.
    /// MaskSizeMismatch: picture and mask differ in size. OutputExists, OutputWriteFailed.
    /// </exception>
    public MaskFile SaveMask(MaskRecipe recipe, string path, bool overwrite = false, bool force = false, CancellationToken cancellationToken = default) =>
        MaskFactory.Save(recipe, path, overwrite, force, cancellationToken);

    /// <summary>Finds what can be found before a mask is made: a recipe that makes none, a picture that is not there, a name that is taken. Writes nothing.</summary>
    /// <param name="recipe">How the mask is to be made.</param>
    /// <param name="path">The file's full path.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only may be replaced as well.</param>
    /// <exception cref="InpaintException">As <see cref="SaveMask"/>, but for what only the pixels tell.</exception>
    public void CheckMask(MaskRecipe recipe, string path, bool overwrite = false, bool force = false) => MaskFactory.Check(recipe, path, overwrite, force);

    /// <summary>Lets a person paint a mask over a picture, in a page that a browser on this machine shows, until the mask is saved or given up.</summary>
    /// <param name="request">What is to be painted.</param>
    /// <param name="open">Told the page's URL, which is good for one browser tab, and only as long as this call takes.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests; nothing is written.</param>
    /// <returns>How it ended, and the mask's file.</returns>
    /// <exception cref="InpaintException">
    /// ImageNotFound, ImageUnsupported, ImageTooLarge: of picture or mask. MaskSizeMismatch. InvalidParameter: the port is taken, or the path is not a PNG's or is the picture's own.
    /// OutputExists, OutputWriteFailed: the mask cannot be written, or could not and the page was left without another attempt.
    /// </exception>
    public async Task<MaskEdit> EditMaskAsync(MaskEditRequest request, Action<Uri> open, CancellationToken cancellationToken = default)
    {
        using PendingCalls.Call call = calls.Enter();
        return await MaskEditor.EditAsync(request, open, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds what can be found before a page is opened: a picture that is none, a mask that is not there, a name that is taken. Writes nothing.</summary>
    /// <param name="request">What is to be painted.</param>
    /// <exception cref="InpaintException">As for <see cref="EditMaskAsync"/>, but for what only the pixels and the browser tell.</exception>
    public void CheckMaskEdit(MaskEditRequest request) => MaskEditor.Check(request);

    /// <summary>Whether a file that is written under one path would take the place of a picture, whatever links lie on the way.</summary>
    /// <param name="path">The full path that is written.</param>
    /// <param name="picture">The picture; one that is not a file is never replaced.</param>
    /// <returns>True when it would.</returns>
    public bool WouldReplace(string path, PictureSource picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return PathIdentity.WouldReplace(path, picture.FilePath);
    }

    /// <summary>Compares two pictures of one size, pixel by pixel. Gray compares with colour of equal channels as equal, and 8 bits with 16 of the same value. Colour profiles count: pictures with different ones are compared in sRGB.</summary>
    /// <param name="reference">The picture to compare with, usually the original.</param>
    /// <param name="difference">The picture to compare, usually the result.</param>
    /// <param name="mask">What was allowed to change; null: nothing.</param>
    /// <param name="maskMode">What marks that part in the mask.</param>
    /// <param name="picture">A picture of the differences to be written; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>How they differ.</returns>
    /// <exception cref="InpaintException">
    /// ImageNotFound, ImageUnsupported, ImageTooLarge: of a picture. InvalidParameter: the pictures differ in size, or one of them would be written over. MaskSizeMismatch: mask and pictures do.
    /// OutputExists, OutputWriteFailed: of the picture of the differences.
    /// </exception>
    public PictureComparison Compare(
        PictureSource reference,
        PictureSource difference,
        PictureSource? mask = null,
        MaskMode maskMode = MaskMode.White,
        DifferencePicture? picture = null,
        CancellationToken cancellationToken = default) => PictureComparer.Compare(reference, difference, mask, maskMode, picture, cancellationToken);

    /// <summary>Finds what can be found before pictures are compared: a picture of the differences that would replace one of them, or cannot be written.</summary>
    /// <param name="picture">The picture of the differences.</param>
    /// <param name="reference">The picture to compare with.</param>
    /// <param name="difference">The picture to compare.</param>
    /// <param name="mask">The mask, if any.</param>
    /// <exception cref="InpaintException">InvalidParameter: it would replace one of them, or is named as another format; OutputExists, OutputWriteFailed.</exception>
    public void CheckComparison(DifferencePicture picture, PictureSource reference, PictureSource difference, PictureSource? mask = null) =>
        PictureComparer.Check(picture, reference, difference, mask);

    /// <summary>Begins a gallery page. Writes nothing yet.</summary>
    /// <param name="options">Where and how.</param>
    /// <returns>Takes the pictures and writes the page.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the name is not one of a page. OutputExists, OutputWriteFailed: the file cannot be written.</exception>
    public GalleryWriter BeginGallery(GalleryOptions options) => new(options);

    /// <summary>Notes that a picture is in a file, where the journal knows it.</summary>
    /// <returns>Why it cannot be noted; null when it is. The file is there, whole; that the job will be listed as uncollected is the smaller evil.</returns>
    private string? MarkSaved(InpaintImage image)
    {
        if (image.Origin?.JournalId is not string journalId || !JobJournal.IsValidId(journalId))
        {
            return null;
        }

        try
        {
            journal.MarkSaved(journalId, image.Index);
            return null;
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.StateUnavailable)
        {
            return $"The picture is saved, but this cannot be noted: {e.Message}";
        }
    }

    /// <summary>Does something with a picture: what goes wrong with it carries the job that made it, where the journal knows that.</summary>
    private async Task<T> WithOriginAsync<T>(ImageOrigin? origin, Func<Task<T>> work)
    {
        // A record that came back from JSON may lack anything.
        JournalEntry? entry = origin?.JournalId is { } journalId && JobJournal.IsValidId(journalId) ? journal.Read(journalId) : null;
        return await (entry is null ? work() : JobFailures.AttributeAsync(journal, entry, work)).ConfigureAwait(false);
    }
}
