"""The course of one training: every epoch written down, the best weights kept, the moment to stop."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from xai_core.errors import UnusableData
from xai_core.progress import Progress
from xai_core.sentence import percent
from xai_core.training.curves import Epoch, Journal
from xai_core.training.recipe import Recipe

RAN_AWAY = "The training ran away: its numbers grew beyond all bounds. Set a smaller learning rate and train again."


class Course:
    """Judges a network after each epoch by its loss on the validation part, all classes weighted as in training."""

    def __init__(
        self, recipe: Recipe, labels: Tensor, weights: Tensor, journal: Journal | None, progress: Progress, begun: float
    ) -> None:
        """`labels` (N,) of the validation part; `weights` (K,) of the classes; `begun`: time.monotonic();
        without a journal nobody is told."""
        self._recipe, self._labels, self._weights, self._journal = recipe, labels, weights, journal
        self._progress, self._begun, self._learning = progress, begun, time.monotonic()
        self.epochs: list[Epoch] = []
        self.best = 0  # the number of the epoch whose weights are kept
        self._kept: Mapping[str, Tensor] = {}

    def goes_on(self, network: nn.Module, loss: float, logits: Tensor) -> bool:
        """Whether another epoch is worth it, given this one's training loss and validation logits (N, K).

        Losses that are no numbers end it; UnusableData where the very first are.
        """
        validation = float(F.cross_entropy(logits, self._labels, self._weights))
        if not math.isfinite(loss + validation):
            if self.best == 0:
                raise UnusableData(RAN_AWAY)
            return False
        accuracy = float((logits.argmax(1) == self._labels).float().mean())
        epoch = Epoch(len(self.epochs) + 1, loss, validation, accuracy, time.monotonic() - self._begun)
        self.epochs.append(epoch)
        if self._journal is not None:
            self._journal.write(epoch)
        if self.best == 0 or validation < self.epochs[self.best - 1].validation_loss:
            self.best = epoch.number
            self._kept = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
        tired = epoch.number - self.best >= self._recipe.patience
        self.report()
        return not (tired or epoch.number >= self._recipe.epochs or self._finishing())

    def _finishing(self) -> bool:
        return self._journal is not None and self._journal.finishing

    def report(self, share: float = 0.0) -> None:
        """Say how far it is; `share` of the present epoch. Raises what the caller raises to cancel."""
        done, limit = len(self.epochs), self._recipe.epochs
        words = f"epoch {min(done + (share > 0), limit)} of {limit} at most"
        if done:
            words += f", {percent(self.epochs[-1].accuracy)} on held-out pictures"
            pace = (time.monotonic() - self._learning) / (done + share)
            words += in_words(pace * (limit - done - share))
        self._progress(min((done + share) / limit, 1.0), words)

    def restore(self, network: nn.Module) -> None:
        """Put the best epoch's weights back."""
        network.load_state_dict(dict(self._kept))


def in_words(seconds: float) -> str:
    """As in ", about 40 s left"; "" where it is hardly worth saying."""
    if seconds < 1:
        return ""
    return f", about {f'{seconds:.0f} s' if seconds < 100 else f'{seconds / 60:.0f} minutes'} left"


def class_weights(labels: Tensor, classes: int, balanced: bool) -> Tensor:
    """(K,): ones, or N / (K × pictures of the class), as scikit-learn's "balanced"."""
    if not balanced:
        return torch.ones(classes, device=labels.device)
    found = torch.bincount(labels, minlength=classes).clamp(min=1)
    return len(labels) / (classes * found.float())
