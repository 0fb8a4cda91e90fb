namespace Inpaint.Imaging.Fill;

/// <summary>
/// Minimum cut of a graph whose nodes have up to four neighbours: two search trees grow from the terminals and are repaired
/// after each augmentation (Boykov and Kolmogorov 2004).
/// </summary>
internal sealed class GridCut
{
    /// <summary>Marks a neighbour that does not exist.</summary>
    public const int None = -1;

    private const int Terminal = -2;
    private const int Orphan = -3;

    private readonly int count;
    private readonly int[] neighbours;
    private readonly int[] capacity;
    private readonly int[] terminal;
    private readonly int[] parent;
    private readonly bool[] sinkSide;
    private readonly bool[] active;
    private readonly int[] stamp;
    private readonly int[] distance;
    private readonly Queue<int> waiting = new();
    private readonly Queue<int> orphans = new();
    private int time;

    /// <param name="neighbours">For each node its neighbours to the right, left, below and above, or <see cref="None"/>.</param>
    public GridCut(int[] neighbours)
    {
        this.neighbours = neighbours;
        count = neighbours.Length / 4;
        capacity = new int[neighbours.Length];
        terminal = new int[count];
        parent = new int[count];
        sinkSide = new bool[count];
        active = new bool[count];
        stamp = new int[count];
        distance = new int[count];
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
    public bool IsOnSinkSide(int node) => parent[node] != None && sinkSide[node];

    /// <summary>Finds the cheapest cut.</summary>
    public void Cut()
    {
        Start();
        int current = None;
        while (true)
        {
            if (current == None || parent[current] == None)
            {
                current = NextActive();
                if (current == None)
                {
                    return;
                }
            }

            int bridge = sinkSide[current] ? GrowSinkTree(current) : GrowSourceTree(current);
            time++;
            if (bridge == None)
            {
                current = None;
                continue;
            }

            Augment(bridge);
            while (orphans.TryDequeue(out int orphan))
            {
                Adopt(orphan);
            }
        }
    }

    private static int Back(int arc, int head) => (head * 4) + ((arc & 3) ^ 1);

    private void Start()
    {
        time = 1;
        waiting.Clear();
        orphans.Clear();
        Array.Clear(active);
        Array.Clear(stamp);
        for (int node = 0; node < count; node++)
        {
            parent[node] = None;
            if (terminal[node] != 0)
            {
                parent[node] = Terminal;
                sinkSide[node] = terminal[node] < 0;
                distance[node] = 1;
                Activate(node);
            }
        }
    }

    private void Activate(int node)
    {
        if (!active[node])
        {
            active[node] = true;
            waiting.Enqueue(node);
        }
    }

    private int NextActive()
    {
        while (waiting.TryDequeue(out int node))
        {
            active[node] = false;
            if (parent[node] != None)
            {
                return node;
            }
        }

        return None;
    }

    // Returns the arc from the source's tree into the sink's, when the growth meets it.
    private int GrowSourceTree(int node)
    {
        for (int arc = node * 4; arc < (node * 4) + 4; arc++)
        {
            int head = neighbours[arc];
            if (head == None || capacity[arc] == 0)
            {
                continue;
            }

            if (parent[head] != None && sinkSide[head])
            {
                return arc;
            }

            Attach(node, arc, head, sink: false);
        }

        return None;
    }

    private int GrowSinkTree(int node)
    {
        for (int arc = node * 4; arc < (node * 4) + 4; arc++)
        {
            int head = neighbours[arc];
            if (head == None || capacity[Back(arc, head)] == 0)
            {
                continue;
            }

            if (parent[head] != None && !sinkSide[head])
            {
                return Back(arc, head);
            }

            Attach(node, arc, head, sink: true);
        }

        return None;
    }

    private void Attach(int node, int arc, int head, bool sink)
    {
        if (parent[head] == None)
        {
            sinkSide[head] = sink;
            Activate(head);
        }
        else if (stamp[head] > stamp[node] || distance[head] <= distance[node])
        {
            return;
        }

        parent[head] = Back(arc, head);
        stamp[head] = stamp[node];
        distance[head] = distance[node] + 1;
    }

    private void Augment(int bridge)
    {
        int tail = bridge / 4;
        int head = neighbours[bridge];
        int flow = capacity[bridge];
        int node = tail;
        for (; parent[node] != Terminal; node = neighbours[parent[node]])
        {
            flow = Math.Min(flow, capacity[Back(parent[node], neighbours[parent[node]])]);
        }

        flow = Math.Min(flow, terminal[node]);
        for (node = head; parent[node] != Terminal; node = neighbours[parent[node]])
        {
            flow = Math.Min(flow, capacity[parent[node]]);
        }

        flow = Math.Min(flow, -terminal[node]);
        Push(bridge, flow);
        for (node = tail; parent[node] != Terminal;)
        {
            int up = parent[node];
            int arc = Back(up, neighbours[up]);
            Push(arc, flow);
            Release(node, capacity[arc]);
            node = neighbours[up];
        }

        terminal[node] -= flow;
        Release(node, terminal[node]);
        for (node = head; parent[node] != Terminal;)
        {
            int up = parent[node];
            Push(up, flow);
            Release(node, capacity[up]);
            node = neighbours[up];
        }

        terminal[node] += flow;
        Release(node, terminal[node]);
    }

    private void Push(int arc, int flow)
    {
        capacity[arc] -= flow;
        capacity[Back(arc, neighbours[arc])] += flow;
    }

    private void Release(int node, int left)
    {
        if (left == 0)
        {
            parent[node] = Orphan;
            orphans.Enqueue(node);
        }
    }

    private void Adopt(int node)
    {
        bool sink = sinkSide[node];
        int best = None;
        int bestDistance = int.MaxValue;
        for (int arc = node * 4; arc < (node * 4) + 4; arc++)
        {
            int head = neighbours[arc];
            if (head == None || capacity[sink ? arc : Back(arc, head)] == 0 || parent[head] == None || sinkSide[head] != sink)
            {
                continue;
            }

            int length = DistanceToTerminal(head);
            if (length < bestDistance)
            {
                bestDistance = length;
                best = arc;
            }
        }

        if (best != None)
        {
            parent[node] = best;
            stamp[node] = time;
            distance[node] = bestDistance + 1;
            return;
        }

        parent[node] = None;
        for (int arc = node * 4; arc < (node * 4) + 4; arc++)
        {
            int head = neighbours[arc];
            if (head == None || parent[head] == None || sinkSide[head] != sink)
            {
                continue;
            }

            if (capacity[sink ? arc : Back(arc, head)] > 0)
            {
                Activate(head);
            }

            if (parent[head] >= 0 && neighbours[parent[head]] == node)
            {
                parent[head] = Orphan;
                orphans.Enqueue(head);
            }
        }
    }

    // int.MaxValue where the way up ends at an orphan; the way is stamped, so that it is not walked twice.
    private int DistanceToTerminal(int start)
    {
        int steps = 0;
        int node = start;
        while (stamp[node] != time)
        {
            int up = parent[node];
            if (up == Terminal)
            {
                stamp[node] = time;
                distance[node] = 1;
                break;
            }

            if (up < 0)
            {
                return int.MaxValue;
            }

            steps++;
            node = neighbours[up];
        }

        int length = steps + distance[node];
        int value = length;
        for (node = start; stamp[node] != time; node = neighbours[parent[node]])
        {
            stamp[node] = time;
            distance[node] = value--;
        }

        return length;
    }
}
