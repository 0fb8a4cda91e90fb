namespace Inpaint.Pipeline;

/// <summary>
/// The items of a command that were read and are begun, in order, when there is room for them. Quick input is read ahead, so that the number of all items is known early.
/// </summary>
internal sealed class ReadAhead(BackgroundCommand command, TimeProvider time)
{
    /// <summary>The maximum number of items that are read ahead; each takes a few hundred bytes.</summary>
    private const int Maximum = 20_000;

    // An upstream command that takes longer than this does work for each item, so its next item is read only when there is room for it.
    private static readonly TimeSpan QuickInput = TimeSpan.FromMilliseconds(50);

    private readonly Queue<Action> items = new();
    private long leftAt;
    private bool isQuick;

    /// <summary>How many items were read and are not begun.</summary>
    public int NotBegun { get; private set; }

    /// <summary>An item has arrived.</summary>
    public void Arrive() => isQuick = leftAt == 0 || time.GetElapsedTime(leftAt) < QuickInput;

    /// <summary>Adds an item; later than <see cref="Begin"/> where its key has to be found first.</summary>
    public void Add(Action begin) => items.Enqueue(() =>
    {
        NotBegun--;
        begin();
    });

    /// <summary>Does something after all items before it have begun.</summary>
    public void InOrder(Action action)
    {
        if (items.Count == 0)
        {
            action();
        }
        else
        {
            items.Enqueue(action);
        }
    }

    /// <summary>Begins the items for which there is room, the one that has arrived included, and writes what is there to be written.</summary>
    /// <param name="mayWait">Whether the rest may wait while more items are read; otherwise all are begun.</param>
    public void Begin(bool mayWait)
    {
        NotBegun++;
        command.WriteAvailable();
        BeginItems(mayWait && isQuick && items.Count <= Maximum);
        command.WriteAvailable();
        leftAt = time.GetTimestamp();
    }

    /// <summary>Begins all items, because the input has ended.</summary>
    public void Complete() => BeginItems(mayWait: false);

    private void BeginItems(bool mayWait)
    {
        while (items.Count > 0 && (command.HasRoom || !mayWait))
        {
            // Whatever stops the command meanwhile, the item is still one that was not begun.
            command.WaitForRoom();
            items.Dequeue()();
        }
    }
}
