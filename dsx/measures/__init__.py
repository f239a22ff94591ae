"""What is computed: one module per lens. Importing this package fills the registry."""

from dsx.measures import (
    agreement,
    clusters,
    contrast,
    duplicates,
    dynamics,
    dynamics_events,
    dynamics_information,
    dynamics_order,
    dynamics_scores,
    embedding,
    map_trust,
    neighbours,
    outliers,
    projection,
    representativeness,
)
from dsx.measures.base import REGISTRY, Measure, Need, make, parameter
from dsx.measures.dynamics import cartography_subset
from dsx.measures.inputs import Inputs, Tally
from dsx.measures.result import About, Result, Where

__all__ = [
    "REGISTRY",
    "About",
    "Inputs",
    "Measure",
    "Need",
    "Result",
    "Tally",
    "Where",
    "agreement",
    "cartography_subset",
    "clusters",
    "contrast",
    "duplicates",
    "dynamics",
    "dynamics_events",
    "dynamics_information",
    "dynamics_order",
    "dynamics_scores",
    "embedding",
    "make",
    "map_trust",
    "neighbours",
    "outliers",
    "parameter",
    "projection",
    "representativeness",
]
