using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// Minimum cut of a graph whose nodes have up to four neighbours, by push-relabel (Goldberg and Tarjan 1988) from the sink: the deficit of a node is pushed to the neighbours that
/// are nearer to the source. Nodes that the source cannot reach any more are on the sink's side.
/// </summary>
/// <remarks>
/// A deficit may wait at any node, because it is only a cost of that node. Deficits of many nodes are therefore pushed on together, where a search for augmenting paths would follow
/// the whole path for each.
/// </remarks>
internal sealed class GridCut
{
    /// <summary>Marks a neighbour that does not exist.</summary>
    public const int None = -1;

    // The layer of the nodes with a surplus; the others are counted from there.
    private const int Supply = 0;
    private const int Unreached = int.MaxValue;

    private readonly int count;
    private readonly int[] neighbours;
    private readonly int[] capacity;
    private readonly int[] terminal;
    private readonly int[] layer;
    private readonly bool[] sinkSide;
    private readonly int[] reached;
    private readonly int[] open;
    private readonly int[] waiting;
    private int openCount;
    private int waitingFirst;
    private int waitingCount;

    /// <param name="neighbours">For each node its neighbours to the right, left, below and above, or <see cref="None"/>.</param>
    public GridCut(int[] neighbours)
    {
        this.neighbours = neighbours;
        count = neighbours.Length / 4;
        capacity = new int[neighbours.Length];
        terminal = new int[count];
        layer = new int[count];
        sinkSide = new bool[count];
        reached = new int[count];
        open = new int[count];
        waiting = new int[count];
    }

    /// <summary>Forgets all capacities.</summary>
    public void Clear()
    {
        Array.Clear(capacity);
        Array.Clear(terminal);
    }

    /// <summary>Adds the cost of cutting when the node is on the sink's side; negative for the source's side.</summary>
    public void AddTerminal(int node, int cost) => terminal[node] += cost;

    /// <summary>Adds the cost of cutting when the node is on the source's side and its neighbour on the sink's.</summary>
    public void AddEdge(int node, int side, int cost) => capacity[(node * 4) + side] += cost;

    /// <summary>Whether the node is on the sink's side, after <see cref="Cut"/>.</summary>
    public bool IsOnSinkSide(int node) => sinkSide[node];

    /// <summary>Finds the cheapest cut; of several the one with the smallest side of the sink.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Cut()
    {
        openCount = 0;
        for (int node = 0; node < count; node++)
        {
            layer[node] = Supply;
            if (terminal[node] <= 0)
            {
                open[openCount++] = node;
            }
        }

        int reachedCount;
        do
        {
            reachedCount = FindLayers();

            // Nodes that the source does not reach stay that way, and are not visited again.
            reached.AsSpan(0, reachedCount).CopyTo(open);
            openCount = reachedCount;
        }
        while (Push(reachedCount));
        CollectSinkSide();
    }

    private static int Back(int arc, int head) => (head * 4) + ((arc & 3) ^ 1);

    /// <summary>Orders the open nodes by their distance from the source.</summary>
    /// <returns>The number of nodes reached.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int FindLayers()
    {
        for (int number = 0; number < openCount; number++)
        {
            layer[open[number]] = Unreached;
        }

        int found = 0;
        for (int number = 0; number < openCount; number++)
        {
            int node = open[number];
            for (int arc = node * 4; arc < (node * 4) + 4; arc++)
            {
                int head = neighbours[arc];
                if (head != None && layer[head] == Supply && capacity[Back(arc, head)] > 0)
                {
                    layer[node] = Supply + 1;
                    reached[found++] = node;
                    break;
                }
            }
        }

        for (int number = 0; number < found; number++)
        {
            int node = reached[number];
            for (int arc = node * 4; arc < (node * 4) + 4; arc++)
            {
                int head = neighbours[arc];
                if (head != None && layer[head] == Unreached && capacity[arc] > 0)
                {
                    layer[head] = layer[node] + 1;
                    reached[found++] = head;
                }
            }
        }

        return found;
    }

    /// <summary>Pushes deficits towards the source and relabels nodes that are stuck, until it is worth computing the layers again.</summary>
    /// <returns>Whether there were any.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Push(int reachedCount)
    {
        waitingFirst = 0;
        waitingCount = 0;
        for (int number = reachedCount - 1; number >= 0; number--)
        {
            if (terminal[reached[number]] < 0)
            {
                Enqueue(reached[number]);
            }
        }

        bool any = waitingCount > 0;
        for (int lifts = 0; waitingCount > 0 && lifts < reachedCount;)
        {
            int node = waiting[waitingFirst];
            waitingFirst = waitingFirst + 1 == count ? 0 : waitingFirst + 1;
            waitingCount--;
            int nearest = Unreached;
            for (int arc = node * 4; arc < (node * 4) + 4; arc++)
            {
                int head = neighbours[arc];
                if (head == None)
                {
                    continue;
                }

                int back = Back(arc, head);
                if (capacity[back] == 0)
                {
                    continue;
                }

                if (layer[head] == layer[node] - 1 && Push(node, arc, head, back))
                {
                    break;
                }

                nearest = capacity[back] > 0 ? Math.Min(nearest, layer[head]) : nearest;
            }

            if (terminal[node] < 0 && nearest < Unreached)
            {
                layer[node] = nearest + 1;
                lifts++;
                Enqueue(node);
            }
        }

        return any;
    }

    // Returns whether the node has no deficit left.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Push(int node, int arc, int head, int back)
    {
        int before = terminal[head];
        int flow = Math.Min(-terminal[node], capacity[back]);
        flow = before > 0 ? Math.Min(flow, before) : flow;
        capacity[back] -= flow;
        capacity[arc] += flow;
        terminal[node] += flow;
        terminal[head] = before - flow;
        if (before > 0 && flow == before)
        {
            open[openCount++] = head;
        }
        else if (before == 0)
        {
            Enqueue(head);
        }

        return terminal[node] == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Enqueue(int node)
    {
        int last = waitingFirst + waitingCount++;
        waiting[last < count ? last : last - count] = node;
    }

    // Nodes from which flow can still reach a deficit.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CollectSinkSide()
    {
        int found = 0;
        for (int node = 0; node < count; node++)
        {
            sinkSide[node] = terminal[node] < 0;
            if (sinkSide[node])
            {
                reached[found++] = node;
            }
        }

        for (int number = 0; number < found; number++)
        {
            int node = reached[number];
            for (int arc = node * 4; arc < (node * 4) + 4; arc++)
            {
                int head = neighbours[arc];
                if (head != None && !sinkSide[head] && capacity[Back(arc, head)] > 0)
                {
                    sinkSide[head] = true;
                    reached[found++] = head;
                }
            }
        }
    }
}
