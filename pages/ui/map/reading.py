"""The pictures behind rows of a map, as values; what cannot be read is told in words."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import media
from pages.ui.compare.several import Asked
from pages.ui.components.album import Leaf
from pages.ui.components.thumbs import Thumb
from xai_core.embedding.picture_map import PictureMap
from xai_core.errors import XaiError
from xai_core.names import as_text
from xai_core.picture import Picture
from xai_core.store import Store

_held = Store(96 * 2**20)  # bytes: a page is run again at every click, and files take long to decode


def picture(shown: PictureMap, row: int) -> Picture:
    """Errors as `PictureMap.located` and `Dataset.picture`."""
    source, item = shown.request.sources[shown.sources[row]], int(shown.items[row])
    name = (source.key, source.revision, source.shelf, item)
    found: Picture | None = _held.get(name)
    if found is None:
        data, at = shown.located(row)
        found = data.picture(at)
        _held.put(name, found, found.pixels.nbytes)
    return found


def pictures(shown: PictureMap, rows: Sequence[int]) -> list[Asked]:
    """Those that can be read, in order, and of the same pixels one; a warning for each of the others."""
    found: dict[str, Asked] = {}
    for row in rows:
        try:
            read = picture(shown, row)
        except XaiError as error:
            st.warning(as_text(str(error)), icon=":material/image_not_supported:")
            continue
        found.setdefault(read.digest, Asked(read, truth=shown.own_label(row), index=int(shown.truth[row])))
    return list(found.values())


def leaf(shown: PictureMap, row: int) -> Leaf:
    """A small picture with its class, and what the model says where that is wrong."""
    wrong = bool(shown.known[row] and not shown.right[row])
    name, url = _small(shown, row)
    if not url:
        return Leaf(str(row), "", shown.own_label(row) or name, media.GONE, wrong=True)
    note = shown.labels[shown.predicted[row]] if wrong else ""
    return Leaf(str(row), url, shown.own_label(row) or name, note, wrong)


def thumb(shown: PictureMap, row: int) -> Thumb:
    """A small picture with what the model says of it."""
    name, url = _small(shown, row)
    return Thumb(str(row), shown.labels[shown.predicted[row]] if url else f"{name}: {media.GONE}", url)


def _small(shown: PictureMap, row: int) -> tuple[str, str]:
    """The name, and where the browser finds the picture: "" where it is gone."""
    data, item = shown.located(row)
    return item.name, media.small(data, item)  # what is gone is said under the picture, for there may be many
