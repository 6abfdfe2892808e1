"""The small gallery that is there before anybody uploads anything, offline.

The photographs lie in the installed packages scikit-image and scikit-learn; their files are read where
they are, because importing scikit-learn would take longer than the first page may.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from xai_core.intake import open_picture
from xai_core.picture import Picture


@dataclass(frozen=True)
class Sample:
    """One picture of the gallery; `key` is stable and fit for a link."""

    key: str
    title: str
    package: str  # the import name of the package that ships it
    file: str  # inside that package


_SAMPLES = (
    Sample("coffee", "Cup of coffee", "skimage", "data/coffee.png"),
    Sample("cat", "Cat", "skimage", "data/chelsea.png"),
    Sample("camera", "Photographer with a tripod", "skimage", "data/camera.png"),
    Sample("astronaut", "Astronaut", "skimage", "data/astronaut.png"),
    Sample("rocket", "Rocket on its launch pad", "skimage", "data/rocket.jpg"),
    Sample("palace", "Palace in China", "sklearn", "datasets/images/china.jpg"),
    Sample("flower", "Flower", "sklearn", "datasets/images/flower.jpg"),
)


def samples() -> tuple[Sample, ...]:
    """The gallery in its order; the first is what the dashboard opens on."""
    return _SAMPLES


@lru_cache(maxsize=len(_SAMPLES))
def sample(key: str) -> Picture:
    """The picture, named by its title; KeyError for an unknown key, UnreadablePicture when its package lost it."""
    chosen = {entry.key: entry for entry in _SAMPLES}[key]
    picture = open_picture(_folder(chosen.package) / chosen.file)
    return Picture.of(picture.pixels, chosen.title, picture.notes)


def _folder(package: str) -> Path:
    """Where an installed package lies, found without importing it."""
    spec = find_spec(package)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else Path(package)


def key_of(picture: Picture) -> str | None:
    """The key of the sample that shows this very picture, or None."""
    return next((entry.key for entry in _SAMPLES if sample(entry.key) == picture), None)
