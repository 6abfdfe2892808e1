"""The models on the device: loaded once, least recently used out first, one request at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from xai_core.cascade import Cascade, ModelName, Randomised
from xai_core.classifier import Classifier
from xai_core.evidence import Batched, Evidence
from xai_core.jobs import on_device
from xai_core.ladder import Ladder
from xai_core.progress import Progress, silent
from xai_core.store import Store

A = TypeVar("A", covariant=True)

MODELS_HELD = 3
LADDERS_HELD = 2  # cascades of randomised networks: each holds one more set of weights
EVIDENCE_HELD = 32  # pictures and classes whose shared passes are remembered: a cascade has one a stage
ANSWER_BYTES = 256 * 2**20


class Request(Hashable, Protocol[A]):
    """A hashable value that knows how to answer itself with a hub's models."""

    def answer(self, hub: Hub, progress: Progress) -> A: ...


class Hub:
    """Owns the device. `run` may be called from any thread; requests take turns."""

    def __init__(self, load: Callable[[str, torch.device], Classifier], device: torch.device | None = None) -> None:
        self._load, self.device, self._evidence_held = load, device or best_device(), EVIDENCE_HELD
        self._models: OrderedDict[str, Classifier] = OrderedDict()
        self._ladders: OrderedDict[Cascade, Ladder] = OrderedDict()
        self._evidence: OrderedDict[tuple[ModelName, bytes, int], Evidence] = OrderedDict()
        self._answers, self._turn = Store(ANSWER_BYTES), threading.RLock()

    def run(self, request: Request[Any], progress: Progress = silent) -> Any:
        """The request's answer, remembered: a known one comes back at once."""
        if not on_device(request):
            return request.answer(self, progress)  # about files, which come and go: no turn, and nothing to remember
        if (known := self._answers.get(request)) is not None:
            return known
        while not self._turn.acquire(timeout=0.2):
            progress(0.0, "waiting for the device")
        try:
            answer = self._answers.get(request)
            if answer is None:
                answer = request.answer(self, progress)
                if getattr(answer, "complete", True):  # what somebody cut short is no answer to the next one who asks
                    self._answers.put(request, answer)
            return answer
        finally:
            self._turn.release()

    def adopt(self, classifier: Classifier) -> None:
        """Hold a classifier that somebody else built, under its own name; answers of an earlier one are forgotten."""
        with self._turn:
            self._drop(classifier.name)
            self._models[classifier.name] = classifier
            self._answers = Store(ANSWER_BYTES)

    def known(self, request: Hashable) -> Any | None:
        """The answer, if it is remembered."""
        return self._answers.get(request)

    def classifier(self, key: ModelName) -> Classifier:
        """The model of that key, loaded now if need be, or a randomised copy of one."""
        with self._turn:
            if isinstance(key, Randomised):
                return self.ladder(key.cascade).classifier(key.stage)
            if key not in self._models:
                while len(self._models) >= MODELS_HELD:
                    self._drop(next(iter(self._models)))
                self._models[key] = self._load(key, self.device)
            self._models.move_to_end(key)
            return self._models[key]

    def ladder(self, recipe: Cascade) -> Ladder:
        """The networks of a cascade."""
        with self._turn:
            original = self.classifier(recipe.model)
            if recipe not in self._ladders:
                while len(self._ladders) >= LADDERS_HELD:
                    self._forget(next(iter(self._ladders)))
                self._ladders[recipe] = Ladder(original, recipe)
            self._ladders.move_to_end(recipe)
            return self._ladders[recipe]

    def evidence(self, key: ModelName, square: NDArray[np.uint8], target: int) -> Evidence:
        """The shared passes of one square and class; the same object as long as it is remembered."""
        name = (key, square.tobytes(), target)
        if name not in self._evidence:
            self._evidence[name] = Evidence(self.classifier(key), square, target)
            while len(self._evidence) > self._evidence_held:
                self._evidence.popitem(last=False)
        self._evidence.move_to_end(name)
        return self._evidence[name]

    def aside(self, evidence_held: int) -> Hub:
        """A hub for one request: the same models and networks, but what it remembers is its own, and goes with it."""
        other = Hub(self._load, self.device)
        other._models, other._ladders, other._turn = self._models, self._ladders, self._turn
        other._evidence_held = evidence_held
        return other

    def gather(self, key: ModelName, squares: Sequence[NDArray[np.uint8]], targets: Sequence[int]) -> Evidence:
        """Make the passes of several pictures one; the first one's evidence. Only aside: the bits are the batch's."""
        group = Batched.of(self.classifier(key), squares, targets)
        for each in group:
            self._evidence[key, each.square.tobytes(), each.target] = each
        return group[0]

    def _drop(self, key: str) -> None:
        self._models.pop(key, None)
        for recipe in [recipe for recipe in self._ladders if recipe.model == key]:
            self._forget(recipe)
        for name in [name for name in self._evidence if name[0] == key]:
            del self._evidence[name]
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _forget(self, recipe: Cascade) -> None:
        del self._ladders[recipe]
        for name in [name for name in self._evidence if isinstance(name[0], Randomised) and name[0].cascade == recipe]:
            del self._evidence[name]


def best_device() -> torch.device:
    """CUDA, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
