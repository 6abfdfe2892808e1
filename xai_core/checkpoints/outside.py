"""Read an uploaded model file without opening it in this process: a child does, under limits, and may be stopped."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from xai_core.checkpoints.checkpoint import AGAIN, WEIGHTS_ALONE, Checkpoint, Refusal
from xai_core.checkpoints.child import ANSWER, CPU_SECONDS, WALL_SECONDS
from xai_core.checkpoints.kind import check_size
from xai_core.errors import MissingWeights, UnusableModel
from xai_core.names import safe_label
from xai_core.own_model import WEIGHTS, of_json
from xai_core.progress import Progress, silent

READ = ".read"  # ending of the folder beside an upload that holds what was read from it
TICK = 0.1  # seconds between two looks at the child
GRACE = 10.0  # seconds that the child has to end itself
ROOT = Path(__file__).resolve().parents[2]


def read(upload: Path, name: str, progress: Progress = silent) -> Checkpoint:
    """The weights in a staged file that a visitor called `name`, as a clean file in a folder beside it.

    What was read once is not read again as long as the bytes are the same. UnusableModel, beginning with the file's
    own name, says what is wrong with it; whatever `progress` raises ends the child and comes through.
    """
    label = safe_label(name)
    folder = upload.with_name(upload.name + READ)
    try:
        if not upload.is_file():
            raise Refusal("is no longer on the server", AGAIN)
        check_size(upload.stat().st_size)
        answer = _known(folder, upload) or _asked(upload, label, folder, progress)
    except Refusal as refusal:
        raise UnusableModel(f"{label} {refusal}") from refusal
    try:
        card = of_json(answer["card"], label) if answer["card"] is not None else None
    except MissingWeights as error:
        raise UnusableModel(str(error)) from error
    return Checkpoint(
        name=label,
        path=folder / WEIGHTS,
        shapes=tuple((tensor, tuple(shape)) for tensor, shape in answer["shapes"]),
        notes=tuple(answer["notes"]),
        sha256=answer["sha256"],
        bytes=upload.stat().st_size,
        card=card,
    )


def _known(folder: Path, upload: Path) -> dict[str, Any] | None:
    if not (folder / WEIGHTS).is_file():
        return None
    answer: dict[str, Any] = json.loads((folder / ANSWER).read_text(encoding="utf-8"))
    with upload.open("rb") as file:
        return answer if hashlib.file_digest(file, "sha256").hexdigest() == answer["sha256"] else None


def _asked(upload: Path, label: str, folder: Path, progress: Progress) -> dict[str, Any]:
    """The child's answer; its folder takes its place only when it is complete."""
    partial = folder.with_name(f"{folder.name}.{secrets.token_hex(4)}")
    partial.mkdir()
    try:
        _run([str(upload.resolve()), label, str(partial.resolve())], progress)
        answer: dict[str, Any] = json.loads((partial / ANSWER).read_text(encoding="utf-8"))
        if "refused" in answer:
            raise UnusableModel(f"{label} {answer['refused']}")
        if _known(folder, upload) is None:  # somebody else may have read the same bytes in the meantime, and use them
            shutil.rmtree(folder, ignore_errors=True)
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return answer


def _run(arguments: list[str], progress: Progress) -> None:
    """Wait for the child, passing on how far it is; Refusal when it ends in any other way than by answering."""
    command = [sys.executable, "-m", "xai_core.checkpoints.child", *arguments]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    said = ["0 starting to read the file"]
    listener = threading.Thread(target=_listen, args=(child, said), daemon=True)
    listener.start()
    until = time.monotonic() + WALL_SECONDS + GRACE
    try:
        while child.poll() is None:
            fraction, _, note = said[-1].partition(" ")
            progress(float(fraction), note)
            if time.monotonic() > until:
                raise _ended(-signal.SIGTERM)
            listener.join(TICK)
    finally:
        child.kill()
        child.wait()
        listener.join()
    if child.returncode:
        raise _ended(child.returncode)


def _listen(child: subprocess.Popen[str], said: list[str]) -> None:
    if child.stdout is not None:
        with child.stdout as lines:
            for line in lines:
                said[:] = [line.rstrip("\n")]


def _ended(code: int) -> Refusal:
    if sys.platform != "win32":
        if -code in (signal.SIGXCPU, signal.SIGALRM, signal.SIGTERM):
            limit = f"{CPU_SECONDS} seconds of computing or {WALL_SECONDS} in all"
            return Refusal(f"took longer to read than we allow ({limit})", WEIGHTS_ALONE)
        if -code == signal.SIGXFSZ:
            return Refusal("unfolds to more than we store", WEIGHTS_ALONE)
    how = f"signal {-code}" if code < 0 else f"code {code}"
    return Refusal(
        f"could not be read: the process that read it ended early ({how}). Nothing was stored", WEIGHTS_ALONE
    )
