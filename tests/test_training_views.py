"""The versions of a picture to learn from: what each number does, and that they are the same for a seed."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torchvision.transforms import functional as reference

from xai_core.training.views import LIGHT, SHIFT, SMALLEST, altered, draws


@pytest.fixture
def pictures() -> Tensor:
    coarse = torch.rand(2, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    return torch.nn.functional.interpolate(coarse, 40, mode="bicubic").clamp(0, 1)


def only(place: int, value: float) -> Tensor:
    how = torch.zeros(2, 9)
    how[:, place] = value
    return how


def test_nothing_asked_is_nothing_changed(pictures: Tensor) -> None:
    torch.testing.assert_close(altered(pictures, torch.zeros(2, 9)), pictures, atol=1e-5, rtol=0)


def test_it_mirrors(pictures: Tensor) -> None:
    torch.testing.assert_close(altered(pictures, only(1, -1)), reference.hflip(pictures), atol=1e-5, rtol=0)


def test_it_shifts_by_at_most_a_tenth(pictures: Tensor) -> None:
    moved = altered(pictures, only(2, 1.0))
    pixels = round(SHIFT * 40)
    torch.testing.assert_close(moved[..., :-pixels], pictures[..., pixels:], atol=1e-4, rtol=0)


def test_it_crops_around_the_middle(pictures: Tensor) -> None:
    edge = round(40 * (1 - SMALLEST) / 2)
    expected = reference.resize(pictures[..., edge:-edge, edge:-edge], [40, 40], antialias=False)
    inside = (..., slice(2, -2), slice(2, -2))  # the reference repeats the outermost pixels
    torch.testing.assert_close(altered(pictures, only(0, 1.0))[inside], expected[inside], atol=1e-3, rtol=0)


def test_it_changes_light_and_single_colours(pictures: Tensor) -> None:
    brighter = altered(pictures, only(5, 0.5))
    torch.testing.assert_close(brighter, reference.adjust_brightness(pictures, 1 + LIGHT / 2), atol=1e-5, rtol=0)
    redder = altered(pictures, only(6, 1.0))
    assert (redder[:, 0] >= pictures[:, 0] - 1e-5).all()
    torch.testing.assert_close(redder[:, 1:], pictures[:, 1:], atol=1e-5, rtol=0)


def test_each_picture_gets_its_own_version_and_stays_a_picture(pictures: Tensor) -> None:
    twice = pictures[:1].repeat(64, 1, 1, 1)
    found = altered(twice, draws(64, 0, 1))
    assert found.min() >= 0
    assert found.max() <= 1
    assert (found[1:] - found[:1]).abs().amax(dim=(1, 2, 3)).min() > 0.05


def test_draws_depend_on_seed_and_round_alone() -> None:
    assert torch.equal(draws(8, 3, 5), draws(8, 3, 5))
    assert not torch.equal(draws(8, 3, 5), draws(8, 3, 6))
    assert not torch.equal(draws(8, 3, 5), draws(8, 4, 5))
    assert draws(1000, 0, 0).abs().max() <= 1
    assert draws(1000, 0, 0).mean(dim=0).abs().max() < 0.1
