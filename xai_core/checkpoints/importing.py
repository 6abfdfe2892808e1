"""Bring a model: look at an uploaded file, then keep it in the library as a model that every page can explain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from xai_core import own_model
from xai_core.architecture import Architecture
from xai_core.catalogue import MINE
from xai_core.checkpoints import outside
from xai_core.checkpoints.checkpoint import Checkpoint
from xai_core.checkpoints.suggest import classes_of, suggest
from xai_core.errors import UnusableModel
from xai_core.framing import Preprocess
from xai_core.library import entries, incoming
from xai_core.names import safe_label
from xai_core.progress import Progress, part, silent

if TYPE_CHECKING:
    from xai_core.checkpoints.fitting import Fitted
    from xai_core.hub import Hub


@dataclass(frozen=True)
class InspectCheckpoint:
    """The request: what an uploaded file holds, and which networks it may belong to."""

    on_device: ClassVar[bool] = False  # reads a file, in a process of its own

    upload: str  # as `incoming.stage` named it; of one file

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> Inspected:
        """UnusableModel, beginning with the file's own name, says what it is instead and what to do."""
        checkpoint = _checkpoint(self.upload, part(progress, 0.0, 0.8))
        if checkpoint.card is not None:
            return Inspected(checkpoint, (checkpoint.card.architecture,), len(checkpoint.card.labels))
        progress(0.8, "looking for networks that it fits")
        suggestions = suggest(checkpoint)
        return Inspected(checkpoint, suggestions, classes_of(checkpoint, suggestions[0]) if suggestions else 0)


@dataclass(frozen=True)
class Inspected:
    """What a file holds; `classes` is how many it answers as the first suggestion, 0 where that cannot be told."""

    checkpoint: Checkpoint
    suggestions: tuple[Architecture, ...]
    classes: int


@dataclass(frozen=True)
class Wanted:
    """What a visitor says about a file that does not say it itself."""

    architecture: Architecture
    labels: tuple[str, ...] = field(repr=False)
    preprocess: Preprocess


@dataclass(frozen=True)
class ImportModel:
    """The request: make a model of an upload, which is gone afterwards; one that is refused stays for another try."""

    on_device: ClassVar[bool] = False  # one small pass on the CPU; a file is never answered from memory

    upload: str
    title: str
    wanted: Wanted | None = None  # None for a model that this dashboard exported

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> Imported:
        """UnusableModel when file, network and names do not agree; LibraryError when the disk refuses."""
        checkpoint = _checkpoint(self.upload, part(progress, 0.0, 0.5))
        progress(0.5, "putting the weights into the network")
        fitted, wanted = self._fitted(checkpoint)
        progress(0.8, "saving the model")
        title = safe_label(self.title) if self.title.strip() else checkpoint.name.rpartition(".")[0] or checkpoint.name

        def fill(folder: Path) -> dict[str, Any]:
            own_model.write(folder, title, wanted.architecture, fitted.classifier, _facts(checkpoint, fitted.notes))
            progress(0.95, "saving the model")
            return {}

        key = entries.create("models", title, fill)
        incoming.discard(self.upload)
        layers = tuple((layer.name, str(layer)) for layer in fitted.classifier.layers)
        return Imported(MINE + key, title, (*checkpoint.notes, *fitted.notes), fitted.classifier.labels, layers)

    def _fitted(self, checkpoint: Checkpoint) -> tuple[Fitted, Wanted]:
        from xai_core.checkpoints.fitting import fit

        card = checkpoint.card
        wanted = Wanted(card.architecture, card.labels, card.preprocess) if card else self.wanted
        if wanted is None:
            raise UnusableModel(f"{checkpoint.name} does not say what network it is. Choose an architecture and names.")
        fitted = fit(checkpoint, wanted.architecture, wanted.labels, wanted.preprocess)
        if card and any(card.cam_layer == layer.name for layer in fitted.classifier.layers):
            fitted.classifier.cam_layer = card.cam_layer
        return fitted, wanted


@dataclass(frozen=True)
class Imported:
    """The model in the library."""

    name: str  # "mine/<key>"
    title: str
    notes: tuple[str, ...]  # what was unwrapped, left out, converted or noticed
    labels: tuple[str, ...] = field(repr=False)
    layers: tuple[tuple[str, str], ...] = field(repr=False)  # (dotted name, name with its resolution)


def _checkpoint(upload: str, progress: Callable[[float, str], None]) -> Checkpoint:
    files = incoming.staged(upload)
    if len(files) != 1:
        raise UnusableModel(f"A model is one file, and these are {len(files)}. Drop the weights alone.")
    ((name, path),) = files
    return outside.read(path, name, progress)


def _facts(checkpoint: Checkpoint, notes: tuple[str, ...]) -> dict[str, Any]:
    """For the model's card. What an exported card said about itself is kept, below where it came from now."""
    before = dict(checkpoint.card.facts) if checkpoint.card else {}
    return before | {
        "source": before.get("source", "imported"),
        "file": {"name": checkpoint.name, "bytes": checkpoint.bytes, "sha256": checkpoint.sha256},
        "notes": [*checkpoint.notes, *notes],
        "imported": datetime.now(UTC).isoformat(timespec="seconds"),
    }
