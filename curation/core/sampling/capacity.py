"""What cells can give under the caps, exactly: a flow from cells through videos and cameras.

A choice is a flow: from the source to each cell, to the groups that its frames lie in, from each group to the one
around it, as much as its cap, and to the sink. So where a choice made one by one falls short, a flow from there on
finds the frames to change; and where there is no such flow, the cut that stops it names the cells that ask too much.
Source: Ford and Fulkerson, "Maximal flow through a network", 1956."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from curation.core.sampling.constraints import Cap
from curation.core.sampling.contract import Cut
from curation.core.types import BoolArray, IntArray

UNBOUNDED = 2**30
NOTHING: IntArray = np.zeros(0, np.int64)


class Network:
    """The cells of (N,) rows, -1 for none, and the groups of the caps, the finest first.

    A leaf is what rows in the same groups share, a pair a cell and a leaf; pair_of, (N,), is each row's, or -1."""

    def __init__(self, cells: IntArray, cell_count: int, caps: Sequence[Cap]) -> None:
        self._caps, self._cell_count = caps, cell_count
        leaf_of_row = np.zeros(len(cells), np.int64)
        for cap in caps:
            _, leaf_of_row = np.unique(leaf_of_row * (cap.group_count + 1) + cap.groups + 1, return_inverse=True)
        leaves = int(leaf_of_row.max(initial=-1)) + 1
        inside = cells >= 0
        pairs, pair_of = np.unique(cells[inside] * max(1, leaves) + leaf_of_row[inside], return_inverse=True)
        self.pair_of = np.full(len(cells), -1, np.int64)
        self.pair_of[inside] = pair_of
        self._size = np.bincount(pair_of, minlength=len(pairs))
        self._cell, self._leaf = pairs // max(1, leaves), pairs % max(1, leaves)
        self._lay_pipes(leaf_of_row, leaves)

    def _lay_pipes(self, leaf_of_row: IntArray, leaves: int) -> None:
        """Number the nodes (source, cells, leaves, groups, sink), and list the edges between groups."""
        _, example = np.unique(leaf_of_row, return_index=True)
        first_leaf = 1 + self._cell_count
        node: IntArray = first_leaf + np.arange(leaves)
        offset = first_leaf + leaves
        tails, heads, limits, caps, of_leaf = [], [], [], [], []
        limit: IntArray = np.full(leaves, UNBOUNDED)
        cap_of: IntArray = np.full(leaves, -1)
        for number, cap in enumerate(self._caps):
            groups = cap.groups[example]
            there = groups >= 0
            tails.append(node[there])
            heads.append(offset + groups[there])
            limits.append(limit[there])
            caps.append(cap_of[there])
            of_leaf.append(np.flatnonzero(there))
            node, limit = np.where(there, offset + groups, node), np.where(there, cap.most, limit)
            cap_of = np.where(there, number, cap_of)
            offset += cap.group_count
        self._sink = offset
        edges = np.column_stack(
            [
                np.concatenate([*tails, node]),
                np.concatenate([*heads, np.full(leaves, self._sink)]),
                np.concatenate([*limits, limit]),
                np.concatenate([*caps, cap_of]),
            ]
        )
        leaf_of_edge = np.concatenate([*of_leaf, np.arange(leaves)])
        self._edges, edge_of = np.unique(edges, axis=0, return_inverse=True)
        # Which leaves' frames run through each edge.
        self._through = sparse.csr_matrix(
            (np.ones(len(edge_of), np.int64), (edge_of.ravel(), leaf_of_edge)), shape=(len(self._edges), leaves)
        )

    def given(self, rows: Sequence[IntArray]) -> IntArray:
        """Count chosen rows by pair: (P,)."""
        return np.bincount(self.pair_of[np.concatenate([NOTHING, *rows])], minlength=len(self._size))

    def cell_of(self, pair: int) -> int:
        return int(self._cell[pair])

    def improve(self, given: IntArray, wanted: IntArray) -> IntArray | Cut:
        """Say how to get from a choice, `given` of each pair, (P,), to `wanted` of each cell, (C,).

        Returns how many frames more, or fewer, each pair is to give; if that cannot be, which cells want too much."""
        of_cell = np.bincount(self._cell, weights=given, minlength=self._cell_count).astype(np.int64)
        of_leaf = np.bincount(self._leaf, weights=given, minlength=self._through.shape[1]).astype(np.int64)
        flow = np.concatenate([of_cell, given, self._through @ of_leaf])
        limit = np.concatenate([wanted, self._size, self._edges[:, 2]])
        first_leaf = 1 + self._cell_count
        tail = np.concatenate([np.zeros(self._cell_count, np.int64), 1 + self._cell, self._edges[:, 0]])
        head = np.concatenate([1 + np.arange(self._cell_count), first_leaf + self._leaf, self._edges[:, 1]])
        residual = self._matrix(np.append(tail, head), np.append(head, tail), np.append(limit - flow, flow))
        found = maximum_flow(residual, 0, self._sink)
        if found.flow_value == int((wanted - of_cell).sum()):
            if not len(self._cell):
                return NOTHING
            return np.asarray(found.flow[1 + self._cell, first_leaf + self._leaf]).ravel().astype(np.int64)
        open_edges = residual - found.flow
        open_edges.data[open_edges.data < 0] = 0
        open_edges.eliminate_zeros()
        reached = np.zeros(self._sink + 1, bool)
        reached[breadth_first_order(open_edges, 0, return_predecessors=False)] = True
        members = reached[1:first_leaf]
        got = of_cell + np.asarray(found.flow[0, 1:first_leaf].todense()).ravel()
        return Cut(members, int(got[members].sum()), self._because(reached))

    def _because(self, reached: BoolArray) -> str:
        """Name the cap that stops the most."""
        full = reached[self._edges[:, 0]] & ~reached[self._edges[:, 1]] & (self._edges[:, 3] >= 0)
        if not full.any():
            return ""
        stopped = np.bincount(self._edges[full, 3], weights=self._edges[full, 2])
        return self._caps[int(stopped.argmax())].name

    def _matrix(self, tails: IntArray, heads: IntArray, limits: IntArray) -> sparse.csr_matrix:
        shape = (self._sink + 1, self._sink + 1)
        summed = sparse.coo_matrix((limits, (tails, heads)), shape=shape).tocsr()
        summed.data = np.minimum(summed.data, UNBOUNDED)
        summed.eliminate_zeros()
        return summed.astype(np.int32)
