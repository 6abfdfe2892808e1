"""The process that reads one uploaded file: `python -m xai_core.checkpoints.child UPLOAD NAME FOLDER`.

It answers with `answer.json` and, where the file can be used, `weights.safetensors` in FOLDER; lines on standard
output tell how far it is. Whatever a hostile file does to it ends with it.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

from xai_core.checkpoints.checkpoint import AGAIN, Refusal, shapes_of
from xai_core.checkpoints.kind import Kind, kind_of
from xai_core.checkpoints.layout import check_sums
from xai_core.limits import CHECKPOINT_BYTES
from xai_core.own_model import CARD, WEIGHTS
from xai_core.progress import Progress, part

ANSWER = "answer.json"
MEMORY = 2**29  # bytes beyond what the libraries take
TIMES = 6  # further bytes for each byte of the file: what is read, its cast and its clean form
CPU_SECONDS, WALL_SECONDS = 90, 180
CARD_BYTES = 2**20
TOO_MUCH_MEMORY = "needs more memory than a file of its size should"
_DAMAGE = (
    *(RuntimeError, pickle.UnpicklingError, EOFError, ValueError, KeyError, TypeError, AttributeError, IndexError),
    *(OverflowError, AssertionError, OSError, ImportError),
)


def clean(upload: Path, kind: Kind, folder: Path, progress: Progress) -> dict[str, Any]:
    """Read `upload` and write its clean weights into `folder`; names, shapes and notes. Refusal says why not."""
    with upload.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    card = _unpacked(upload, folder) if kind == "export" else None
    progress(0.1, "reading the weights")
    content = _loaded(folder / WEIGHTS if kind == "export" else upload, kind)
    from xai_core.checkpoints.tensors import check_form, cleaned
    from xai_core.checkpoints.unwrap import unwrapped

    table, notes = unwrapped(content) if kind == "torch" else unwrapped(dict(content))
    if card is not None:
        table, notes = content, ()  # our own names are not to be touched
    check_form(table)
    progress(0.5, "checking the values")
    table, casts = cleaned(table, part(progress, 0.5, 0.9))
    if kind == "torch" and zipfile.is_zipfile(upload) and not check_sums(upload):
        notes += ("The file has no checksums, so damage on its way to us could not be seen.",)
    progress(0.9, "writing the clean weights")
    from safetensors.torch import save_file

    save_file(table, folder / WEIGHTS, metadata={"format": "pt"})
    return {"shapes": shapes_of(table), "notes": (*notes, *casts), "sha256": digest, "card": card}


def _loaded(path: Path, kind: Kind) -> Any:
    try:
        if kind == "torch":
            import torch

            return torch.load(path, map_location="cpu", weights_only=True)
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except _DAMAGE as error:
        if "memory" in str(error).lower():
            raise Refusal(TOO_MUCH_MEMORY) from error
        raise Refusal("is damaged, or was saved in a way that we cannot read") from error
    try:
        return load_file(path)
    except (SafetensorError, *_DAMAGE) as error:
        raise Refusal("is no sound safetensors file", AGAIN) from error


def _unpacked(upload: Path, folder: Path) -> dict[str, Any]:
    """The card of a model that we exported; its weights are put into `folder`."""
    from xai_core.checkpoints.header import check_header
    from xai_core.own_model import digest

    damaged = Refusal("is a model of ours, but damaged", "Export it once more and drop that")
    try:
        with zipfile.ZipFile(upload) as archive:
            named = {info.filename.rpartition("/")[2]: info for info in archive.infolist()}
            if named[WEIGHTS].file_size > CHECKPOINT_BYTES or named[CARD].file_size > CARD_BYTES:
                raise Refusal(f"unfolds to more than {CHECKPOINT_BYTES // 2**20} MB, the limit")
            card = json.loads(archive.read(named[CARD]))
            with archive.open(named[WEIGHTS]) as packed, (folder / WEIGHTS).open("wb") as out:
                shutil.copyfileobj(packed, out, 2**20)
    except (zipfile.BadZipFile, ValueError, KeyError, EOFError, OSError, NotImplementedError) as error:
        raise damaged from error
    check_header(folder / WEIGHTS)
    if not isinstance(card, dict) or card.get("sha256") != digest(folder / WEIGHTS):
        raise damaged
    return card


def _limit(size: int) -> None:
    """Let the system end this process when it takes more than an honest file of `size` bytes; not on Windows."""
    if sys.platform == "win32":
        return
    import resource
    import signal

    import torch

    torch.set_num_threads(1)
    statm = Path("/proc/self/statm")
    taken = int(statm.read_text().split()[0]) * resource.getpagesize() if statm.exists() else 2**35
    for what, most in (
        (resource.RLIMIT_AS, taken + MEMORY + TIMES * size),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 3 * CHECKPOINT_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    signal.alarm(WALL_SECONDS)  # also when nobody is left to end it


def main() -> None:
    """Read the file named on the command line under limits, and leave the answer in the folder."""
    upload, name, folder = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])

    def progress(fraction: float, note: str = "") -> None:
        sys.stdout.write(f"{fraction:.3f} {note}\n")
        sys.stdout.flush()

    try:
        progress(0.02, "looking at the file")
        kind = kind_of(upload, name)  # needs no library, so a wrong file is told at once
        _limit(upload.stat().st_size)
        answer = clean(upload, kind, folder, progress)
    except Refusal as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"refused": str(Refusal(TOO_MUCH_MEMORY))}
    (folder / ANSWER).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main()
