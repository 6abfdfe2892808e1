"""How decoded pixels of any kind become upright RGB that looks the way the picture's author saw it."""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from PIL import Image

from xai_core.intake_colour import managed
from xai_core.intake_kind import Refusal

BACKGROUND = (255, 255, 255)  # behind see-through parts, like a sheet of paper

# what Pillow raises on broken metadata and pixels; its decoders leak the errors of their own arithmetic
DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,  # where a deployment turns them into errors
    struct.error,
)

_ORIENTATION = 0x0112  # the tag of EXIF and TIFF
_WHITE_IS_ZERO = 0x0106
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SAID = {
    "1": "A picture of pure black and white; its red, green and blue are equal.",
    "L": "A grey picture; its red, green and blue are equal.",
    "LA": "A grey picture; its red, green and blue are equal.",
    "P": "Its table of colours (palette) was turned into full colour.",
    "PA": "Its table of colours (palette) was turned into full colour.",
    "YCbCr": "Its colours (YCbCr) were turned into red, green and blue.",
}


class Layers(NamedTuple):
    colour: Image.Image  # mode L, RGB, CMYK or LAB
    alpha: Image.Image | None  # mode L, 255 is opaque
    notes: tuple[str, ...]


def upright_rgb(image: Image.Image, bits: int) -> tuple[Image.Image, tuple[str, ...]]:
    """The first frame as upright RGB in sRGB colours, and what was changed; `bits` per channel in the file.

    Refusal when nothing would be seen or a value is not a number; one of `DAMAGE` when the pixels are broken.
    """
    tagged = _orientation(image) if image.format == "TIFF" else None
    image.load()  # turns a TIFF upright by itself, and no other format
    orientation, notes = tagged or _orientation(image)
    turn = None if tagged else _TURNS.get(orientation)
    if orientation in _TURNS:
        notes = (*notes, "Turned upright, as its camera data say.")
    layers = _deep(image, bits) if image.mode[0] in "IF" else _shallow(image, bits)
    rgb, colour_notes = managed(layers.colour, image.info.get("icc_profile"))
    notes = (*notes, *layers.notes, *colour_notes)
    if layers.alpha is not None and layers.alpha.getextrema()[0] != 255:
        rgb, notes = _on_sheet(rgb, layers.alpha), (*notes, "Parts of it are see-through; white is put behind them.")
    return (rgb if turn is None else rgb.transpose(turn)), notes


def _orientation(image: Image.Image) -> tuple[int, tuple[str, ...]]:
    try:
        return int(image.getexif().get(_ORIENTATION, 1)), ()
    except DAMAGE:
        return 1, ("Its camera data (EXIF) are damaged and were ignored.",)


def _on_sheet(rgb: Image.Image, alpha: Image.Image) -> Image.Image:
    """The picture on `BACKGROUND`; Refusal when all of it is see-through."""
    if alpha.getextrema()[1] == 0:
        raise Refusal("is fully transparent: there is nothing to see in it", "Save it without transparency")
    sheet = Image.new("RGB", rgb.size, BACKGROUND)
    sheet.paste(rgb, mask=alpha)
    return sheet


def _shallow(image: Image.Image, bits: int) -> Layers:
    """Modes of 8 bits and fewer; Pillow has already cut 16-bit colour to its upper 8 bits."""
    notes = (_SAID[image.mode],) if image.mode in _SAID else ()
    key = image.info.get("transparency")  # Pillow leaves a see-through level or colour in the file's own bits
    if isinstance(key, int) and image.mode == "L" and bits in (2, 4):
        image.info["transparency"] = key * 255 // (2**bits - 1)
    if bits == 16:
        notes = (*notes, "Its 16 bits per colour were reduced to 8.")
        if isinstance(key, tuple):
            image.info["transparency"] = tuple(level >> 8 for level in key)
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        colour = rgba.getchannel("R") if image.mode in ("1", "L", "LA") else rgba.convert("RGB")
        return Layers(colour, rgba.getchannel("A"), notes)
    if image.mode not in ("L", "RGB", "CMYK", "LAB"):
        image = image.convert("L" if image.mode in ("1", "LA") else "RGB")
    return Layers(image, None, notes)


def _deep(image: Image.Image, bits: int) -> Layers:
    """Grey levels of 16 bits, 32 bits or floating point, as 8-bit grey by a rule that is said."""
    levels = np.asarray(image)
    if not np.isfinite(levels).all():
        raise Refusal("holds values that are not numbers (NaN or infinity)", "Replace them and drop it again")
    if image.mode.startswith("I;16"):
        white = 2**bits - 1 if bits in (10, 12, 14) else 2**16 - 1
        low, high, words = 0.0, float(white), f"{bits}-bit grey: 0 is shown as black and {white} as white."
        if int(levels.max()) * 16 < white:
            words += f" Its brightest level is only {levels.max()}, so it is nearly black; stretch it if that is wrong."
    else:
        low, high, words = _range(float(levels.min()), float(levels.max()), image.mode == "I")
    grey = np.empty(levels.shape, np.uint8)
    for top in range(0, len(levels), 256):  # in slices: double precision for all would take 320 MB
        part = (levels[top : top + 256].astype(np.float64) - low) * (255.0 / (high - low))
        grey[top : top + 256] = np.rint(np.clip(part, 0.0, 255.0))
    tags = getattr(image, "tag_v2", None)
    if tags is not None and tags.get(_WHITE_IS_ZERO) == 0:
        grey = 255 - grey
    key = image.info.get("transparency")
    alpha = Image.fromarray(np.where(levels == key, 0, 255).astype(np.uint8)) if isinstance(key, int) else None
    return Layers(Image.fromarray(grey), alpha, (words,))


def _range(low: float, high: float, whole: bool) -> tuple[float, float, str]:
    """Black and white for values of unknown meaning: the customary range that just holds them, else their own."""
    kind = "Whole-number" if whole else "Floating-point"
    for black, white in ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0), *(((0.0, 65535.0),) if whole else ())):
        if black <= low and high <= white:
            said = f"{kind} grey from {low:g} to {high:g}: {black:g} is shown as black and {white:g} as white."
            return black, white, said
    if low == high:
        return low - 1.0, low + 1.0, f"{kind} grey with {low:g} everywhere: shown as middle grey."
    return low, high, f"{kind} grey: its lowest value {low:g} is shown as black and its highest {high:g} as white."
