"""Where the library lies: one folder that a person can read, copy and back up."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xai_core.errors import LibraryError

VARIABLE = "SECOND_LOOK_HOME"
NAME = "second-look"

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM}


def home() -> Path:
    """The library's folder, made when it is not there: `SECOND_LOOK_HOME`, else the user's data folder.

    LibraryError when it cannot be made or is no folder.
    """
    from platformdirs import user_data_path

    chosen = os.environ.get(VARIABLE, "").strip()
    folder = Path(chosen).expanduser().absolute() if chosen else user_data_path(NAME, appauthor=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "something that is not a folder is in its place" if folder.exists() else _reason(error)
        advice = f"Set {VARIABLE} to a folder that this program may write, and start it again"
        raise LibraryError(f"The library's folder cannot be used: {reason}. {advice}.") from error
    return folder


@contextmanager
def in_words(what: str) -> Iterator[None]:
    """Disk errors inside become a LibraryError that begins with `what`, such as "The data set cats was not saved"."""
    try:
        yield
    except OSError as error:
        raise LibraryError(told(what, error)) from error
    except UnicodeEncodeError as error:
        name = error.object[error.start : error.end]
        advice = "Start this program again with PYTHONUTF8=1 in its environment"
        raise LibraryError(
            f"{what}: this computer's language settings have no letters for “{name}”. {advice}."
        ) from error


def told(what: str, error: OSError) -> str:
    """What a person is told of a disk error: what did not happen because of it, why, and what to do next."""
    return f"{what}: {_reason(error)}. {_advice(error)}"


def of_the_disk(error: Exception) -> bool:
    """Whether an error says that the disk is full or closed, and nothing else is wrong."""
    return isinstance(error, OSError) and error.errno in _NO_ROOM | _CLOSED


def _reason(error: OSError) -> str:
    if error.errno in _NO_ROOM:
        return "the disk is full"
    if error.errno in _CLOSED:
        return "this program may not write there"
    return f"the disk reports “{error.strerror or type(error).__name__}”"


def _advice(error: OSError) -> str:
    kept = "Nothing that was there is lost"
    if error.errno in _NO_ROOM:
        return f"{kept}; make room on the disk and try again."
    if error.errno in _CLOSED:
        return f"{kept}; allow writing to the library's folder, or set {VARIABLE} to another one."
    return f"{kept}; try again."
