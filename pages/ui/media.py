"""Pictures and maps for the browser, under addresses that nobody can guess and everybody may cache."""

from __future__ import annotations

import hashlib
import hmac
import io
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from xai_core.datasets.dataset import Dataset, Item
from xai_core.embedding import underway
from xai_core.errors import XaiError
from xai_core.explain import Explanation
from xai_core.frames import stacked
from xai_core.picture import Picture
from xai_core.render import Display, overlay, packed, parsed_scale
from xai_core.sanity import SanityRun
from xai_core.store import Store

HELD_BYTES = 768 * 2**20
GONE = "its file is gone"  # under a picture without an address
PHOTO_SIDE, THUMB_SIDE = 640, 160  # pixels, longer side
Kind = Literal["photo", "thumb", "full", "map", "npy", "png", "panel", "frames", "stored", "live", "row"]


@dataclass(frozen=True)
class Drawing:
    """A map that is being drawn under this name: asked for again and again, each time as it is then."""

    run: str


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """The small pictures of a map, under one address: `?row=` says which. `path` gives a JPEG that is ours."""

    name: str  # of all of them: other pictures, another name
    path: Callable[[int], Path]


Source = Picture | Explanation | SanityRun | Path | Drawing | Thumbnails | NDArray[np.uint8] | NDArray[np.float32]
_secret = secrets.token_bytes(32)
_held = Store(HELD_BYTES)


def url(kind: Kind, source: Source) -> str:
    """An address, relative to the page, that gives `source` as `kind`; the same one as long as the server runs.

    A path must be a JPEG that we have written ourselves: what visitors upload is never sent as it came.
    """
    token = hmac.new(_secret, f"{kind}:{_identity(source)}".encode(), hashlib.sha256).hexdigest()[:40]
    if _held.get(token) is None:
        size = source.pixels.nbytes if isinstance(source, Picture) else None
        _held.put(token, (kind, source), size)
    return f"look/{kind}/{token}"


def small(data: Dataset, item: Item) -> str:
    """The address of a picture of the library in small; "" where its file is gone or damaged."""
    try:
        return url("stored", data.thumbnail(item))
    except XaiError:
        return ""
    except OSError:  # no room to keep one
        return url("thumb", data.picture(item))


def _identity(source: Source) -> str:
    if isinstance(source, Picture):
        return source.digest
    if isinstance(source, Path):
        return str(source)  # files of the library are never written twice
    if isinstance(source, Drawing):
        return source.run
    if isinstance(source, Thumbnails):
        return source.name
    if isinstance(source, SanityRun):
        return f"{source.request!r} up to {sum(found is not None for found in source.maps)}"
    if isinstance(source, Explanation):
        return repr(source.request)  # a value: names the picture's digest and every setting
    return hashlib.sha256(repr(source.shape).encode() + source.tobytes()).hexdigest()


def routes() -> list[Any]:
    """The app's own addresses, with and without the server's base path."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    prefixes = {"", f"/{base}" if base else ""}
    return [Route(f"{prefix}/look/{{kind}}/{{token}}", _serve) for prefix in sorted(prefixes)]


def _serve(request: Request) -> Response:
    held = _held.get(request.path_params["token"])
    if held is None or held[0] != request.path_params["kind"]:
        return Response("This picture is no longer held.", status_code=404, media_type="text/plain")
    kind, source = held
    try:
        data, media_type, name = _MAKERS[kind](source, dict(request.query_params))
    except ValueError as error:  # an address that somebody edited
        return Response(str(error), status_code=400, media_type="text/plain")
    except FileNotFoundError:
        return Response("This picture was removed.", status_code=404, media_type="text/plain")
    kept = "no-store" if kind == "live" else "private, max-age=86400, immutable"
    headers = {"Cache-Control": kept, "X-Content-Type-Options": "nosniff"}
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(data, media_type=media_type, headers=headers)


Made = tuple[bytes, str, str]  # data, media type, file name for a download or ""


def jpeg(pixels: NDArray[np.uint8], side: int | None = None, quality: int = 88) -> bytes:
    """(H, W, 3) uint8 as JPEG, its longer side at most `side` pixels."""
    image = Image.fromarray(pixels)
    if side is not None and max(image.size) > side:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    image.save(file := io.BytesIO(), "JPEG", quality=quality)
    return file.getvalue()


def _photo(side: int | None) -> Callable[[Picture, dict[str, str]], Made]:
    return lambda picture, _query: (jpeg(picture.pixels, side, 88 if side else 94), "image/jpeg", "")


def _stored(path: Path, _query: dict[str, str]) -> Made:
    return path.read_bytes(), "image/jpeg", ""


def _row(pictures: Thumbnails, query: dict[str, str]) -> Made:
    try:
        return pictures.path(int(query.get("row", ""))).read_bytes(), "image/jpeg", ""
    except (XaiError, OSError) as error:
        raise FileNotFoundError from error


def _live(drawing: Drawing, _query: dict[str, str]) -> Made:
    found = underway.so_far(drawing.run)
    return b"" if found is None else underway.packed(found), "application/octet-stream", ""


def _png(pixels: NDArray[np.uint8]) -> bytes:
    Image.fromarray(pixels).save(file := io.BytesIO(), "PNG", compress_level=3)
    return file.getvalue()


def _map(found: Explanation | NDArray[np.float32], _query: dict[str, str]) -> Made:
    values = found.values if isinstance(found, Explanation) else found
    return packed(values).data, "application/octet-stream", ""


def _frames(found: SanityRun | NDArray[np.uint8], _query: dict[str, str]) -> Made:
    if isinstance(found, SanityRun):
        found = stacked([None if each is None else each.values for each in found.maps])
    return found.tobytes(), "application/octet-stream", ""


def _npy(found: Explanation, _query: dict[str, str]) -> Made:
    np.save(file := io.BytesIO(), found.values, allow_pickle=False)
    return file.getvalue(), "application/octet-stream", f"{_stem(found)}.npy"


def _drawn(found: Explanation, query: dict[str, str]) -> Made:
    display, scale = Display.parse(query), parsed_scale(query.get("scale", "own"))
    pixels = overlay(found.request.picture.pixels, found.box, found.values, found.signed, display, scale)
    return _png(pixels), "image/png", f"{_stem(found)}.png"


def _panel(pixels: NDArray[np.uint8], _query: dict[str, str]) -> Made:
    return _png(pixels), "image/png", ""


def _stem(found: Explanation) -> str:
    """A file name with the picture's digest in it: two pictures can never be taken for one another."""
    return f"{found.request.method}-{found.request.target}-{found.request.picture.digest[:8]}"


_MAKERS: dict[str, Callable[[Any, dict[str, str]], Made]] = {
    "photo": _photo(PHOTO_SIDE),
    "thumb": _photo(THUMB_SIDE),
    "full": _photo(None),
    "map": _map,
    "npy": _npy,
    "png": _drawn,
    "panel": _panel,
    "frames": _frames,
    "stored": _stored,
    "row": _row,
    "live": _live,
}
