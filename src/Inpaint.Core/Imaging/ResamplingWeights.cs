namespace Inpaint.Imaging;

/// <summary>Which source samples make up each sample of a resized line, and with what weights.</summary>
internal sealed class ResamplingWeights
{
    // Lobes of the Lanczos kernel on each side.
    private const int Lobes = 3;

    private readonly int[] starts;
    private readonly float[] weights;

    /// <param name="from">Samples of the source line.</param>
    /// <param name="to">Samples of the resized line.</param>
    public ResamplingWeights(int from, int to)
    {
        // When scaling down, the kernel widens with the distance between samples, so that every source sample counts and nothing flickers.
        double scale = Math.Max(1.0, (double)from / to);
        Taps = Math.Min(from, (int)Math.Ceiling(2 * Lobes * scale) + 1);
        starts = new int[to];
        weights = new float[(long)to * Taps];
        double[] line = new double[Taps];
        for (int i = 0; i < to; i++)
        {
            double middle = ((i + 0.5) * from / to) - 0.5;
            int start = Math.Clamp((int)Math.Ceiling(middle - (Lobes * scale)), 0, from - Taps);
            double sum = 0;
            for (int tap = 0; tap < Taps; tap++)
            {
                line[tap] = Lanczos((start + tap - middle) / scale);
                sum += line[tap];
            }

            starts[i] = start;
            for (int tap = 0; tap < Taps; tap++)
            {
                weights[(i * Taps) + tap] = (float)(line[tap] / sum);
            }
        }
    }

    /// <summary>Source samples that a resized one is made of.</summary>
    public int Taps { get; }

    /// <summary>The first source sample of a resized one.</summary>
    public int Start(int index) => starts[index];

    /// <summary>The weights of a resized sample; their sum is 1.</summary>
    public ReadOnlySpan<float> Of(int index) => weights.AsSpan(index * Taps, Taps);

    private static double Lanczos(double x)
    {
        if (Math.Abs(x) >= Lobes)
        {
            return 0;
        }

        double angle = Math.PI * x;
        return Math.Abs(x) < 1e-9 ? 1 : Lobes * Math.Sin(angle) * Math.Sin(angle / Lobes) / (angle * angle);
    }
}
