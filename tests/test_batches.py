"""Batches halve when memory runs out, and give the same answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from conftest import make_toy, toy_network
from xai_core import batches
from xai_core.batches import HALVED, in_batches
from xai_core.classifier import Classifier
from xai_core.errors import OutOfMemory
from xai_core.evidence import Evidence, Finding
from xai_core.framing import Framing, frame
from xai_core.knobs import Params
from xai_core.methods.lime import LimeParams, lime
from xai_core.methods.occlusion import OcclusionParams, occlusion
from xai_core.methods.rise import RiseParams, rise
from xai_core.picture import Picture
from xai_core.progress import silent

CUDA = torch.OutOfMemoryError("CUDA out of memory.")
APPLE = RuntimeError("MPS backend out of memory (MPS allocated: 1.00 GB).")
HOST = RuntimeError("[enforce fail at alloc_cpu.cpp:121] data. DefaultCPUAllocator: not enough memory: you tried")
LINUX = RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried")
NUMPY = MemoryError("Unable to allocate 1.00 GiB for an array")


class Narrow(nn.Module):
    """A network on a device where only `room` pictures at a time fit."""

    def __init__(self, room: int, error: Exception = CUDA) -> None:
        super().__init__()
        self.inner, self.room, self.error, self.sizes = toy_network(), room, error, list[int]()

    def forward(self, x: Tensor) -> Tensor:
        self.sizes.append(len(x))
        if len(x) > self.room:
            raise self.error
        found: Tensor = self.inner(x)
        return found


def narrow(room: int, error: Exception = CUDA) -> Classifier:
    """A toy with little room; its forward-only path is the network itself, which checks more than one picture."""
    classifier = make_toy(Narrow(room, error), cam_layer="inner.4")
    classifier.__dict__["prepared"] = classifier.module
    return classifier


def evidence(classifier: Classifier, picture: Picture) -> Evidence:
    return Evidence(classifier, frame(picture.pixels, classifier.preprocess, Framing.WHOLE).square, 2)


METHODS: list[tuple[Callable[..., Finding], Params]] = [
    (rise, RiseParams(masks=50)),
    (lime, LimeParams(samples=50, algorithm="slic")),
    (occlusion, OcclusionParams(window=8, stride=4)),
]


@pytest.mark.parametrize(("run", "params"), METHODS)
@pytest.mark.parametrize("error", [CUDA, APPLE, HOST])
def test_halved_batches_give_the_same_map_and_say_so(
    run: Callable[..., Finding], params: Params, error: Exception, picture: Picture
) -> None:
    roomy, tight = evidence(narrow(99), picture), evidence(narrow(5, error), picture)
    expected, found = run(roomy, params, silent), run(tight, params, silent)
    largest = float(expected.values.abs().max())
    assert float((found.values - expected.values).abs().max()) < 1e-5 * largest
    assert HALVED in found.notes
    assert HALVED not in expected.notes


@pytest.mark.parametrize("error", [LINUX, NUMPY])
def test_batches_are_halved_also_where_the_computer_itself_has_no_memory_left(error: Exception) -> None:
    sizes: list[int] = []

    def work(start: int, stop: int) -> None:
        if stop - start > 3:
            raise error
        sizes.append(stop - start)

    assert in_batches(10, 8, work)
    assert sizes == [2, 2, 2, 2, 2]


def test_batches_are_halved_until_they_fit_and_stay_small(picture: Picture) -> None:
    classifier = narrow(5)
    rise(evidence(classifier, picture), RiseParams(masks=50), silent)
    sizes = classifier.module.sizes
    assert sizes[:4] == [16, 8, 4, 4]
    assert max(sizes[3:]) <= 4


@pytest.mark.parametrize(("run", "params"), METHODS)
def test_no_room_for_one_picture_is_an_error_that_says_what_to_change(
    run: Callable[..., Finding], params: Params, picture: Picture
) -> None:
    with pytest.raises(OutOfMemory, match="smaller model"):
        run(evidence(narrow(0), picture), params, silent)


def test_other_failures_are_not_mistaken_for_a_lack_of_memory() -> None:
    def work(start: int, stop: int) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="shapes"):
        in_batches(4, 4, work)


@pytest.mark.parametrize("total", [0, 1, 7, 16, 33])
@pytest.mark.parametrize("size", [1, 4, 16])
def test_every_item_is_worked_on_once_in_order(total: int, size: int) -> None:
    seen: list[int] = []
    assert not in_batches(total, size, lambda start, stop: seen.extend(range(start, stop)))
    assert seen == list(range(total))


def test_progress_comes_before_each_batch_and_at_the_end() -> None:
    reports: list[tuple[float, str]] = []
    in_batches(5, 2, lambda start, stop: None, lambda f, note="": reports.append((f, note)), "masks")
    assert [note for _, note in reports] == ["masks 0 of 5", "masks 2 of 5", "masks 4 of 5", "masks 5 of 5"]
    assert [fraction for fraction, _ in reports] == [0, 0.4, 0.8, 1]


def test_batch_sizes_depend_on_the_device_alone() -> None:
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert batches.batch_size(cpu, gradients=True) < batches.batch_size(cpu, gradients=False)
    assert batches.batch_size(gpu, gradients=True) == batches.batch_size(gpu, gradients=False)


def test_equal_requests_get_equal_bits_whatever_ran_between(toy: Classifier, picture: Picture) -> None:
    first = rise(evidence(toy, picture), RiseParams(masks=50), silent).values
    rise(evidence(toy, picture), replace(RiseParams(masks=50), seed=9), silent)
    assert np.array_equal(first, rise(evidence(toy, picture), RiseParams(masks=50), silent).values)
