"""Other libraries that make a UMAP map, each used only when it was asked for by name."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from dsx import errors
from dsx.vectors.umap_layout import epochs_for

_NEEDED = {"umap-learn": ("umap", "map"), "torchdr": ("torchdr", "gpu"), "cuml": ("cuml", "")}


def check(engine: str) -> None:
    """Raise ExtraError where the library of an engine is not installed."""
    module, extra = _NEEDED[engine]
    if find_spec(module):
        return
    if extra:
        raise errors.missing_extra("a UMAP map", engine, extra)
    raise errors.missing_package("a UMAP map", engine, "see https://docs.rapids.ai/install")


def torchdr(vectors: np.ndarray, k: int, min_dist: float, seed: int) -> tuple[np.ndarray, str]:
    """(float32 (n, 2), device): a layout by TorchDR, with its own search for neighbours.

    `vectors` is float32 (n, d) of unit length: squared Euclidean distance orders them as the
    cosine does.
    """
    import torch
    from torchdr import UMAP

    device = "cuda" if torch.cuda.is_available() else "cpu"
    made = UMAP(
        n_neighbors=k,
        min_dist=min_dist,
        random_state=seed,
        device=device,
        init="pca",
        max_iter=epochs_for(len(vectors)),
    ).fit_transform(torch.tensor(vectors))
    return np.asarray(made.detach().cpu().numpy(), np.float32), device


def cuml(
    vectors: np.ndarray, neighbours: np.ndarray, cosine: np.ndarray, min_dist: float, seed: int
) -> np.ndarray:
    """float32 (n, 2): a layout by cuML of a given graph (n, k), the rows themselves not in it."""
    from cuml.manifold import UMAP

    rows = np.arange(len(vectors))[:, None]
    near = np.hstack([rows, neighbours]).astype(np.int64)
    far = np.clip(np.hstack([np.ones_like(rows), cosine]), -1.0, 1.0)
    made = UMAP(
        n_neighbors=near.shape[1], min_dist=min_dist, random_state=seed, metric="cosine",
        precomputed_knn=(near, (1.0 - far).astype(np.float32)),
    ).fit_transform(vectors)  # fmt: skip
    return np.asarray(made, np.float32)
