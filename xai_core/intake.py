"""How a file that anybody dropped becomes a picture, or a sentence that says why not.

A hostile file is met before anything is decoded: by its size, its real kind, and what its header claims.
"""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
from PIL import Image, TiffImagePlugin, WebPImagePlugin

from xai_core.errors import UnreadablePicture
from xai_core.intake_kind import AGAIN, AS_PICTURE, REPAIR, Refusal, kind_of
from xai_core.intake_modes import DAMAGE, upright_rgb
from xai_core.intake_outline import Outline, cut_off, outline
from xai_core.limits import PICTURE_BYTES, PICTURE_FORMATS, PICTURE_PIXELS, PICTURE_RATIO
from xai_core.names import safe_label
from xai_core.picture import Picture

VERY_SMALL = 8  # pixels; a shorter side makes every map a few blots

# imported for their registration: else Pillow's first look at such a file would load all its 43 readers
_READERS = (TiffImagePlugin, WebPImagePlugin)
_ENDINGS = {
    "JPEG": ("jpg", "jpeg", "jpe", "jfif", "mpo"),
    "PNG": ("png", "apng"),
    "WEBP": ("webp",),
    "GIF": ("gif",),
    "BMP": ("bmp", "dib"),
    "TIFF": ("tif", "tiff"),
}


def read_picture(data: bytes, name: str) -> Picture:
    """The upright RGB picture in an uploaded file's bytes, with `notes` on whatever was converted.

    UnreadablePicture, plain text that begins with the file's own name, when the file is too large, of
    another kind, damaged, or cannot be shown truthfully. Only pixels are kept; the bytes are never served.
    """
    return read_both(data, name)[0]


def read_both(data: bytes, name: str) -> tuple[Picture, Image.Image]:
    """`read_picture`, and its pixels as Pillow holds them: handing them back would cost a tenth of reading them."""
    label = safe_label(name)
    try:
        return _read(data, label)
    except Refusal as refusal:
        raise UnreadablePicture(f"{label} {refusal}") from refusal


def open_picture(path: Path) -> Picture:
    """`read_picture` of a file on disk; UnreadablePicture also when it cannot be read there."""
    label = safe_label(path.name)
    try:
        if not path.is_file():
            raise UnreadablePicture(f"{label} is not a file in {path.parent}. Check the path.")
        with path.open("rb") as file:
            data = file.read(PICTURE_BYTES + 1)
    except OSError as error:
        raise UnreadablePicture(f"{label} cannot be opened: {error.strerror}. Check its permissions.") from error
    return read_picture(data, path.name)


def _read(data: bytes, label: str) -> tuple[Picture, Image.Image]:
    if not data:
        raise Refusal("is an empty file (0 bytes)", AGAIN)
    if len(data) > PICTURE_BYTES:
        size, limit = f"{len(data) / 2**20:.1f} MB", f"{PICTURE_BYTES // 2**20} MB ({PICTURE_BYTES:,} bytes)"
        raise Refusal(f"is larger ({size}) than the limit of {limit}", "Save it smaller and drop it again")
    ending = label.rpartition(".")[2].lower() if "." in label else ""
    kind = kind_of(data, ending)
    if not kind.name:
        raise Refusal(kind.cause, kind.advice)
    found = outline(data, kind.name)
    _check_size(found.width, found.height)
    image = _opened(found, kind.name)
    _check_size(*image.size)
    notes = (*_named_wrongly(kind.name, ending), *found.notes, *_first_of(found, image))
    try:
        rgb, converted = upright_rgb(image, found.bits)
        return Picture.of(np.asarray(rgb), label, (*notes, *converted, *_tiny(rgb))), rgb
    except MemoryError as error:
        raise Refusal("needs more memory than there is", "Save it smaller and drop it again") from error
    except DAMAGE as error:
        raise _broken(error, found, kind.name) from error


def _opened(found: Outline, name: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(found.data), formats=PICTURE_FORMATS)
    except Image.DecompressionBombError as error:  # its header says less than its frames
        limit = PICTURE_PIXELS // 10**6
        raise Refusal(f"unfolds to far more than {limit} megapixels, the limit", AS_PICTURE) from error
    except DAMAGE as error:
        raise _broken(error, found, name) from error


def _broken(error: Exception, found: Outline, name: str) -> Refusal:
    if "truncated" in str(error).lower():
        return cut_off(found.data)
    return Refusal(f"is damaged, or a {name} of a rare kind that we cannot read", REPAIR)


def _check_size(width: int, height: int) -> None:
    """Refusal for more pixels than the limit, or sides too unequal; before a single pixel is decoded."""
    if width < 1 or height < 1:
        raise Refusal(f"is damaged: it says that it is {width} × {height} pixels", AGAIN)
    if width * height > PICTURE_PIXELS:
        millions = math.ceil(width * height / 1e5) / 10  # never rounded down to the limit itself
        raise Refusal(
            f"has {width:,} × {height:,} pixels = {millions:,g} megapixels; the limit is {PICTURE_PIXELS // 10**6}",
            "Save it smaller and drop it again",
        )
    if max(width, height) > PICTURE_RATIO * min(width, height):
        times = math.ceil(10 * max(width, height) / min(width, height)) / 10
        raise Refusal(
            f"has {width:,} × {height:,} pixels: an aspect ratio of {times:,g}:1; the limit is {PICTURE_RATIO}:1",
            "Cut out the part that matters and drop that",
        )


def _named_wrongly(name: str, ending: str) -> tuple[str, ...]:
    if not ending or ending in _ENDINGS[name] or not ending.isalnum() or len(ending) > 5:
        return ()
    return (f"Its name ends in .{ending}, but it is really a {name} file and was read as one.",)


def _first_of(found: Outline, image: Image.Image) -> tuple[str, ...]:
    """Says that only the first frame is looked at; frames are counted without decoding them."""
    counted = found.frames if image.format in ("GIF", "TIFF") else getattr(image, "n_frames", 1)
    if counted < 2 or image.format == "MPO":  # the second picture of an MPO is the camera's own preview
        return ()
    frames = "pages" if image.format == "TIFF" else "frames"
    count = f"more than {counted:,}" if found.more_frames else f"{counted:,}"
    return (f"This is picture 1 of {count} {frames}; the others are not looked at.",)


def _tiny(rgb: Image.Image) -> tuple[str, ...]:
    if min(rgb.size) >= VERY_SMALL:
        return ()
    return (f"Very small ({rgb.width} × {rgb.height} pixels): its maps are coarse, and some methods refuse it.",)
