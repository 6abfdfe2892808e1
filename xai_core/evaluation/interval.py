"""How far a share that was measured on a few pictures may lie from the true one."""

from __future__ import annotations


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of right / total (Wilson 1927), as SciPy computes it; (0, 1) where nothing was measured."""
    from scipy.stats import binomtest

    if total == 0:
        return 0.0, 1.0
    found = binomtest(right, total).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)
