"""Tests: paired, by permutation, and corrected for their number.

A hypothesis chosen by looking gets an effect and an interval, never a p from here. A family is
every cell a measure computed, fixed before drawing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from statistics import NormalDist
from typing import TypeVar

import numpy as np

from dsx import errors
from dsx.stats import intervals
from dsx.stats.intervals import LEVEL, Estimate

Q = 0.05
# 2**14 sign patterns are enumerated; more are drawn.
ENUMERATED = 14
FLIPS = 9_999

Cell = TypeVar("Cell")


def mcnemar(only_first: int, only_second: int, n: int, *, level: float = LEVEL) -> Estimate:
    """Difference of two paired shares, with McNemar's exact p (McNemar 1947).

    `only_first` and `only_second` count the discordant pairs among `n` independent pairs. `p` is
    the exact two-sided binomial p; the less conservative mid-p is said in `method`. The interval
    is the adjusted Wald interval of Bonett and Price (2012).
    """
    from scipy.stats import binom

    if min(only_first, only_second) < 0 or only_first + only_second > n:
        raise errors.bad_value(
            "discordant pairs", f"counts of at most {n} in all", (only_first, only_second)
        )
    if n == 0:
        return intervals.undefined("no pairs", unit="pair")
    discordant, fewer = only_first + only_second, min(only_first, only_second)
    exact = min(1.0, 2.0 * float(binom.cdf(fewer, discordant, 0.5)))
    at = float(binom.pmf(fewer, discordant, 0.5))
    middle = exact - (at / 2 if only_first == only_second else at) if discordant else 1.0
    z = NormalDist().inv_cdf(0.5 + level / 2)
    first, second = (only_first + 1) / (n + 2), (only_second + 1) / (n + 2)
    half = z * math.sqrt((first + second - (first - second) ** 2) / (n + 2))
    return Estimate(
        (only_first - only_second) / n,
        max(-1.0, first - second - half),
        min(1.0, first - second + half),
        level,
        f"adjusted Wald; p by McNemar's exact test, mid-p {middle:.3g}",
        unit="pair",
        n=n,
        p=exact,
    )


def sign_flip(
    differences: np.ndarray,
    *,
    unit: str = "prompt",
    seed: int = 0,
    flips: int = FLIPS,
    cells: int = 1,
    q: float = Q,
) -> Estimate:
    """Mean of per-unit differences (n,), with a two-sided sign-flip p and an interval.

    Each unit gives one number (the mean of its pairs); under the null its sign is a coin. All
    sign patterns are enumerated up to 14 units, else `flips` are drawn and p = (b+1)/(B+1);
    `cells` is the number of tests corrected together, for which B must suffice. The interval is
    the percentile bootstrap from 20 units on; with 6 to 14, too few for it, that of Hartigan's
    typical values, which like the test takes the differences to be symmetric about their mean.
    """
    differences = np.sort(np.asarray(differences, np.float64))
    n = len(differences)
    if n == 0:
        return intervals.undefined(f"no {unit}s", unit=unit)
    known = intervals.mean(differences, unit=unit, seed=seed, name="sign-flip interval")
    seen = abs(differences.sum()) * (1 - 1e-12)
    if n <= ENUMERATED:
        picked = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        p = float(np.mean(np.abs((1 - 2 * picked) @ differences) >= seen))
        known = _typical_values(known, differences, picked)
        return replace(known, p=p, method=f"{known.method}; p by all {2**n:,} sign flips")
    rng = intervals.generator(seed, "sign-flip")
    null = np.empty(flips)
    step = max(1, 4_000_000 // n)
    for start in range(0, flips, step):
        stop = min(start + step, flips)
        signs = rng.integers(0, 2, (stop - start, n), dtype=np.int8).astype(np.float64) * 2 - 1
        null[start:stop] = np.abs(signs @ differences)
    p = permutation_p(seen, null, cells=cells, q=q)
    return replace(known, p=p, method=f"{known.method}; p by {flips:,} sign flips")


def _typical_values(known: Estimate, differences: np.ndarray, picked: np.ndarray) -> Estimate:
    """`known` with the interval of Hartigan (1969), where there are units enough for one.

    The means of the 2**n - 1 non-empty subsets cut the line into 2**n pieces that hold the centre
    equally often, exactly so for independent differences symmetric about it. `picked` has a row
    per subset, the empty one first.
    """
    tail = int((1 - known.level) / 2 * len(picked))
    if tail == 0:
        return known
    means = np.sort(picked[1:] @ differences / picked[1:].sum(axis=1))
    how = "means of all subsets (Hartigan 1969)"
    return replace(known, low=float(means[tail - 1]), high=float(means[-tail]), method=how)


def permutation_p(observed: float, null: np.ndarray, *, cells: int = 1, q: float = Q) -> float:
    """(b+1)/(B+1): b of the B null values reach `observed` (Phipson and Smyth 2010).

    Larger means more extreme: pass absolute values for a two-sided test. Raises InputError where
    B + 1 < cells/q, since then no p could be small enough after correction.
    """
    check_permutations(len(null), cells, q)
    return (int(np.count_nonzero(np.asarray(null) >= observed)) + 1) / (len(null) + 1)


def permutations_needed(cells: int, q: float = Q) -> int:
    """The least B with B + 1 >= cells/q."""
    return max(1, math.ceil(cells / q - 1e-9) - 1)


def check_permutations(permutations: int, cells: int, q: float = Q) -> None:
    """Raise InputError where so few permutations cannot survive the correction over `cells`."""
    need = permutations_needed(cells, q)
    if permutations < need:
        raise errors.bad_value(
            "the number of permutations",
            f"at least {need:,} for {cells:,} cells corrected together at {q:g}",
            permutations,
            "draw more, or use an exact or analytic test",
        )


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """q-values (m,) of p-values (m,): for independent or positively dependent tests.

    NaN stays NaN and does not count as a test (Benjamini and Hochberg 1995).
    """
    p = np.asarray(p, np.float64)
    q = np.full(p.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    if len(tested) == 0:
        return q
    if p[tested].min() < 0 or p[tested].max() > 1:
        raise errors.bad_value("p-values", "between 0 and 1", p[tested].max())
    order = tested[np.argsort(p[tested], kind="stable")]
    stepped = p[order] * (len(order) / np.arange(1, len(order) + 1))
    q[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    return q


def benjamini_yekutieli(p: np.ndarray) -> np.ndarray:
    """q-values (m,) under any dependence: Benjamini-Hochberg times the sum of 1/i over i <= m.

    Benjamini and Yekutieli (2001).
    """
    p = np.asarray(p, np.float64)
    m = int(np.count_nonzero(~np.isnan(p)))
    price = float(np.sum(1.0 / np.arange(1, m + 1)))
    order = np.argsort(p)
    q = np.full(p.shape, np.nan)
    if m:
        stepped = p[order[:m]] * (price * m / np.arange(1, m + 1))
        benjamini_hochberg(p)  # the same checks
        q[order[:m]] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    return q


def corrected(
    cells: Mapping[Cell, Estimate], family: str, *, any_dependence: bool = False
) -> dict[Cell, Estimate]:
    """Every cell with its q and the family's name; cells without a p are passed through."""
    p = np.array([np.nan if cell.p is None else cell.p for cell in cells.values()])
    q = (benjamini_yekutieli if any_dependence else benjamini_hochberg)(p)
    how = "Benjamini-Yekutieli" if any_dependence else "Benjamini-Hochberg"
    name = f"{family} ({int((~np.isnan(p)).sum()):,} tests, {how})"
    return {
        key: cell if np.isnan(value) else replace(cell, q=float(value), family=name)
        for (key, cell), value in zip(cells.items(), q, strict=True)
    }


def smallest_detectable(
    standard_error: float, *, tests: int = 1, level: float = LEVEL, power: float = 0.8
) -> float:
    """The smallest true effect found with probability `power`, to show beside "not detected".

    Normal theory: (z of the two-sided level over `tests`, by Bonferroni, + z of the power) times
    the standard error.
    """
    normal = NormalDist()
    return standard_error * (normal.inv_cdf(1 - (1 - level) / (2 * tests)) + normal.inv_cdf(power))
