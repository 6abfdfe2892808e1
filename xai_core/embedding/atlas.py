"""All pictures of a map as small tiles on a few large ones, so that a browser fetches them at once."""

from __future__ import annotations

import hashlib
import io
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from xai_core.datasets.reading import in_order
from xai_core.embedding.pictures import pictures
from xai_core.embedding.request import Source
from xai_core.errors import LibraryError, XaiError
from xai_core.library.home import home
from xai_core.progress import Progress, silent

if TYPE_CHECKING:
    from xai_core.features.located import Located
    from xai_core.hub import Hub

SIDES = (32, 48, 64)  # pixels of a tile
ACROSS = 100  # tiles in a row
LONGEST = 16383  # pixels of a WebP file's side
QUALITY = 80
KEPT = 40  # sheets on disk; the longest unused go
FOLDER = "atlases"
MISSING = (160, 160, 160)  # a picture whose file is gone

log = logging.getLogger("second-look")


@dataclass(frozen=True, eq=False)
class Atlas:
    """Row i of a map is tile i: from left to right, from top to bottom, sheet after sheet."""

    side: int  # pixels of a tile, which shows the middle square of its picture
    across: int  # tiles in a row of a sheet
    down: int  # rows of a full sheet
    count: int
    sheets: tuple[bytes, ...] = field(repr=False)  # WebP
    missing: int = 0  # tiles that are plain grey, their pictures' files being gone

    def place(self, row: int) -> tuple[int, int, int]:
        """Of a map's row: the sheet, and the left and upper edge in its pixels."""
        sheet, rest = divmod(row, self.across * self.down)
        return sheet, self.side * (rest % self.across), self.side * (rest // self.across)

    def tiles(self) -> NDArray[np.uint8]:
        """(N, side, side, 3), decoded."""
        found = [_cut(np.asarray(Image.open(io.BytesIO(sheet)).convert("RGB")), self.side) for sheet in self.sheets]
        # the last row of a sheet may not be full
        return np.concatenate(found)[: self.count]


@dataclass(frozen=True)
class DrawAtlas:
    """The request: the tiles of a map with these sources, row by row."""

    on_device: ClassVar[bool] = False  # about files

    sources: tuple[Source, ...]
    side: int = SIDES[0]

    def __post_init__(self) -> None:
        if self.side not in SIDES:
            raise ValueError(f"side must be one of {', '.join(map(str, SIDES))}, got {self.side}")

    def answer(self, hub: Hub | None = None, progress: Progress = silent) -> Atlas:
        """From the disk where these very pictures were drawn before. Errors as `pictures`."""
        return atlas(pictures(self.sources).located, self.side, progress)


def atlas(located: Sequence[Located], side: int = SIDES[0], progress: Progress = silent) -> Atlas:
    """Tiles in the order of the pictures."""
    down = min(LONGEST // side, -(-len(located) // ACROSS))
    name = _name(located, side)
    count = -(-len(located) // (ACROSS * down))
    if (kept := _kept(name, count)) is not None:
        return Atlas(side, ACROSS, down, len(located), kept)
    sheets, missing = [], 0
    canvas = np.zeros((0, 0, 3), np.uint8)
    for number, tile in enumerate(in_order(lambda each: _tile(each, side), located)):
        place, rest = divmod(number, ACROSS * down)
        if rest == 0:
            sheets += [_webp(canvas)] if place else []
            left = min(len(located) - number, ACROSS * down)
            canvas = np.zeros((side * -(-left // ACROSS), side * ACROSS, 3), np.uint8)
        if number % ACROSS == 0:
            progress(number / len(located), f"thumbnails, {number:,} of {len(located):,}")
        top, across = side * (rest // ACROSS), side * (rest % ACROSS)
        canvas[top : top + side, across : across + side] = MISSING if tile is None else tile
        missing += tile is None
    sheets.append(_webp(canvas))
    if not missing:
        _keep(name, sheets)
    return Atlas(side, ACROSS, down, len(located), tuple(sheets), missing)


def _tile(located: Located, side: int) -> NDArray[np.uint8] | None:
    data, item = located
    try:
        with Image.open(data.thumbnail(item)) as image:
            image.draft("RGB", (side, side))  # a JPEG is decoded at a fraction of its size
            return np.asarray(ImageOps.fit(image.convert("RGB"), (side, side), Image.Resampling.BILINEAR))
    except (OSError, XaiError):
        return None  # counted, and shown grey


def _webp(canvas: NDArray[np.uint8]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(canvas).save(out, "WEBP", quality=QUALITY, method=0)
    return out.getvalue()


def _cut(sheet: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    high, wide = sheet.shape[0] // side, sheet.shape[1] // side
    found: NDArray[np.uint8] = sheet.reshape(high, side, wide, side, 3).swapaxes(1, 2).reshape(-1, side, side, 3)
    return found


def _name(located: Sequence[Located], side: int) -> str:
    digest = hashlib.sha256(f"1 {side} {ACROSS}".encode())
    for _, item in located:
        digest.update(item.digest.encode())
    return digest.hexdigest()[:32]


def _folder() -> Path:
    folder = home() / "cache" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _kept(name: str, count: int) -> tuple[bytes, ...] | None:
    try:
        paths = [_folder() / f"{name}-{number}.webp" for number in range(count)]
        found = tuple(path.read_bytes() for path in paths)
        for path in paths:
            path.touch()
    except (OSError, LibraryError):
        return None  # drawn again
    return found


def _keep(name: str, sheets: Sequence[bytes]) -> None:
    """For the next time; without room on the disk nothing but time is lost."""
    try:
        folder = _folder()
        for number, sheet in enumerate(sheets):
            fresh = folder / f"{name}-{number}.{os.getpid()}.new"
            fresh.write_bytes(sheet)
            fresh.replace(folder / f"{name}-{number}.webp")
        for old in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
            old.unlink(missing_ok=True)
    except (OSError, LibraryError) as error:
        log.warning("thumbnails cannot be kept on disk: %s", error)
