"""One training from reading the pictures to predictions for the test part; the torch half of `train`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_core.datasets.dataset import Dataset
from xai_core.hub import Hub
from xai_core.progress import Progress, part, silent
from xai_core.training.course import Course, class_weights
from xai_core.training.curves import Epoch, Journal
from xai_core.training.head import fit_head
from xai_core.training.inputs import Inputs
from xai_core.training.loop import BATCH, answers, learn
from xai_core.training.network import Network, network
from xai_core.training.recipe import Recipe, recipe
from xai_core.training.split import Split

READING = {"head": 0.8, "fine-tune": 0.5, "cnn": 0.1}  # the share of the time that reading the pictures takes


@dataclass(frozen=True, eq=False)
class Fitted:
    """A trained network and what became of it; `predicted` (N,) are the classes it gives the test part."""

    network: Network
    epochs: tuple[Epoch, ...]
    best: int
    predicted: NDArray[np.int64]


class Session:
    """The pictures of a split as rows of inputs: train first, then validation, then test."""

    def __init__(self, hub: Hub, how: Recipe, data: Dataset, parts: Split, notes: Journal, begun: float) -> None:
        self._recipe, self._data, self._parts, self._notes, self._begun = how, data, parts, notes, begun
        self._device, self._network = hub.device, network(hub, how, len(data.classes))
        self._inputs = Inputs(self._network, how, hub.device, notes.folder / "inputs")
        near, far = len(parts.train), len(parts.train) + len(parts.validation)
        total = len(parts.everything)
        self._train, self._validation, self._test = (
            torch.arange(*ends) for ends in ((0, near), (near, far), (far, total))
        )
        labels = torch.tensor([data.items[number].label for number in parts.everything])
        self._labels = labels.to(hub.device)
        self._weights = class_weights(self._labels[self._train], len(data.classes), how.class_weights)

    def run(self, progress: Progress) -> Fitted:
        """Read, learn, and predict the test part."""
        middle = READING[self._recipe.kind]
        self._inputs.read(self._data, self._parts.everything, part(progress, 0.0, middle))
        learning = part(progress, middle, 1.0)
        course = self._learn(learning)
        test = answers(self._network.tail, self._inputs, self._test).argmax(1).cpu().numpy()
        return Fitted(self._network, tuple(course.epochs), course.best, test)

    def _learn(self, progress: Progress) -> Course:
        course = self._course(self._recipe, self._notes, progress)
        if self._recipe.kind == "head":
            self._fit_head(self._recipe, course)
            return course
        if self._recipe.kind == "fine-tune":
            # from a head that already fits: a random one would first spoil the blocks it hangs on (arXiv:2202.10054)
            alone = recipe("head")
            self._fit_head(alone, self._course(alone, None, silent))
        rows = (self._train, self._validation)
        learn(self._network.tail, self._inputs, rows, self._labels, self._weights, course, self._recipe)
        return course

    def _course(self, how: Recipe, notes: Journal | None, progress: Progress) -> Course:
        return Course(how, self._labels[self._validation], self._weights, notes, progress, self._begun)

    def _fit_head(self, how: Recipe, course: Course) -> None:
        views = self._inputs.view_count
        labels = self._labels[self._train].repeat_interleave(views)
        features = self._features(self._inputs.views, self._train)
        held_out = self._features(self._inputs.plain, self._validation)
        fit_head(self._network.head, features, labels, held_out, self._weights, course, how)

    def _features(self, read: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
        """What the head reads of these rows: what the tail reads, behind all of the tail but the head."""
        body = self._network.tail[:-1]
        with torch.no_grad():
            return torch.cat([body(read(rows[i : i + BATCH])) for i in range(0, len(rows), BATCH)])
