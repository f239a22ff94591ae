"""The paired interval for few units: worked by hand, and its coverage counted."""

import numpy as np
import pytest
from scipy.stats import binom

from dsx.stats import sign_flip


def test_typical_values_worked_by_hand() -> None:
    """Six units: 2**6 = 64 pieces, one in each tail (floor(.025 * 64) = 1), so the interval runs
    from the smallest to the largest subset mean: the least and the greatest difference."""
    found = sign_flip(np.array([3.0, 1, 4, 1.5, 9, 2.5]), unit="seed")
    assert (found.value, found.low, found.high) == (3.5, 1.0, 9.0)
    assert found.p == 2 / 64
    assert "Hartigan" in found.method and found.unit == "seed"


@pytest.mark.parametrize("n", [1, 5, 15, 19])
def test_no_interval_is_said(n: int) -> None:
    """Five units have 32 pieces, none of them small enough; from 15 on subsets are too many."""
    found = sign_flip(np.arange(1.0, n + 1))
    assert found.low is None and "no interval" in found.method


def test_typical_values_cover_as_often_as_they_say() -> None:
    """Ten units: 25 of 1,024 pieces in each tail, so 1 - 50/1024 = .951 of intervals cover."""
    rng = np.random.default_rng(7)
    runs, covered = 2_000, 0
    for _ in range(runs):
        found = sign_flip(rng.laplace(0.3, 1.0, 10))
        covered += found.low <= 0.3 <= found.high
    low, high = binom.interval(1 - 1e-6, runs, 1 - 50 / 1024)
    assert low <= covered <= high


def test_the_interval_and_the_test_agree() -> None:
    """Zero outside the interval means p below .05, as far as the pieces allow."""
    rng = np.random.default_rng(3)
    for shift in np.linspace(0, 1.5, 40):
        found = sign_flip(rng.normal(shift, 1.0, 10))
        outside = not found.low <= 0 <= found.high
        assert outside == (found.p <= 0.05) or abs(found.p - 0.05) < 0.01
