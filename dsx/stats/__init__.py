"""The one place for uncertainty: estimates, intervals, tests, and correction for many tests.

The rule for every lens: level 95%; the unit that was sampled is what is resampled or permuted,
and the result names it; a percentile bootstrap of 2,000 resamples, none under 20 units; Wilson
and McNemar only for one binary outcome per independent unit; permutation p = (b+1)/(B+1) with
B + 1 >= m/q; Benjamini-Hochberg at .05 over a family fixed before drawing, Benjamini-Yekutieli
where positive dependence cannot be argued.
"""

from dsx.stats.intervals import (
    FEWEST_UNITS,
    LEVEL,
    RESAMPLES,
    Estimate,
    bootstrap,
    generator,
    mean,
    own_units,
    percentiles,
    share,
    too_few,
    undefined,
    wilson,
)
from dsx.stats.significance import (
    benjamini_hochberg,
    benjamini_yekutieli,
    check_permutations,
    corrected,
    mcnemar,
    permutation_p,
    permutations_needed,
    sign_flip,
    smallest_detectable,
)

__all__ = [
    "FEWEST_UNITS",
    "LEVEL",
    "RESAMPLES",
    "Estimate",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "bootstrap",
    "check_permutations",
    "corrected",
    "generator",
    "mcnemar",
    "mean",
    "own_units",
    "percentiles",
    "permutation_p",
    "permutations_needed",
    "share",
    "sign_flip",
    "smallest_detectable",
    "too_few",
    "undefined",
    "wilson",
]
