using System.Text;
using Inpaint.Http;
using Inpaint.Tests.Http;
using Xunit;

namespace Inpaint.Tests.Hostile;

/// <summary>Damaged streams of events, cut into pieces of any size: the parser gives events or refuses, holds no more than it is allowed, and cuts do not change what it gives.</summary>
public sealed class HostileEventTests
{
    private const int Limit = 2048;

    private static readonly string[] Streams =
    [
        "data: {\"status\":\"IN_QUEUE\",\"queue_position\":1}\n\n: ping\n\ndata: {\"status\":\"IN_PROGRESS\",\"logs\":[{\"message\":\"m\"}]}\n\ndata: {\"status\":\"COMPLETED\"}\n\n",
        "\uFEFFevent: done\r\nid: 7\r\nretry: 10\r\ndata: a\r\ndata: b\r\n\r\n",
        "data\r\rdata:\r\rdata: é🦁\r\r:\r\r",
        string.Concat(Enumerable.Repeat("data: 0123456789012345678901234567890123456789\n", 60)) + "\n",
    ];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, Streams.Length)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_damaged_stream_is_read_or_refused(int seed)
    {
        Mutator mutator = new(seed);
        int read = 0;
        for (int round = Mutator.Rounds(3000); round > 0; round--)
        {
            byte[] damaged = mutator.Damage(Encoding.UTF8.GetBytes(Streams[seed]));
            long before = GC.GetAllocatedBytesForCurrentThread();
            string[]? whole = await ReadAsync(damaged, damaged.Length);
            Assert.Equal(whole, await ReadAsync(damaged, 1 + mutator.Next(20)));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
            read += whole is null ? 0 : 1;
            Assert.DoesNotContain(whole ?? [], text => text.Length > Limit + 10);
        }

        Assert.True(read > 0);
    }

    private static async Task<string[]?> ReadAsync(byte[] bytes, int piece)
    {
        try
        {
            return [.. await ServerSentEventTests.ReadAsync(new PieceStream(bytes, piece), Limit)];
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
