"""Work on vectors, numpy in and numpy out: neighbours, projections, and what they keep.

Nothing here knows a dataset, a measure or a job. `Progress` is called with (done, total) between
parts of the work and may raise to end it. Heavy packages are imported inside the functions.
"""

from collections.abc import Callable

Progress = Callable[[int, int], None]


def quiet(done: int, total: int) -> None:
    """Progress that nobody looks at."""
