using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Jpeg;

/// <summary>
/// Brings rows of a component to the picture's width and height. Where a component is halved, samples between are weighted 3:1 towards the nearer one, as libjpeg does by
/// default ("fancy upsampling"), with its roundings; other ratios repeat the nearest sample.
/// </summary>
internal sealed class JpegUpsampler
{
    private readonly JpegComponent component;
    private readonly JpegFrame frame;
    private readonly bool blendsAcross;
    private readonly bool blendsDown;
    private readonly bool isFull;
    private readonly ushort[] sums;

    public JpegUpsampler(JpegComponent component, JpegFrame frame)
    {
        this.component = component;
        this.frame = frame;
        isFull = component.H == frame.MaxH && component.V == frame.MaxV;
        bool halvedAcross = component.H * 2 == frame.MaxH;
        bool halvedDown = component.V * 2 == frame.MaxV;

        // libjpeg does not blend across rows of one or two samples, nor down then.
        blendsAcross = halvedAcross && component.Width > 2 && (halvedDown || component.V == frame.MaxV);
        blendsDown = halvedDown && (blendsAcross || component.H == frame.MaxH);
        sums = new ushort[blendsAcross && blendsDown ? component.Width : 0];
    }

    /// <summary>Bytes that a row of <see cref="Row"/> may take: up to one sample more than the picture is wide.</summary>
    public int RowLength => Math.Max(frame.Width, 2 * component.Width);

    /// <summary>One row of the picture's height.</summary>
    /// <param name="y">The picture's row.</param>
    /// <param name="scratch">Room of <see cref="RowLength"/>.</param>
    /// <returns>The row, at least as long as the picture is wide: in the scratch room, or the component's own samples.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ReadOnlySpan<byte> Row(int y, Span<byte> scratch)
    {
        if (isFull)
        {
            return Samples(y);
        }

        if (!blendsAcross && !blendsDown)
        {
            ReadOnlySpan<byte> row = Samples(y * component.V / frame.MaxV);
            for (int x = 0; x < frame.Width; x++)
            {
                scratch[x] = row[x * component.H / frame.MaxH];
            }

            return scratch;
        }

        if (!blendsDown)
        {
            BlendAcross(Samples(y), scratch);
            return scratch;
        }

        ReadOnlySpan<byte> near = Samples(y >> 1);
        ReadOnlySpan<byte> far = Samples(Math.Clamp((y & 1) == 0 ? (y >> 1) - 1 : (y >> 1) + 1, 0, component.Height - 1));
        if (blendsAcross)
        {
            BlendBoth(near, far, scratch);
        }
        else
        {
            int bias = (y & 1) == 0 ? 1 : 2;
            for (int x = 0; x < near.Length; x++)
            {
                scratch[x] = (byte)(((3 * near[x]) + far[x] + bias) >> 2);
            }
        }

        return scratch;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BlendAcross(ReadOnlySpan<byte> row, Span<byte> target)
    {
        int last = row.Length - 1;
        target = target[..(2 * row.Length)];
        target[0] = row[0];
        target[1] = (byte)(((3 * row[0]) + row[1] + 2) >> 2);
        for (int x = 1; x < last; x++)
        {
            int three = 3 * row[x];
            target[2 * x] = (byte)((three + row[x - 1] + 1) >> 2);
            target[(2 * x) + 1] = (byte)((three + row[x + 1] + 2) >> 2);
        }

        target[2 * last] = (byte)(((3 * row[last]) + row[last - 1] + 1) >> 2);
        target[(2 * last) + 1] = row[last];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BlendBoth(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<byte> target)
    {
        Span<ushort> sum = sums;
        for (int x = 0; x < sum.Length; x++)
        {
            sum[x] = (ushort)((3 * near[x]) + far[x]);
        }

        int last = sum.Length - 1;
        target = target[..(2 * sum.Length)];
        target[0] = (byte)(((4 * sum[0]) + 8) >> 4);
        target[1] = (byte)(((3 * sum[0]) + sum[1] + 7) >> 4);
        for (int x = 1; x < last; x++)
        {
            int three = 3 * sum[x];
            target[2 * x] = (byte)((three + sum[x - 1] + 8) >> 4);
            target[(2 * x) + 1] = (byte)((three + sum[x + 1] + 7) >> 4);
        }

        target[2 * last] = (byte)(((3 * sum[last]) + sum[last - 1] + 8) >> 4);
        target[(2 * last) + 1] = (byte)(((4 * sum[last]) + 7) >> 4);
    }

    private ReadOnlySpan<byte> Samples(int row) => component.Samples.AsSpan(row * component.Stride, component.Width);
}
