using Inpaint.Files;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Pages;
using Inpaint.Planning;
using Inpaint.Results;

namespace Inpaint.Engine;

// Members that need no state of the engine are instance members as well, so that callers have a single entry point.
#pragma warning disable CA1822

/// <content>Pictures and masks: saving, showing, making, comparing and painting them, and galleries.</content>
public sealed partial class InpaintEngine
{
    /// <summary>Saves a picture to a file, completely or not at all.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="options">The target and how it is written.</param>
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

    /// <summary>Saves the masks of a segmentation: white where the object is, in the picture's size.</summary>
    /// <param name="result">The result.</param>
    /// <param name="recipe">How each mask is changed, and the picture that it is for; its own mask is ignored.</param>
    /// <param name="path">The file's full path; with several files, a number is added to the name.</param>
    /// <param name="isSeparate">Whether each object gets a file of its own; otherwise all are in one.</param>
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
            recipe = await RecipeOfFoundAsync(recipe, cancellationToken).ConfigureAwait(false);
            IReadOnlyList<PictureSource> found = await masks.CollectAsync(result, recipe.Image, isSeparate, cancellationToken).ConfigureAwait(false);
            for (int index = 0; index < found.Count; index++)
            {
                files.Add(MaskFactory.Save(recipe with { Mask = found[index], MaskMode = MaskMode.White }, isSeparate ? FoundMasks.NameOf(path, index) : path, overwrite, force, cancellationToken));
            }

