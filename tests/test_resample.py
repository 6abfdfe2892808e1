"""Maps at other resolutions, against torch and a naive average."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from xai_core.resample import resample, to_grid

sizes = st.tuples(st.integers(1, 12), st.integers(1, 12))


def noise(size: tuple[int, int], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=size).astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(sizes, sizes)
def test_smooth_reading_is_torchs_bilinear(shape: tuple[int, int], size: tuple[int, int]) -> None:
    values = noise(shape)
    theirs = torch.nn.functional.interpolate(torch.from_numpy(values)[None, None], size, mode="bilinear")[0, 0]
    assert np.allclose(resample(values, size), theirs.numpy(), atol=1e-5)


@settings(max_examples=60, deadline=None)
@given(sizes, sizes)
def test_blocky_reading_is_torchs_exact_nearest(shape: tuple[int, int], size: tuple[int, int]) -> None:
    values = noise(shape)
    theirs = torch.nn.functional.interpolate(torch.from_numpy(values)[None, None], size, mode="nearest-exact")[0, 0]
    assert np.array_equal(resample(values, size, smooth=False), theirs.numpy())


@pytest.mark.parametrize("shape", [(224, 224), (240, 260), (28, 28), (30, 41)])
def test_a_finer_map_is_averaged_by_area(shape: tuple[int, int]) -> None:
    values, grid = noise(shape), (28, 28)
    fine = values.astype(np.float64).repeat(28, axis=0).repeat(28, axis=1)
    naive = fine.reshape(28, shape[0], 28, shape[1]).mean(axis=(1, 3))
    assert np.allclose(to_grid(values, grid), naive, atol=1e-6)


def test_a_coarser_map_is_read_smoothly() -> None:
    values = noise((7, 7))
    assert np.allclose(to_grid(values, (28, 28)), resample(values, (28, 28)), atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(sizes, sizes, st.floats(-5, 5, width=32))
def test_a_constant_stays_constant(shape: tuple[int, int], size: tuple[int, int], level: float) -> None:
    flat = np.full(shape, level, np.float32)
    assert np.allclose(to_grid(flat, size), level, atol=1e-5)
    assert np.allclose(resample(flat, size), level, atol=1e-5)
