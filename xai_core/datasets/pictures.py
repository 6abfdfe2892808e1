"""Small versions of pictures, and the true endings of picture files."""

from __future__ import annotations

import io

from PIL import Image

from xai_core.picture import Picture

THUMBNAIL = 160  # pixels of the longer side
QUALITY = 80

ENDINGS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp", "TIFF": ".tif"}
CLAIMED = (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff")


def thumbnail(picture: Picture) -> bytes:
    """The picture as a JPEG whose longer side is at most `THUMBNAIL` pixels."""
    return shrunk(Image.fromarray(picture.pixels))


def shrunk(image: Image.Image) -> bytes:
    """`thumbnail` of RGB pixels as Pillow holds them, which are changed by it."""
    # averaging whole blocks first costs a third of one resampling, and nobody sees the difference at this size
    image.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.BILINEAR, reducing_gap=1.0)
    image.info = {}  # a comment would be written down again
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def as_png(picture: Picture) -> bytes:
    """The very pixels as a PNG file."""
    out = io.BytesIO()
    Image.fromarray(picture.pixels).save(out, "PNG", compress_level=3)
    return out.getvalue()
