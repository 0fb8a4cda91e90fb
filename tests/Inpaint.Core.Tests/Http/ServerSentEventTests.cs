using System.Runtime.InteropServices;
using System.Text;
using Inpaint.Http;
using Xunit;

namespace Inpaint.Tests.Http;

public sealed class ServerSentEventTests
{
    [Theory]
    [InlineData("data: a\n\n", "a")]
    [InlineData("data: a\r\n\r\n", "a")]
    [InlineData("data: a\r\ndata: b\r\n\r\n", "a\nb")]
    [InlineData("data: a\r\rdata: b\r\r", "a", "b")]
    [InlineData("data: a\r\n\ndata: b\n\r\n", "a", "b")]
    [InlineData("data:a\ndata: b\ndata:  c\n\n", "a\nb\n c")]
    [InlineData(": ping\n\ndata: a\n\n: ping\n\n", "a")]
    [InlineData("event: done\ndata: a\n\ndata: b\n\n", "a", "b")]
    [InlineData("id: 7\nretry: 10\nunknown: x\ndata\n\n", "")]
    [InlineData("event: nothing\n\n")]
    [InlineData("data: cut off\n")]
    [InlineData("data: cut off")]
    [InlineData("\uFEFFdata: a\n\n", "a")]
    [InlineData("data: {\"x\":\"ü 🦁\"}\n\n", "{\"x\":\"ü 🦁\"}")]
    public async Task Events_are_the_same_however_the_bytes_are_cut(string text, params string[] expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        for (int piece = 1; piece <= bytes.Length; piece++)
        {
            Assert.Equal(expected, await ReadAsync(new PieceStream(bytes, piece), 1000));
        }

        List<string> whole = [];
        ServerSentEvents.Read(bytes, data => whole.Add(Encoding.UTF8.GetString(data.Span)));
        Assert.Equal(expected, whole);
    }

    [Theory]
    [InlineData("data: 0123456789\n")]
    [InlineData("data: 0123456789\r\n")]
    [InlineData("data: 0123456789\r")]
    [InlineData("0123456789")]
    [InlineData(": 0123456789")]
    public async Task An_endless_line_or_event_is_refused(string piece)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, 100)));
        foreach (int largestPiece in new[] { 1, 7, bytes.Length })
        {
            PieceStream stream = new(bytes, largestPiece);
            await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(stream, 100));
        }
    }

    [Fact]
    public async Task An_event_as_large_as_the_limit_is_read()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"data: {new string('x', 94)}\r\n\r\n", 10)));
        Assert.Equal(10, (await ReadAsync(new PieceStream(bytes, 7), 100)).Count);
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(new PieceStream(bytes, 7), 99));
    }

    [Fact]
    public async Task Comments_may_go_on_for_ever()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(": ping ü\n", 10_000)) + "data: a\n\n");
        Assert.Equal(["a"], await ReadAsync(new MemoryStream(bytes), 100));
    }

    [Fact]
    public async Task An_event_is_kept_no_longer_than_until_the_next_one()
    {
        byte[] stream = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"data: {new string('x', 1 << 18)}\n\n", 20)));
        List<WeakReference> before = [];
        await ServerSentEvents.ReadAsync(new MemoryStream(stream), ServerSentEvents.MaxEventBytes, Take, TestContext.Current.CancellationToken);
        Assert.Equal(20, before.Count);

        bool Take(ReadOnlyMemory<byte> data)
        {
            GC.Collect();
            Assert.InRange(before.Count(reference => reference.IsAlive), 0, 2);
            Remember(data);
            return true;
        }

        void Remember(ReadOnlyMemory<byte> data)
        {
            Assert.True(MemoryMarshal.TryGetArray(data, out ArraySegment<byte> bytes));
            before.Add(new WeakReference(bytes.Array));
        }
    }

    [Fact]
    public async Task Arbitrary_bytes_do_no_harm()
    {
        Random random = new(11);
        byte[] alphabet = "data:event id\r\n\n\n{}\"\xEF\xBB\xBF\0\xFF"u8.ToArray();
        for (int round = 0; round < 5_000; round++)
        {
            byte[] bytes = [.. Enumerable.Range(0, random.Next(200)).Select(_ => alphabet[random.Next(alphabet.Length)])];
            Assert.True((await ReadAsync(new MemoryStream(bytes), 500)).Sum(data => data.Length) <= bytes.Length);
        }
    }

    [Fact]
    public async Task Nothing_is_read_after_the_event_that_was_waited_for()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("data: a\n\ndata: b\n\ndata: c\n\n");
        List<string> read = [];
        await ServerSentEvents.ReadAsync(
            new MemoryStream(bytes),
            ServerSentEvents.MaxEventBytes,
            data =>
            {
                read.Add(Encoding.UTF8.GetString(data.Span));
                return read.Count < 2;
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(["a", "b"], read);
    }

    internal static async Task<List<string>> ReadAsync(Stream stream, int maximumEventBytes)
    {
        List<string> read = [];
        await ServerSentEvents.ReadAsync(
            stream,
            maximumEventBytes,
            data =>
            {
                read.Add(Encoding.UTF8.GetString(data.Span));
                return true;
            },
            CancellationToken.None);
        return read;
    }
}
