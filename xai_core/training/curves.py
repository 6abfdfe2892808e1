"""What a training tells while it runs: one line per epoch in a file, and a way to ask it to finish early.

The training process writes, pages read; the folder goes when the training ends, however it ends.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from xai_core.library.home import in_words
from xai_core.run_folder import folder_of, fresh_folder

LOG, FINISH = "epochs.jsonl", "finish"
KIND = "training"
log = logging.getLogger("second-look")


@dataclass(frozen=True)
class Epoch:
    """How it went after one epoch; losses are mean cross-entropies in nats, `accuracy` is on the validation part."""

    number: int  # from 1
    loss: float  # on the pictures that are learned from
    validation_loss: float
    accuracy: float  # 0 to 1
    seconds: float  # since the training began


def log_of(run: str) -> tuple[Epoch, ...]:
    """The epochs of a running training so far; () before the first, after the end, and for an unknown run.

    ValueError unless `run` is 1 to 64 letters, digits, hyphens and underscores.
    """
    try:
        lines = (folder_of(KIND, run) / LOG).read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return ()
    complete = lines[:-1]  # what follows the last line break may be half a line
    return tuple(Epoch(**json.loads(line)) for line in complete)


def finish(run: str) -> None:
    """Ask a running training to stop learning and keep its best epoch; nothing happens where none is running.

    LibraryError where the disk has no room even for that.
    """
    folder = folder_of(KIND, run)
    with in_words("The training goes on"):
        if folder.is_dir():
            (folder / FINISH).touch()


@dataclass(frozen=True)
class Journal:
    """The training's side of the file; `folder` is its own scratch space until the end."""

    folder: Path

    def write(self, epoch: Epoch) -> None:
        try:
            with (self.folder / LOG).open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(epoch)) + "\n")
        except OSError as error:  # what has been learned is worth more than a point of its curve
            log.warning("a training cannot be watched: %s", error)

    @property
    def finishing(self) -> bool:
        """Whether somebody asked to finish."""
        return (self.folder / FINISH).exists()


@contextmanager
def journal(run: str) -> Iterator[Journal]:
    """A fresh folder for this run, gone afterwards. ValueError as in `log_of`."""
    with fresh_folder(KIND, run) as folder:
        yield Journal(folder)
