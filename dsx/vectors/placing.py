"""Places for new rows on a map whose other rows stay where they are.

As UMAP's transform does it (McInnes et al. 2018): a new row starts at the mean of its old
neighbours, weighted by how strongly it belongs to each, and is then moved by their pull and the
push of others, which do not move themselves.
"""

from __future__ import annotations

import numpy as np

from dsx.vectors import Progress, quiet, search, umap_layout

# the larger side of a UMAP map lies well within; on a map of another scale its forces mean nothing
SCALE = (4.0, 200.0)


def placed(
    vectors: np.ndarray,
    position: np.ndarray,
    *,
    k: int = 15,
    min_dist: float = 0.1,
    seed: int = 0,
    progress: Progress = quiet,
    watch: umap_layout.Watch | None = None,
) -> tuple[np.ndarray, bool]:
    """(float32 (n, 2), whether new rows were moved): old places to the byte, new ones found.

    `vectors` is float32 (n, d) of unit length; `position` (n, 2) holds NaN where a row is new.
    At least one row is old. New rows are only moved on maps of the scale of UMAP's.
    """
    places = np.array(position, np.float32)
    is_new = ~np.isfinite(places).all(axis=1)
    new, old = np.flatnonzero(is_new), np.flatnonzero(~is_new)
    if len(new) == 0:
        return places, False
    k = min(k, len(old))
    found, cosine = search.nearest(vectors[new], vectors[old], k, progress=progress)
    fixed = np.ascontiguousarray(places[old])
    extent = float((fixed.max(axis=0) - fixed.min(axis=0)).max())
    moving = SCALE[0] <= extent <= SCALE[1] and k > 1
    if not moving:
        weight = np.clip(cosine.astype(np.float64), 0.0, None) ** 4 + 1e-12
        weight /= weight.sum(axis=1, keepdims=True)
        places[new] = np.einsum("mk,mkd->md", weight, fixed[found])
        return places, False
    epochs = 100 if len(old) <= 10_000 else 30
    begun, pulls = _belonging(found, cosine, fixed, min_dist, epochs)
    state = np.random.default_rng([seed, 0x9CE]).integers(-(2**31) + 1, 2**31 - 1, 3)

    def seen(some: np.ndarray) -> None:
        if watch is not None:
            whole = places.copy()
            whole[new] = some
            watch(whole)

    places[new] = umap_layout.settle(
        begun, pulls, state, epochs=epochs, fixed=fixed, rate=0.25, progress=progress, watch=seen
    )
    return places, True


def _belonging(
    found: np.ndarray, cosine: np.ndarray, fixed: np.ndarray, min_dist: float, epochs: int
) -> tuple[np.ndarray, umap_layout.Springs]:
    """Where new rows start, and what pulls on them: rows of `fixed`."""
    from scipy.sparse import coo_matrix
    from umap.umap_ import (
        compute_membership_strengths,
        find_ab_params,
        init_graph_transform,
        make_epochs_per_sample,
        smooth_knn_dist,
    )

    distance = np.clip(1.0 - cosine, 0.0, None).astype(np.float32)
    sigma, rho = smooth_knn_dist(distance, float(found.shape[1]), local_connectivity=0.0)
    head, tail, weight, _ = compute_membership_strengths(
        found.astype(np.int32), distance, sigma, rho, bipartite=True
    )
    graph = coo_matrix((weight, (head, tail)), shape=(len(found), len(fixed)))
    begun = np.ascontiguousarray(init_graph_transform(graph.tocsr(), fixed), np.float32)
    graph.data[graph.data < graph.data.max() / epochs] = 0.0
    graph.eliminate_zeros()
    a, b = find_ab_params(1.0, min_dist)
    every = make_epochs_per_sample(graph.data, epochs)
    return begun, umap_layout.Springs(graph.row, graph.col, every, float(a), float(b))
