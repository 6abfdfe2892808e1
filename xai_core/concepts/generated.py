"""Concepts drawn by code: any colour in many shapes, shades and lights, or a texture in many colours and directions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

import numpy as np

from xai_core.concepts.editing import Edited, create
from xai_core.picture import Picture
from xai_core.progress import Progress, part, silent
from xai_core.world.concepts import coloured, textured
from xai_core.world.drawing import Colour, Random, hsv, varied

if TYPE_CHECKING:
    from xai_core.hub import Hub

Pattern = Literal["colour", "stripes", "dots", "zigzag", "checks"]
PATTERNS: tuple[Pattern, ...] = get_args(Pattern)
MOST = 500  # pictures of a set
SHOWN = 6  # pictures of a preview
FINEST, COARSEST = 8.0, 64.0  # pixels from one stripe to the next, of 224
UNEVEN = 0.25  # by which share the scale of a picture differs from what was asked for, at most
HUE, SPREAD = 0.02, 0.12  # how far shades of a colour differ from it: in the circle, in saturation and brightness
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_STREAM = 1  # of random numbers: others than the demo world's


@dataclass(frozen=True)
class Recipe:
    """What to draw. A colour needs no scale and contrast, a texture no colour.

    The same seed draws the same shapes, in whatever colour. ValueError for a setting that is none.
    """

    pattern: Pattern
    colour: str = "#d62728"  # red, green, blue
    scale: float = 0.5  # 0 fine to 1 coarse
    contrast: float = 0.7  # above 0, to 1: the distance between a texture's two colours in brightness
    seed: int = 0

    def __post_init__(self) -> None:
        if self.pattern not in PATTERNS:
            raise ValueError(f"pattern must be one of {', '.join(PATTERNS)}, got {self.pattern!r}")
        if not _HEX.fullmatch(self.colour):
            raise ValueError(f"colour must be like #d62728, got {self.colour!r}")
        if not (0 <= self.scale <= 1 and 0 < self.contrast <= 1):
            raise ValueError(f"scale and contrast must be from 0 to 1, got {self.scale} and {self.contrast}")
        if self.seed < 0:
            raise ValueError(f"seed must not be negative, got {self.seed}")

    def picture(self, number: int) -> Picture:
        """Example `number` (0, 1, ...), 224 px."""
        random = np.random.default_rng((_STREAM, self.seed, PATTERNS.index(self.pattern), number))
        if self.pattern == "colour":
            return Picture.of(coloured(random, self._shades(random)), f"colour {number + 1}")
        period = FINEST * (COARSEST / FINEST) ** self.scale
        periods = period * (1 - UNEVEN), period * (1 + UNEVEN)
        pixels = textured(random, self.pattern, partial(_apart, self.contrast), periods)
        return Picture.of(pixels, f"{self.pattern} {number + 1}")

    def _shades(self, random: Random) -> Callable[[], Colour]:
        middle = tuple(bytes.fromhex(self.colour[1:]))
        saturation = 1 - min(middle) / max(*middle, 1)
        # the less of a hue there is, the less it says: shades of grey lean to any side
        return partial(varied, random, middle, min(0.5, HUE / max(saturation, HUE)), SPREAD)

    def __str__(self) -> str:
        """For example "drawn: stripes, scale 0.5, contrast 0.7, seed 0"."""
        what = self.colour if self.pattern == "colour" else f"scale {self.scale:g}, contrast {self.contrast:g}"
        return f"drawn: {self.pattern}, {what}, seed {self.seed}"


@dataclass(frozen=True)
class GenerateConcept:
    """The request: draw a concept and keep it. ValueError unless 1 to `MOST` pictures are asked for."""

    on_device: ClassVar[bool] = False

    title: str
    recipe: Recipe
    count: int = 60

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MOST:
            raise ValueError(f"count must be from 1 to {MOST}, got {self.count}")

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> Edited:
        """LibraryError when the disk refuses. Stopped, nothing is kept."""

        def pictures() -> Iterator[Picture]:
            for number in range(self.count):
                progress(0.98 * number / self.count, f"{number} of {self.count} pictures drawn")
                yield self.recipe.picture(number)

        return create(self.title, pictures(), str(self.recipe), progress=part(progress, 0.98, 1.0))


def preview(recipe: Recipe, count: int = SHOWN) -> tuple[Picture, ...]:
    """The first pictures of what would be drawn, in a few milliseconds each."""
    return tuple(recipe.picture(number) for number in range(count))


def _apart(contrast: float, random: Random) -> tuple[Colour, Colour]:
    """Two colours of any hue whose brightness (mean of red, green, blue) is `contrast` of the whole range apart."""
    middle = random.uniform(contrast / 2, 1 - contrast / 2)
    first, second = (_tinted(random, middle + sign * contrast / 2) for sign in (-1, 1))
    return (first, second) if random.random() < 0.5 else (second, first)


def _tinted(random: Random, brightness: float) -> Colour:
    """A colour of that mean, as strong as there is room for or weaker."""
    away = np.array(hsv(random.random(), 1.0, 1.0)) / 255
    away -= away.mean()
    room = min((1 - brightness) / away.max(), brightness / -away.min())
    return tuple(
        np.round(255 * np.clip(brightness + random.uniform(0.1, 1.0) * room * away, 0, 1)).astype(int).tolist()
    )
