"""The networks of one cascade: private copies that share with the trained one every tensor not yet destroyed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from xai_core import replay
from xai_core.blocks import within
from xai_core.cascade import Cascade, Norms, Randomised, destroyed
from xai_core.classifier import Classifier, Target
from xai_core.framing import frame
from xai_core.prepared import Forward, inference, private_copy
from xai_core.progress import Progress
from xai_core.randomise import redrawn

AHEAD_BYTES = 512 * 2**20  # of gradients held for later stages


@dataclass(eq=False)
class RandomisedClassifier(Classifier):
    """One network of a cascade, to be explained like any other."""

    ladder: Ladder = field(kw_only=True, repr=False)
    stage: int = field(kw_only=True)

    def gradient(self, x: Tensor, target: Target) -> Tensor:
        known = self.ladder.ahead_of(self.stage, x, target)
        return super().gradient(x, target) if known is None else known

    @cached_property
    def prepared(self) -> Forward:
        """The network itself: it is asked too little for another path to pay."""
        return inference(self.module)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the trained weights' and the recipe: together they determine these weights."""
        return sha256(f"{self.ladder.original.fingerprint}:{self.ladder.recipe}:{self.stage}".encode()).hexdigest()

    @cached_property
    def _activations(self) -> tuple[bool, tuple[str, ...]]:
        return self.ladder.original._activations


@dataclass
class _Ahead:
    """Gradients of one batch at stages that have not asked for them yet."""

    x: Tensor
    left: dict[int, tuple[Target, Tensor]]  # stage -> class, gradient

    @property
    def bytes(self) -> int:
        return sum(gradient.nbytes for _, gradient in self.left.values()) + self.x.nbytes


class Ladder:
    """All stages of a cascade, built as they are asked for. To be used on the device's one worker."""

    def __init__(self, original: Classifier, recipe: Cascade) -> None:
        self.original, self.recipe = original, recipe
        self._drawn: dict[int, dict[str, Tensor]] = {}  # block -> new tensors
        self._built: dict[int, RandomisedClassifier] = {}
        self._targets: Mapping[int, Target] | None = None  # stages that will ask for gradients soon, and of which class
        self._ahead: list[_Ahead] = []
        self._between: Progress | None = None
        self._replayable = True

    @property
    def stages(self) -> int:
        return len(self.original.blocks)

    def classifier(self, stage: int) -> RandomisedClassifier:
        """The network at stage 1 .. `stages`."""
        if stage not in self._built:
            self._built[stage] = self._build(stage)
        return self._built[stage]

    @contextmanager
    def ahead(self, targets: Mapping[int, Target], rows: Progress) -> Iterator[None]:
        """Inside, a gradient that one stage asks for is computed for all of `targets` (stage -> class) at once.

        `rows` is told the share of one batch's networks that are done; it may raise to stop.
        """
        self._targets, self._between = targets, rows
        try:
            yield
        finally:
            self._targets, self._between, self._ahead = None, None, []

    def ahead_of(self, stage: int, x: Tensor, target: Target) -> Tensor | None:
        """What this stage's gradient was found to be, or None where it has to be computed alone."""
        if self._targets is None or self._targets.get(stage) != target:
            return None
        if (held := self._taken(stage, x)) is not None:
            return held
        wanted = {each: of for each, of in self._targets.items() if each >= stage}
        needed = x.nbytes * len(wanted)
        if not self._replayable or len(wanted) < 2 or needed + sum(a.bytes for a in self._ahead) > AHEAD_BYTES:
            return None
        self._compute(x, wanted)
        return self._taken(stage, x)

    def _taken(self, stage: int, x: Tensor) -> Tensor | None:
        for batch in self._ahead:
            if stage in batch.left and batch.x.shape == x.shape and torch.equal(batch.x, x):
                _, gradient = batch.left.pop(stage)
                self._ahead = [each for each in self._ahead if each.left]
                return gradient
        return None

    def _compute(self, x: Tensor, wanted: Mapping[int, Target]) -> None:
        found: dict[int, tuple[Target, Tensor]] = {}
        networks = [self.classifier(stage).module for stage in wanted]

        def between() -> None:
            assert self._between is not None
            self._between(len(found) / len(wanted), "")

        passes = replay.gradients(self.original.module, networks, x, list(wanted.values()), between)
        try:
            for (stage, target), gradient in zip(wanted.items(), passes, strict=True):
                found[stage] = (target, gradient)
        except replay.Diverged:
            self._replayable = False
        self._ahead.append(_Ahead(x.detach().clone(memory_format=torch.preserve_format), found))

    def _build(self, stage: int) -> RandomisedClassifier:
        original, blocks = self.original, self.original.blocks
        module = private_copy(original.module)
        gone = destroyed(self.recipe.order, stage, len(blocks))
        for number in gone:
            if number not in self._drawn:
                self._drawn[number] = self._draw(number)
            for name, tensor in self._drawn[number].items():
                _replace(module, name, tensor)
        if self.recipe.norms is Norms.ESTIMATED:
            _estimate(module, [blocks[number] for number in gone], self._pictures())
        return RandomisedClassifier(
            name=str(Randomised(self.recipe, stage)),
            module=module,
            labels=original.labels,
            preprocess=original.preprocess,
            cam_layer=original.cam_layer,
            given_blocks=blocks,
            ladder=self,
            stage=stage,
        )

    def _draw(self, number: int) -> dict[str, Tensor]:
        recipe, original = self.recipe, self.original
        fresh = redrawn(original.module, original.blocks[number], recipe.law, recipe.norms, recipe.seed)
        return {name: _placed(tensor, original.device) for name, tensor in fresh.items()}

    def _pictures(self) -> Tensor:
        """The pictures at hand and their mirror images: a norm needs more than one value to have a variance."""
        recipe, original = self.recipe, self.original
        squares = [frame(held.pixels, original.preprocess, recipe.framing).square for held in recipe.pictures]
        x = torch.cat([original.encode(square) for square in squares])
        return torch.cat([x, x.flip(3)])


def _placed(tensor: Tensor, device: torch.device) -> Tensor:
    layout = torch.channels_last if tensor.dim() == 4 else torch.preserve_format
    return tensor.to(device).contiguous(memory_format=layout) if tensor.dim() == 4 else tensor.to(device)


def _replace(module: nn.Module, name: str, tensor: Tensor) -> None:
    owner_name, _, leaf = name.rpartition(".")
    owner = module.get_submodule(owner_name)
    if leaf in owner._parameters:
        owner._parameters[leaf] = nn.Parameter(tensor, requires_grad=False)
    else:
        owner._buffers[leaf] = tensor


def _estimate(module: nn.Module, gone: Sequence[tuple[str, ...]], x: Tensor) -> None:
    """Running statistics of the destroyed blocks' norms become those of `x`, layer after layer."""
    norms = [
        child
        for name, child in module.named_modules()
        if isinstance(child, _NormBase) and child.track_running_stats and any(within(name, block) for block in gone)
    ]
    for norm in norms:
        # buffers are shared between stages: these are this one's own
        for leaf, buffer in norm.named_buffers(recurse=False):
            norm._buffers[leaf] = torch.zeros_like(buffer)
        norm.momentum = None  # a plain average: of one batch, the batch's own
        norm.training = True  # its children, an activation perhaps, stay as they are
    with torch.no_grad():
        module(x)
    for norm in norms:
        norm.training = False
