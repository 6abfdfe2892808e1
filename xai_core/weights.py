"""Where weight files lie on this computer, and whether they are what they should be. Free of torch.

A file's name ends in the first 8 hex digits of its SHA-256, so a name says what its bytes must be. Files that
torchvision offers lie where torch itself keeps them: whatever was downloaded before counts.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from xai_core.errors import MissingWeights

MEGABYTE = 2**20  # torchvision's own unit for its files
TOLERANCE = 0.01  # MB; torchvision states sizes to three digits
STILL_WORKS = "EfficientNet-Lite0 needs no download and keeps working."
DAMAGED = ".damaged"  # what a file that must not be used is renamed with

_verified: set[tuple[Path, int, int, str]] = set()  # path, bytes, mtime_ns, digits


@dataclass(frozen=True)
class WheelFile:
    """A weight file that a PyPI package carries."""

    package: str  # import name
    file: str  # path inside the package

    @property
    def name(self) -> str:
        return self.file.rsplit("/", 1)[-1]

    @property
    def pip(self) -> str:
        """The command that installs it."""
        return f"pip install --force-reinstall --no-deps {self.package.replace('_', '-')}"


@dataclass(frozen=True)
class HubFile:
    """A weight file to be downloaded once."""

    url: str
    megabytes: float  # of 2**20 bytes

    @property
    def name(self) -> str:
        return self.url.rsplit("/", 1)[-1]

    @property
    def size(self) -> str:
        """In words: "548 MB"."""
        return f"{max(self.megabytes, 1):.0f} MB"

    def fits(self, size: int) -> bool:
        """Whether a file of `size` bytes can be this one."""
        return abs(size / MEGABYTE - self.megabytes) < TOLERANCE


WeightFile = WheelFile | HubFile


def digits(file: WeightFile) -> str:
    """The first 8 hex digits of the file's SHA-256, as its name states them."""
    return file.name.rsplit("-", 1)[-1].removesuffix(".pth")


def path_of(file: WeightFile) -> Path:
    """Where the file is or would be; MissingWeights where there can be no such place."""
    if isinstance(file, HubFile):
        return hub_folder() / file.name
    package = find_spec(file.package)  # finds a package without importing it
    if package is None or not package.submodule_search_locations:
        raise MissingWeights(f"{file.name} is not installed. Install it with: {file.pip}")
    return Path(package.submodule_search_locations[0]) / file.file


def hub_folder() -> Path:
    """The folder in which torch keeps downloaded weights: $TORCH_HOME, $XDG_CACHE_HOME/torch or ~/.cache/torch."""
    home = os.environ.get("TORCH_HOME") or os.path.join(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "torch")
    try:
        return Path(home).expanduser() / "hub" / "checkpoints"
    except RuntimeError as error:
        raise MissingWeights(
            "This account has no home folder to keep model files in. Set the environment variable TORCH_HOME to a "
            f"folder that can be written, and start again. {STILL_WORKS}"
        ) from error


def present(file: WeightFile) -> bool:
    """Whether the file is there with the right size. Quick: its bytes are only checked when it is loaded."""
    try:
        path = path_of(file)
        return path.is_file() and (isinstance(file, WheelFile) or file.fits(path.stat().st_size))
    except (MissingWeights, OSError):
        return False


def locate(file: WeightFile) -> Path:
    """The file's path, its bytes verified; MissingWeights says what is wrong with which file and what to do.

    A damaged download is renamed aside, so that nothing uses it and a new download has a clear way.
    """
    path = path_of(file)
    try:
        if not path.is_file():
            raise MissingWeights(_absent(file, path))
        if verify(path, digits(file)):
            return path
        size = path.stat().st_size
    except OSError as error:
        raise MissingWeights(f"{path} cannot be read: {error.strerror}. {remedy(file, path)}") from error
    raise MissingWeights(f"{file.name} is damaged{_short(file, size)} and was not used. {_aside(file, path)}")


def verify(path: Path, wanted: str) -> bool:
    """Whether the file's SHA-256 begins with `wanted`; remembered until its size or time changes. OSError as `open`."""
    state = path.stat()
    known = (path, state.st_size, state.st_mtime_ns, wanted)
    if known not in _verified:
        with path.open("rb") as file:
            if not hashlib.file_digest(file, "sha256").hexdigest().startswith(wanted):
                return False
        _verified.add(known)
    return True


def remedy(file: WeightFile, path: Path) -> str:
    """How to put the file in its place, and what works meanwhile."""
    if isinstance(file, WheelFile):
        return f"Install it anew with: {file.pip}"
    return f"By hand: download {file.url} ({file.size}) and save it as {path}. {STILL_WORKS}"


def _absent(file: WeightFile, path: Path) -> str:
    if isinstance(file, WheelFile):
        return f"{file.name} is missing from {path.parent}. {remedy(file, path)}"
    return f"{file.name} has not been downloaded yet. Download the model first. {remedy(file, path)}"


def _short(file: WeightFile, size: int) -> str:
    if isinstance(file, WheelFile) or file.fits(size):
        return ""
    return f" ({size / MEGABYTE:.1f} MB instead of {file.megabytes:.1f})"


def _aside(file: WeightFile, path: Path) -> str:
    if isinstance(file, WheelFile):
        return remedy(file, path)
    aside = path.with_name(path.name + DAMAGED)
    try:
        path.replace(aside)
    except OSError:
        return f"Delete {path}, then download the model again. {remedy(file, path)}"
    return f"It is now called {aside.name}; download the model again. {remedy(file, path)}"
