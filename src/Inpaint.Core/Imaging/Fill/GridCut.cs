using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// Minimum cut of a graph whose nodes have up to four neighbours: what the sink draws on a node is handed on to the neighbours that
/// are nearer to the source's supply (the push-relabel method, Goldberg and Tarjan 1988, from the sink). What no supply reaches any
/// more is the sink's side.
/// </summary>
/// <remarks>
/// A draught may wait anywhere on its way, since it is nothing but a cost of the node that it has come to. So those of many nodes go
/// on as one, where a search for augmenting paths walks the whole way for each.
/// </remarks>
internal sealed class GridCut
{
    /// <summary>Marks a neighbour that does not exist.</summary>
    public const int None = -1;

    // The layer of the nodes that have supply of their own; the others count from there.
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

    /// <summary>Adds what the cut costs when the node falls to the sink's side, negative for the source's side.</summary>
    public void AddTerminal(int node, int cost) => terminal[node] += cost;

    /// <summary>Adds what the cut costs when the node falls to the source's side and its neighbour to the sink's.</summary>
    public void AddEdge(int node, int side, int cost) => capacity[(node * 4) + side] += cost;

    /// <summary>Whether the node falls to the sink's side, after <see cref="Cut"/>.</summary>
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

            // What is cut off from the supply stays so, and is looked at no more.
            reached.AsSpan(0, reachedCount).CopyTo(open);
            openCount = reachedCount;
        }
        while (HandOn(reachedCount));
        CollectSinkSide();
    }

    private static int Back(int arc, int head) => (head * 4) + ((arc & 3) ^ 1);

    /// <summary>Orders the open nodes by the number of steps that flow takes to them.</summary>
    /// <returns>How many are reached.</returns>
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

    /// <summary>Hands draughts on towards the supply, and takes a node that is stuck to lie farther off than was thought, until the layers are worth finding anew.</summary>
    /// <returns>Whether there were any.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool HandOn(int reachedCount)
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

                if (layer[head] == layer[node] - 1 && HandOn(node, arc, head, back))
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

    // Returns whether the node's draught is met.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool HandOn(int node, int arc, int head, int back)
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

    // Whatever can still send flow to an unmet draught.
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
