using System.Runtime.InteropServices;
using System.Text;
using Inpaint.Http;
using Xunit;

namespace Inpaint.Tests.Http;

public sealed class ServerSentEventTests
{
    [Theory]
    [InlineData("data: a\n\n", "message|a")]
    [InlineData("data: a\r\n\r\n", "message|a")]
    [InlineData("data: a\r\ndata: b\r\n\r\n", "message|a\nb")]
    [InlineData("data: a\r\rdata: b\r\r", "message|a", "message|b")]
    [InlineData("data: a\r\n\ndata: b\n\r\n", "message|a", "message|b")]
    [InlineData("data:a\ndata: b\ndata:  c\n\n", "message|a\nb\n c")]
    [InlineData(": ping\n\ndata: a\n\n: ping\n\n", "message|a")]
    [InlineData("event: done\ndata: a\n\ndata: b\n\n", "done|a", "message|b")]
    [InlineData("id: 7\nretry: 10\nunknown: x\ndata\n\n", "message|")]
    [InlineData("event: nothing\n\n")]
    [InlineData("data: cut off\n")]
    [InlineData("data: cut off")]
    [InlineData("\uFEFFdata: a\n\n", "message|a")]
    [InlineData("data: {\"x\":\"ü 🦁\"}\n\n", "message|{\"x\":\"ü 🦁\"}")]
    public void EventsAreTheSameHoweverTheBytesAreCut(string text, params string[] expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        for (int piece = 1; piece <= bytes.Length; piece++)
        {
            ServerSentEventParser parser = new(1000);
            List<ServerSentEvent> events = [];
            foreach (byte[] part in bytes.Chunk(piece))
            {
                parser.Feed(part, events);
            }

            Assert.Equal(expected, events.Select(e => $"{e.Name}|{e.Data}"));
        }
    }

    [Theory]
    [InlineData("data: 0123456789\n")]
    [InlineData("0123456789")]
    [InlineData(": 0123456789")]
    public void AnEndlessLineOrEventIsRefused(string piece)
    {
        ServerSentEventParser parser = new(100);
        byte[] bytes = Encoding.UTF8.GetBytes(piece);
        Assert.Throws<InvalidDataException>(() =>
        {
            for (int round = 0; round < 100; round++)
            {
                parser.Feed(bytes, []);
            }
        });
    }

    [Fact]
    public void CommentsMayGoOnForEver()
    {
        ServerSentEventParser parser = new(100);
        List<ServerSentEvent> events = [];
        for (int round = 0; round < 10_000; round++)
        {
            parser.Feed(": ping ü\n"u8, events);
        }

        parser.Feed("data: a\n\n"u8, events);
        Assert.Single(events);
    }

    [Fact]
    public async Task AnEventIsKeptNoLongerThanUntilTheNextOne()
    {
        byte[] stream = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat($"data: {new string('x', 1 << 18)}\n\n", 20)));
        List<WeakReference> before = [];
        await foreach (ServerSentEvent item in ServerSentEventReader.ReadAsync(new MemoryStream(stream), cancellationToken: TestContext.Current.CancellationToken))
        {
            GC.Collect();
            Assert.InRange(before.Count(reference => reference.IsAlive), 0, 2);
            Remember(item);
        }

        Assert.Equal(20, before.Count);

        void Remember(ServerSentEvent item)
        {
            Assert.True(MemoryMarshal.TryGetArray(item.Utf8, out ArraySegment<byte> bytes));
            before.Add(new WeakReference(bytes.Array));
        }
    }

    [Fact]
    public async Task ArbitraryBytesDoNoHarm()
    {
        Random random = new(11);
        byte[] alphabet = "data:event id\r\n\n\n{}\"\xEF\xBB\xBF\0\xFF"u8.ToArray();
        for (int round = 0; round < 5_000; round++)
        {
            byte[] bytes = [.. Enumerable.Range(0, random.Next(200)).Select(_ => alphabet[random.Next(alphabet.Length)])];
            int held = 0;
            await foreach (ServerSentEvent item in ServerSentEventReader.ReadAsync(new MemoryStream(bytes), 500, TestContext.Current.CancellationToken))
            {
                held += item.Data.Length;
            }

            Assert.True(held <= bytes.Length);
        }
    }
}
