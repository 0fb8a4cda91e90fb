using Inpaint.Imaging.Fill;
using Xunit;

namespace Inpaint.Tests.Imaging.Fill;

public class GridCutTests
{
    [Fact]
    public void The_cut_is_as_cheap_as_the_best_of_all_divisions()
    {
        Random random = new(3);
        for (int trial = 0; trial < 300; trial++)
        {
            int width = 1 + random.Next(4);
            int height = 1 + random.Next(3);
            int[] terminals = [.. Enumerable.Range(0, width * height).Select(_ => random.Next(-20, 21))];
            int[] neighbours = Neighbours(width, height);
            int[] edges = [.. neighbours.Select(neighbour => neighbour == GridCut.None ? 0 : random.Next(0, 15))];

            GridCut cut = new(neighbours);
            for (int arc = 0; arc < edges.Length; arc++)
            {
                cut.AddEdge(arc / 4, arc & 3, edges[arc]);
            }

            for (int node = 0; node < terminals.Length; node++)
            {
                cut.AddTerminal(node, terminals[node]);
            }

            cut.Cut();

            int found = Cost(terminals, neighbours, edges, cut.IsOnSinkSide);
            int best = Enumerable.Range(0, 1 << terminals.Length).Min(division => Cost(terminals, neighbours, edges, node => ((division >> node) & 1) == 1));
            Assert.Equal(best, found);
        }
    }

    [Fact]
    public void A_cleared_graph_can_be_used_again()
    {
        GridCut cut = new(Neighbours(2, 1));
        cut.AddTerminal(0, 5);
        cut.AddTerminal(1, -5);
        cut.Cut();
        Assert.False(cut.IsOnSinkSide(0));
        Assert.True(cut.IsOnSinkSide(1));

        cut.Clear();
        cut.AddTerminal(0, -5);
        cut.AddTerminal(1, 5);
        cut.Cut();

        Assert.True(cut.IsOnSinkSide(0));
        Assert.False(cut.IsOnSinkSide(1));
    }

    private static int[] Neighbours(int width, int height)
    {
        int[] neighbours = new int[width * height * 4];
        for (int node = 0; node < width * height; node++)
        {
            int x = node % width;
            int y = node / width;
            neighbours[node * 4] = x + 1 < width ? node + 1 : GridCut.None;
            neighbours[(node * 4) + 1] = x > 0 ? node - 1 : GridCut.None;
            neighbours[(node * 4) + 2] = y + 1 < height ? node + width : GridCut.None;
            neighbours[(node * 4) + 3] = y > 0 ? node - width : GridCut.None;
        }

        return neighbours;
    }

    private static int Cost(int[] terminals, int[] neighbours, int[] edges, Func<int, bool> sink)
    {
        int cost = 0;
        for (int node = 0; node < terminals.Length; node++)
        {
            cost += sink(node) ? terminals[node] : 0;
        }

        for (int arc = 0; arc < edges.Length; arc++)
        {
            cost += neighbours[arc] != GridCut.None && !sink(arc / 4) && sink(neighbours[arc]) ? edges[arc] : 0;
        }

        return cost;
    }
}