            string[] unnoted = [.. result.Images.Select(MarkSaved).OfType<string>().Distinct(StringComparer.Ordinal)];
            return unnoted.Length == 0 || files.Count == 0 ? files : [files[0] with { Warning = string.Join(' ', unnoted.Prepend(files[0].Warning).OfType<string>()) }, .. files.Skip(1)];
        }).ConfigureAwait(false);
    }

    /// <summary>Creates a mask from a segmentation, and stores it in the state folder, with the job, for at least a week.</summary>
    /// <param name="result">The result.</param>
    /// <param name="recipe">How the mask is changed, and the picture that it is for; its own mask is ignored.</param>
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
            recipe = await RecipeOfFoundAsync(recipe, cancellationToken).ConfigureAwait(false);
            IReadOnlyList<PictureSource> found = await masks.CollectAsync(result, recipe.Image, isSeparate: false, cancellationToken).ConfigureAwait(false);
            Mask mask = MaskFactory.Make(recipe with { Mask = found[0], MaskMode = MaskMode.White }, cancellationToken);
            string path = spool.WriteFoundMask(result.Job.JournalId, found[0].Name, mask.ToPng());
            foreach (InpaintImage image in result.Images)
            {
                // The mask is stored; it matters less that the job may be listed as uncollected.
                _ = MarkSaved(image);
            }

            return PictureSource.FromFile(path);
        }).ConfigureAwait(false);
    }

    /// <summary>Checks what can be checked before a segmentation is paid for whose masks are to be saved. Writes nothing.</summary>
    /// <param name="recipe">How each mask is to be changed, and the picture that it is for.</param>
    /// <param name="path">The file's full path.</param>
    /// <param name="isSeparate">Whether each object gets a file of its own.</param>
    /// <param name="overwrite">Whether existing files may be replaced.</param>
    /// <param name="force">Whether read-only ones may be replaced as well.</param>
    /// <exception cref="InpaintException">As <see cref="SaveMasksAsync"/>, except for failures that only the pixels reveal.</exception>
    public void CheckMasks(MaskRecipe recipe, string path, bool isSeparate = false, bool overwrite = false, bool force = false)
    {
        ArgumentNullException.ThrowIfNull(recipe);

        // A mask of one pixel represents those that are still to be made.
        PictureSource found = PictureSource.FromBytes(new Mask(1, 1).ToPng(), "found.png");
        MaskFactory.Check(recipe with { Mask = found }, isSeparate ? FoundMasks.NameOf(path, 0) : path, overwrite, force);
    }

    /// <summary>Draws a picture as text for a terminal. A remote one is downloaded, without a key.</summary>
    /// <param name="view">The picture and what is shown with it.</param>
    /// <param name="canvas">The protocol and the space; null where nothing can be drawn, which returns a sentence instead.</param>
    /// <param name="note">Receives a note about what is left out, and why.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The text; lines are separated by \n.</returns>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported, ImageTooLarge, MaskSizeMismatch, or why a picture cannot be downloaded.</exception>
    public async Task<string> ShowAsync(PictureView view, TerminalCanvas? canvas, Action<string>? note = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(view);
        using PendingCalls.Call call = calls.Enter();
        return await WithOriginAsync(view.Origin, () => viewer.ShowAsync(view, canvas, note, cancellationToken)).ConfigureAwait(false);
    }

    /// <summary>Reads how a saved picture was made, from its sidecar file or its embedded metadata.</summary>
    /// <param name="path">The picture's path.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The picture, with a <c>file:</c> URL; what is not known is null.</returns>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported, ImageTooLarge.</exception>
    public InpaintImage ReadSaved(string path, CancellationToken cancellationToken = default) => SavedPicture.Read(path, cancellationToken);

    /// <summary>Checks the mask of a request as <see cref="PlanAsync"/> does, and reports failures instead of throwing them. Remote pictures are downloaded; nothing is sent.</summary>
    /// <param name="request">A request with picture and mask; its other parameters are ignored.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What the mask would repaint, and what is wrong with it.</returns>
    /// <exception cref="InpaintException">ProviderNotFound.</exception>
    public async Task<MaskReport> InspectMaskAsync(InpaintRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using PendingCalls.Call call = calls.Enter();
        ProviderChoice choice = Providers.Choose(request.Provider);
        try
        {
            request = request with
            {
                Image = await remote.FetchOptionalAsync(request.Image, cancellationToken).ConfigureAwait(false),
                Mask = await remote.FetchOptionalAsync(request.Mask, cancellationToken).ConfigureAwait(false),
            };
        }
        catch (InpaintException e)
        {
            return MaskInspector.Failed(request, choice.Provider, e);
        }

        return RequestPlanner.InspectMask(request, choice, cancellationToken);
    }

    /// <summary>Gets the default path for a mask: <c>dog_mask.png</c> beside <c>dog.jpg</c>; an existing mask that is changed keeps its name.</summary>
    /// <param name="recipe">How the mask is made.</param>
    /// <param name="folder">The folder; null for the picture's.</param>
    /// <param name="currentFolder">The folder when the recipe has no picture file.</param>
    /// <returns>The full path.</returns>
    public string MaskPathFor(MaskRecipe recipe, string? folder, string currentFolder) => MaskFactory.PathFor(recipe, folder, currentFolder);

    /// <summary>Whether a file has the name that <see cref="MaskPathFor"/> gives the mask of a picture in the same folder.</summary>
    /// <param name="path">The file's full path; null when it is not a file.</param>
    /// <returns>True when it is.</returns>
    public bool IsMaskOfPictureBeside(string? path) => MaskBesidePicture.IsMask(path);

    /// <summary>Finds the mask of a picture by its name: <c>dog_mask.*</c> beside <c>dog.jpg</c>, in any case and any format that is read.</summary>
    /// <param name="image">The picture.</param>
    /// <returns>The mask.</returns>
    /// <exception cref="InpaintException">InvalidParameter: there is none, or more than one; or the picture is not a file.</exception>
    public PictureSource FindMask(PictureSource image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return MaskBesidePicture.Find(image);
    }

    /// <summary>Gets the format that a file's name requests.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The format; Unknown for a picture format that cannot be written; null when the name requests none.</returns>
    public PictureFormat? FormatOfName(string name) => PictureFormats.RequestedBy(name);

    /// <summary>Ensures that the file or the name template does not request a format that cannot be written.</summary>
    /// <param name="options">How pictures are to be saved.</param>
    /// <returns>The format; null when they request none.</returns>
    /// <exception cref="InpaintException">InvalidParameter, naming <see cref="SaveOptions.NameTemplate"/> or Path.</exception>
    public PictureFormat? EnsureWritable(SaveOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        string? name = options.FilePath ?? options.NameTemplate;
        PictureFormat? requested = name is null ? null : PictureFormats.RequestedBy(name);
        return requested == PictureFormat.Unknown ? throw ImageSaver.UnsupportedFormat(options, name!) : requested;
    }

    /// <summary>Gets the paths to which the pictures of one result are saved under one name, with numbers when there are several.</summary>
    /// <param name="path">The requested full path.</param>
    /// <param name="count">The number of pictures.</param>
    /// <returns>A full path for each.</returns>
    public IEnumerable<string> SavePathsFor(string path, int count) => ImageSaver.PathsFor(path, count);

    /// <summary>Whether two sources are the same picture: the same URL, the same file (by whatever path or link), or the same bytes where one of them is not a file.</summary>
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

    /// <summary>Makes a mask and writes it as an 8-bit grayscale picture in the format that its name requests, completely or not at all. Remote pictures are downloaded.</summary>
    /// <param name="recipe">How the mask is made.</param>
    /// <param name="path">The file's full path.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only may be replaced as well.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests; nothing is left behind.</param>
    /// <returns>The file.</returns>
    /// <exception cref="InpaintException">
    /// InvalidParameter: the recipe lacks a size, or the picture that it selects from. ImageNotFound, ImageUnsupported, ImageTooLarge: of picture or mask.
    /// MaskSizeMismatch: picture and mask differ in size. OutputExists, OutputWriteFailed. Others: why a remote picture cannot be downloaded.
    /// </exception>
    public async Task<MaskFile> SaveMaskAsync(MaskRecipe recipe, string path, bool overwrite = false, bool force = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        using PendingCalls.Call call = calls.Enter();
        return MaskFactory.Save(await remote.FetchAsync(recipe, cancellationToken).ConfigureAwait(false), path, overwrite, force, cancellationToken);
    }

    /// <summary>Checks what can be checked before a mask is made: the recipe, that the files exist, and that the mask's may be written. Writes and downloads nothing.</summary>
    /// <param name="recipe">How the mask is to be made.</param>
    /// <param name="path">The file's full path.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only may be replaced as well.</param>
    /// <exception cref="InpaintException">As <see cref="SaveMaskAsync"/>, except for failures that only the pixels reveal.</exception>
    public void CheckMask(MaskRecipe recipe, string path, bool overwrite = false, bool force = false) => MaskFactory.Check(recipe, path, overwrite, force);

    /// <summary>Lets a person paint a mask over a picture, in a browser on this machine, until the mask is saved or the session ends. Remote pictures are downloaded first.</summary>
    /// <param name="request">The request.</param>
    /// <param name="open">Receives the page's URL, which is valid for one browser tab, until this call returns.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests; nothing is written.</param>
    /// <returns>How it ended, and the mask's file.</returns>
    /// <exception cref="InpaintException">
    /// ImageNotFound, ImageUnsupported, ImageTooLarge: of picture or mask. MaskSizeMismatch. InvalidParameter: the port is taken, or the path is not that of a PNG, or is the picture's own.
    /// OutputExists, OutputWriteFailed: the mask cannot be written, or could not be and the page was closed without another attempt.
    /// </exception>
    public async Task<MaskEdit> EditMaskAsync(MaskEditRequest request, Action<Uri> open, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using PendingCalls.Call call = calls.Enter();
        request = request with
        {
            Image = await remote.FetchAsync(request.Image, cancellationToken).ConfigureAwait(false),
            Mask = await remote.FetchOptionalAsync(request.Mask, cancellationToken).ConfigureAwait(false),
        };
        return await MaskEditor.EditAsync(request, open, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Checks what can be checked before the page is opened: picture, mask and file name. Writes and downloads nothing.</summary>
    /// <param name="request">The request.</param>
    /// <exception cref="InpaintException">As for <see cref="EditMaskAsync"/>, except for failures that only the pixels or the browser reveal.</exception>
    public void CheckMaskEdit(MaskEditRequest request) => MaskEditor.Check(request);

    /// <summary>Whether writing a file to a path would replace a picture, links resolved.</summary>
    /// <param name="path">The full path that is written.</param>
    /// <param name="picture">The picture; one that is not a file is never replaced.</param>
    /// <returns>True when it would.</returns>
    public bool WouldReplace(string path, PictureSource picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return PathIdentity.WouldReplace(path, picture.FilePath);
    }

    /// <summary>Compares two pictures of the same size, pixel by pixel. Gray equals colour of equal channels, and 8 bits equal 16 bits of the same value. Pictures with different colour profiles are compared in sRGB. Remote pictures are downloaded.</summary>
    /// <param name="reference">The picture to compare with, usually the original.</param>
    /// <param name="difference">The picture to compare, usually the result.</param>
    /// <param name="mask">The part that was allowed to change; null for nothing.</param>
    /// <param name="maskMode">How that part is marked in the mask.</param>
    /// <param name="picture">The picture of the differences to write; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>How they differ.</returns>
    /// <exception cref="InpaintException">
    /// ImageNotFound, ImageUnsupported, ImageTooLarge: of a picture. InvalidParameter: the pictures differ in size, or one of them would be overwritten. MaskSizeMismatch: the mask has another size.
    /// OutputExists, OutputWriteFailed: of the picture of the differences. Others: why a remote picture cannot be downloaded.
    /// </exception>
    public async Task<PictureComparison> CompareAsync(
        PictureSource reference,
        PictureSource difference,
        PictureSource? mask = null,
        MaskMode maskMode = MaskMode.White,
        DifferencePicture? picture = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(difference);
        using PendingCalls.Call call = calls.Enter();
        return PictureComparer.Compare(
            await remote.FetchAsync(reference, cancellationToken).ConfigureAwait(false),
            await remote.FetchAsync(difference, cancellationToken).ConfigureAwait(false),
            await remote.FetchOptionalAsync(mask, cancellationToken).ConfigureAwait(false),
            maskMode,
            picture,
            cancellationToken);
    }

    /// <summary>Checks what can be checked before pictures are compared: that the picture of the differences can be written and replaces none of them.</summary>
    /// <param name="picture">The picture of the differences.</param>
    /// <param name="reference">The picture to compare with.</param>
    /// <param name="difference">The picture to compare.</param>
    /// <param name="mask">The mask, if any.</param>
    /// <exception cref="InpaintException">InvalidParameter: it would replace one of them, or its name is not that of a picture; OutputExists, OutputWriteFailed.</exception>
    public void CheckComparison(DifferencePicture picture, PictureSource reference, PictureSource difference, PictureSource? mask = null) =>
        PictureComparer.Check(picture, reference, difference, mask);

    /// <summary>Starts a gallery page. Writes nothing yet.</summary>
    /// <param name="options">The file and its settings.</param>
    /// <returns>The writer, which takes the pictures and writes the page.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the file name does not end in .html. OutputExists, OutputWriteFailed: the file cannot be written.</exception>
    public GalleryWriter BeginGallery(GalleryOptions options) => new(options);

    /// <summary>Records that a picture is saved, if its job is in the journal.</summary>
    /// <returns>Why it cannot be recorded; null when it is. That is only a warning: the file is complete, and the job is merely listed as uncollected.</returns>
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
            return $"The picture is saved, but that cannot be recorded in the journal: {e.Message}";
        }
    }

    /// <summary>Makes ready a recipe that changes what was found. A remote picture is downloaded only where pixels of it are selected: what was found has its size.</summary>
    private Task<MaskRecipe> RecipeOfFoundAsync(MaskRecipe recipe, CancellationToken cancellationToken) =>
        recipe is { Image.IsRemote: true, SelectsPixels: false } ? Task.FromResult(recipe with { Image = null }) : remote.FetchAsync(recipe, cancellationToken);

    /// <summary>Works with a picture; a failure gets the job that made it, where the journal has it.</summary>
    private async Task<T> WithOriginAsync<T>(ImageOrigin? origin, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (JobFailures.LacksJob(e) && origin?.JournalId is { } journalId && JobJournal.IsValidId(journalId))
        {
            if (journal.Read(journalId) is { } entry)
            {
                throw JobFailures.AfterAcceptance(e, entry.Job);
            }

            throw;
        }
    }
}
