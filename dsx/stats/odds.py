"""Odds ratios between two sets of rows, shrunk towards 1, with intervals.

The formula is the log-odds ratio with an informative Dirichlet prior of Monroe, Colaresi and
Quinn (2008), with rows instead of words as what is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from dsx.stats.intervals import LEVEL

PRIOR_ROWS = 1.0  # rows that the prior adds to the rarer of "has it" and "has it not", each side


@dataclass(frozen=True)
class Odds:
    """Per tested thing, (m,) each: the odds ratio, its interval, and z of the log-odds ratio."""

    ratio: np.ndarray
    low: np.ndarray
    high: np.ndarray
    z: np.ndarray


def log_odds(
    y_in: np.ndarray,
    n_in: np.ndarray | float,
    y_out: np.ndarray,
    n_out: np.ndarray | float,
    prior: np.ndarray,
    prior_total: np.ndarray | float,
) -> tuple[np.ndarray, np.ndarray]:
    """(delta, variance) of the log-odds ratio with a Dirichlet prior.

    Monroe, Colaresi and Quinn (2008): with y of n on either side,
    delta = log((y_in + a) / (n_in + A - y_in - a)) - log((y_out + a) / (n_out + A - y_out - a)),
    a `prior`, A `prior_total`; the variance is the sum of the reciprocals of the four brackets
    (they leave out the two large ones, which are not always large here).
    """
    with_in, with_out = y_in + prior, y_out + prior
    without_in, without_out = n_in + prior_total - with_in, n_out + prior_total - with_out
    delta = np.log(with_in / without_in) - np.log(with_out / without_out)
    variance = 1 / with_in + 1 / with_out + 1 / without_in + 1 / without_out
    return np.asarray(delta), np.asarray(variance)


def odds_ratios(
    y_in: np.ndarray,
    n_in: np.ndarray | float,
    y_out: np.ndarray,
    n_out: np.ndarray | float,
    *,
    deff_in: np.ndarray | float = 1.0,
    deff_out: np.ndarray | float = 1.0,
    level: float = LEVEL,
) -> Odds:
    """Odds ratios of things that y of n rows have, inside and outside, (m,) each.

    The prior has the mean p = (y_in + y_out) / (n_in + n_out), no difference, and the weight of
    one row of the rarer kind on each side: A = 1 / min(p, 1 - p), a = p A. `deff` are design
    effects (at least 1) by which counts are divided where rows come in groups (Rao and Scott
    1992). p must lie between 0 and 1. The interval is that of the normal approximation.
    """
    p = (y_in + y_out) / (n_in + n_out)
    total = PRIOR_ROWS / np.minimum(p, 1 - p)
    delta, variance = log_odds(
        y_in / deff_in, n_in / deff_in, y_out / deff_out, n_out / deff_out, p * total, total
    )
    error = np.sqrt(variance)
    reach = NormalDist().inv_cdf(0.5 + level / 2) * error
    return Odds(np.exp(delta), np.exp(delta - reach), np.exp(delta + reach), delta / error)


def design_effects(
    unit: np.ndarray, thing: np.ndarray, units: np.ndarray, n_things: int
) -> np.ndarray:
    """(m,): how much wider the share of rows with each thing varies as rows come in groups.

    `unit` and `thing` name, for every row that has a thing, its group and the thing; `units` (n,)
    is the group of every row. The linearised variance of the share between groups over the
    binomial one, at least 1 (Rao and Scott 1992): with y_g of n_g rows of group g,
    G / (G - 1) * sum_g (y_g - p n_g)^2 / (n p (1 - p)).
    """
    n = len(units)
    sizes = np.bincount(units).astype(np.float64)
    n_groups = int(np.count_nonzero(sizes))
    if n_groups < 2:
        return np.ones(n_things)
    keys, times = np.unique(thing.astype(np.int64) * len(sizes) + unit, return_counts=True)
    which, size = keys // len(sizes), sizes[keys % len(sizes)]
    y = np.bincount(which, weights=times, minlength=n_things)
    squares = np.bincount(which, weights=times.astype(np.float64) ** 2, minlength=n_things)
    products = np.bincount(which, weights=times * size, minlength=n_things)
    p = y / n
    between = squares - 2 * p * products + p * p * float((sizes**2).sum())
    binomial = n * p * (1 - p)
    effect = np.divide(between, binomial, out=np.ones(n_things), where=binomial > 0)
    return np.maximum(1.0, effect * n_groups / (n_groups - 1))


def exact_p(y_in: np.ndarray, n_in: int, y_out: np.ndarray, n_out: int) -> np.ndarray:
    """Two-sided p (m,) of Fisher's exact test: twice the tail on the count's side, at most 1.

    Under the null the count inside is hypergeometric; its tail from `y_in` away from the mean is
    summed term by term, so that thousands of tests take a moment.
    """
    from scipy.special import gammaln

    y_in, y_out = np.asarray(y_in, np.float64), np.asarray(y_out, np.float64)
    total, drawn = y_in + y_out, float(n_in + n_out)
    upper = y_in * drawn >= total * n_in
    # the lower tail inside is the upper tail outside
    count = np.where(upper, y_in, y_out)
    of = np.where(upper, n_in, n_out).astype(np.float64)

    def chosen(a: np.ndarray | float, b: np.ndarray) -> np.ndarray:
        return np.asarray(gammaln(a + 1.0) - gammaln(b + 1.0) - gammaln(a - b + 1.0))

    term = np.exp(chosen(total, count) + chosen(drawn - total, of - count) - chosen(drawn, of))
    tail, at, open_ = term.copy(), count.copy(), np.arange(len(count))
    while len(open_):
        t, x, n = total[open_], at[open_], of[open_]
        rest = (x + 1) * (drawn - t - n + x + 1)
        term[open_] *= (t - x) * (n - x) / np.maximum(rest, 1.0)
        tail[open_] += term[open_]
        at[open_] += 1
        open_ = open_[term[open_] > 1e-17 * tail[open_]]
    return np.asarray(np.minimum(1.0, 2 * tail))


def normal_p(z: np.ndarray) -> np.ndarray:
    """Two-sided p (m,) of a standard normal z."""
    from scipy.special import ndtr

    return np.asarray(2 * ndtr(-np.abs(z)))
