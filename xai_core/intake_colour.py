"""How colours of a profile, of print or of Lab become the screen's (sRGB), which the classifiers were trained on."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

from xai_core.names import safe_label

SAME = 2  # grey levels of 255; a profile that moves no colour further is sRGB by another name
PROFILE = 16 * 2**20  # bytes; the largest that a JPEG can carry

_SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_IGNORED = "Its colour profile is damaged or does not fit and was ignored."


def managed(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, tuple[str, ...]]:
    """(mode L, RGB, CMYK or LAB) -> sRGB, through the embedded profile where it is usable, and what was done."""
    if image.mode == "LAB":
        return _through(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))), (
            "Its colours (Lab) were turned into red, green and blue.",
        )
    notes: tuple[str, ...] = ()
    if profile:
        try:
            return _by_profile(image, profile)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            notes = (_IGNORED,)
    if image.mode == "CMYK":
        notes = (*notes, "Print colours (CMYK) without a profile: turned into screen colours by a rough rule.")
    return (image if image.mode == "RGB" else image.convert("RGB")), notes


def _by_profile(image: Image.Image, profile: bytes) -> tuple[Image.Image, tuple[str, ...]]:
    """ValueError when the profile is for another kind of pixels, PyCMSError or OSError when it is broken."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if _SPACES.get(source.profile.xcolor_space.strip()) != image.mode:
        raise ValueError("the profile is for another kind of pixels")
    if image.mode == "CMYK":
        return _through(image, source), ("Print colours (CMYK) were turned into screen colours by its own profile.",)
    probe = _probe(image.mode)
    moved = np.asarray(_through(probe, source), np.int16) - np.asarray(probe.convert("RGB"), np.int16)
    if np.abs(moved).max() <= SAME:
        return (image if image.mode == "RGB" else image.convert("RGB")), ()
    name = safe_label(ImageCms.getProfileDescription(source).replace("/", " "))
    return _through(image, source), (f"Colours turned from its profile ({name}) into those of a screen (sRGB).",)


def _through(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    # relative colorimetric with black point compensation is what browsers and photo editors show
    transform = ImageCms.buildTransform(
        source,
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
        image.mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    turned = ImageCms.applyTransform(image, transform)
    if turned is None:
        raise ValueError("the colours could not be turned")
    return turned


@lru_cache
def _probe(mode: str) -> Image.Image:
    """Every eighth grey level, or a cube of 9 levels per colour."""
    if mode == "L":
        return Image.fromarray(np.arange(0, 256, 8, dtype=np.uint8)[None])
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1)
    return Image.fromarray(np.ascontiguousarray(cube.reshape(27, 27, 3)))
