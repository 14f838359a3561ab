"""What cells can give under the caps, exactly: a flow from cells through videos and cameras.

A choice is a flow: from the source to each cell, to the groups that its frames lie in, from each group to the one
around it, as much as its cap, and to the sink. So where a choice made one by one falls short, a flow from there on
finds the frames to change; and where there is no such flow, the cut that stops it names the cells that ask too much.
Source: Ford and Fulkerson, "Maximal flow through a network", 1956."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, connected_components, maximum_flow

from curation.core.sampling.constraints import Cap
from curation.core.sampling.contract import Cut
from curation.core.sampling.numbering import numbered
from curation.core.types import BoolArray, IntArray

UNBOUNDED = 2**30
NOTHING: IntArray = np.zeros(0, np.int64)


class Network:
    """The cells of (N,) rows, -1 for none, and the groups of the caps, the finest first.

    A leaf is what rows in the same groups share, a pair a cell and a leaf; pair_of, (N,), is each row's, or -1."""

    def __init__(self, cells: IntArray, cell_count: int, caps: Sequence[Cap]) -> None:
        self._caps, self._cell_count = caps, cell_count
        leaf_of_row = self._leaves(len(cells))
        leaves = int(leaf_of_row.max(initial=-1)) + 1
        inside = cells >= 0
        pairs, pair_of = numbered(cells[inside] * max(1, leaves) + leaf_of_row[inside])
        self.pair_of = np.full(len(cells), -1, np.int64)
        self.pair_of[inside] = pair_of
        self._size = np.bincount(pair_of, minlength=len(pairs))
        self._cell, self._leaf = pairs // max(1, leaves), pairs % max(1, leaves)
        self._lay_pipes(leaf_of_row, leaves)

    def _leaves(self, count: int) -> IntArray:
        """Number what rows share: the finest group that a row has tells all groups around it."""
        leaf: IntArray = np.full(count, -1)
        offset = 0
        for cap in self._caps:
            leaf = np.where((leaf < 0) & (cap.groups >= 0), offset + cap.groups, leaf)
            offset += cap.group_count
        return numbered(leaf)[1]

    def _lay_pipes(self, leaf_of_row: IntArray, leaves: int) -> None:
        """Number the nodes (source, cells, leaves, groups, sink), and the one edge that leaves each leaf and group."""
        example = np.empty(leaves, np.int64)
        example[leaf_of_row] = np.arange(len(leaf_of_row))  # any row of the leaf
        first_leaf = 1 + self._cell_count
        self._sink = first_leaf + leaves + sum(cap.group_count for cap in self._caps)
        head, limit, cap_of = (np.full(self._sink, value) for value in (-1, UNBOUNDED, -1))
        node: IntArray = first_leaf + np.arange(leaves)
        through, offset = [], first_leaf + leaves
        for number, cap in enumerate(self._caps):
            groups = cap.groups[example]
            there = np.flatnonzero(groups >= 0)
            head[node[there]] = offset + groups[there]
            through.append(np.column_stack([node[there], there]))
            limit[offset : offset + cap.group_count], cap_of[offset : offset + cap.group_count] = cap.most, number
            node[there] = offset + groups[there]
            offset += cap.group_count
        head[node] = self._sink
        through.append(np.column_stack([node, np.arange(leaves)]))
        tails = np.flatnonzero(head >= 0)
        self._edges = np.column_stack([tails, head[tails], limit[tails], cap_of[tails]])
        self._lay_out()
        # Which leaves' frames run through each edge.
        pipes = np.concatenate(through)
        edge_of = np.full(self._sink, -1)
        edge_of[tails] = np.arange(len(tails))
        self._through = sparse.csr_matrix(
            (np.ones(len(pipes), np.int64), (edge_of[pipes[:, 0]], pipes[:, 1])), shape=(len(tails), leaves)
        )

    def given(self, rows: Sequence[IntArray]) -> IntArray:
        """Count chosen rows by pair: (P,)."""
        return np.bincount(self.pair_of[np.concatenate([NOTHING, *rows])], minlength=len(self._size))

    def cell_of(self, pair: int) -> int:
        return int(self._cell[pair])

    def fill(self, given: IntArray | None, wanted: IntArray) -> tuple[IntArray, IntArray]:
        """Raise a choice, `given` of each pair, None for nothing, to `wanted` of each cell as far as can be.

        Returns what each pair, (P,), and each cell, (C,), gives then. No cell gives less than before."""
        given = np.zeros(len(self._size), np.int64) if given is None else given
        of_cell, residual = self._residual(given, wanted)
        found = maximum_flow(residual, 0, self._sink)
        raised = given + self._more(found.flow)
        return raised, of_cell + found.flow[0, 1 : 1 + self._cell_count].toarray().ravel()

    def improve(self, given: IntArray, wanted: IntArray) -> IntArray | list[Cut]:
        """Say how to get from a choice, `given` of each pair, (P,), to `wanted` of each cell, (C,).

        Returns how many frames more, or fewer, each pair is to give; if that cannot be, which cells want too much:
        one cut for cells that share groups."""
        of_cell, residual = self._residual(given, wanted)
        found = maximum_flow(residual, 0, self._sink)
        if found.flow_value == int((wanted - of_cell).sum()):
            return self._more(found.flow)
        got = of_cell + found.flow[0, 1 : 1 + self._cell_count].toarray().ravel()
        return self._cuts(residual - found.flow, wanted, got)

    def _residual(self, given: IntArray, wanted: IntArray) -> tuple[IntArray, sparse.csr_matrix]:
        """Return what each cell gives, and how much more can flow through each edge, there and back."""
        of_cell = np.bincount(self._cell, weights=given, minlength=self._cell_count).astype(np.int64)
        of_leaf = np.bincount(self._leaf, weights=given, minlength=self._through.shape[1]).astype(np.int64)
        flow = np.concatenate([of_cell, given, self._through @ of_leaf])
        limit = np.concatenate([wanted, self._size, self._edges[:, 2]])
        residual = self._pattern.copy()
        residual.data = np.append(limit - flow, flow)[self._place].astype(np.int32)
        return of_cell, residual

    def _more(self, flow: sparse.csr_matrix) -> IntArray:
        """Read how much more flows through each pair, or less."""
        if not len(self._cell):
            return NOTHING
        first_leaf = 1 + self._cell_count
        return np.asarray(flow[1 + self._cell, first_leaf + self._leaf]).ravel().astype(np.int64)

    def _cuts(self, open_edges: sparse.csr_matrix, wanted: IntArray, got: IntArray) -> list[Cut]:
        """Name the cells from which nothing more can flow, those together that lead into the same groups."""
        open_edges.data[open_edges.data < 0] = 0
        open_edges.eliminate_zeros()
        reached = np.zeros(self._sink + 1, bool)
        reached[breadth_first_order(open_edges, 0, return_predecessors=False)] = True
        inside = np.flatnonzero(reached)[1:]  # without the source, which leads everywhere
        _, together = connected_components(self._pattern[inside][:, inside], directed=False)
        cells = inside[inside <= self._cell_count] - 1
        cuts = []
        for number in np.unique(together[: len(cells)]).tolist():
            members = np.zeros(self._cell_count, bool)
            members[cells[together[: len(cells)] == number]] = True
            if wanted[members].sum() > got[members].sum():
                part = np.zeros(self._sink + 1, bool)
                part[inside[together == number]] = True
                cuts.append(Cut(members, int(got[members].sum()), self._because(part)))
        return cuts

    def _because(self, part: BoolArray) -> str:
        """Name the cap that stops the most."""
        full = part[self._edges[:, 0]] & ~part[self._edges[:, 1]] & (self._edges[:, 3] >= 0)
        if not full.any():
            return ""
        stopped = np.bincount(self._edges[full, 3], weights=self._edges[full, 2])
        return self._caps[int(stopped.argmax())].name

    def _lay_out(self) -> None:
        """Lay the matrix of all edges out once, there and back; each of its entries knows which edge it is of."""
        first_leaf = 1 + self._cell_count
        tail = np.concatenate([np.zeros(self._cell_count, np.int64), 1 + self._cell, self._edges[:, 0]])
        head = np.concatenate([1 + np.arange(self._cell_count), first_leaf + self._leaf, self._edges[:, 1]])
        order = 1 + np.arange(2 * len(tail))  # not from 0: that would be no entry
        shape = (self._sink + 1, self._sink + 1)
        self._pattern = sparse.csr_matrix((order, (np.append(tail, head), np.append(head, tail))), shape=shape)
        self._place = self._pattern.data - 1
        self._pattern.data = np.ones(len(order), np.int32)
