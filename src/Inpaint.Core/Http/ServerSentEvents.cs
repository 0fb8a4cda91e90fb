using System.Net.ServerSentEvents;

namespace Inpaint.Http;

/// <summary>Reads the data of server-sent events as bytes: an event may hold a picture, of which no second copy as text is wanted.</summary>
internal static class ServerSentEvents
{
    /// <summary>The most bytes that one event may hold when nothing else is said.</summary>
    public const int MaxEventBytes = 4 << 20;

    /// <summary>Reads events from a network stream as they come. An event that the stream's end cuts off is dropped, as the standard wants it.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="maximumEventBytes">The most that one event may hold, unfinished line included.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The data of each event.</returns>
    /// <exception cref="InvalidDataException">An event is larger than the limit.</exception>
    public static IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Stream stream, int maximumEventBytes = MaxEventBytes, CancellationToken cancellationToken = default) =>
        Parse(new EventLimitStream(stream, maximumEventBytes)).EnumerateAsync(cancellationToken).Select(item => item.Data);

    /// <summary>Reads the events of a text that is there as a whole.</summary>
    /// <param name="utf8">The text.</param>
    /// <returns>The data of each event.</returns>
    public static IEnumerable<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> utf8) =>
        Parse(new ReadOnlyMemoryContent(utf8).ReadAsStream()).Enumerate().Select(item => item.Data);

    private static SseParser<ReadOnlyMemory<byte>> Parse(Stream stream) => SseParser.Create<ReadOnlyMemory<byte>>(stream, static (_, data) => data.ToArray());
}
