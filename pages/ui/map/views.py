"""From a drawn map to what the scatter shows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pages.ui import following, media
from pages.ui.components.scatter_view import Fresh, Group, Groups, Rows, ScatterView, Shades, Sprites
from pages.ui.map.state import LABEL, PREDICTION, RIGHT, Atlas
from xai_core.embedding import atlas as sheets
from xai_core.embedding.atlas import DrawAtlas
from xai_core.embedding.picture_map import PictureMap

SIDE = 48  # pixels of a small picture
Whole = NDArray[np.integer[Any]]


def small_pictures(shown: PictureMap) -> sheets.Atlas | None:
    """All pictures in small, once they are there."""
    found = following.looked_up(DrawAtlas(shown.request.sources, SIDE))
    return found if isinstance(found, sheets.Atlas) else None


def view(kept: Atlas, shown: PictureMap, small: sheets.Atlas | None, titles: tuple[str, ...]) -> ScatterView:
    """Rows are those of the map; marks only where they were made on these pictures."""
    own = kept.drawn is not None and kept.drawn.request.sources == shown.request.sources
    placed = kept.placed if kept.placed is not None and kept.drawn is shown else None
    return ScatterView(
        points=shown.points,
        titles=titles,
        names=shown.labels,
        label=shown.truth,
        prediction=shown.predicted,
        confidence=shown.confidence,
        colour=_colour(kept.colouring, shown),
        sprites=_sprites(small),
        selected=kept.rows if own else np.zeros(0, np.intp),
        lit=_lit(kept, shown) if own else np.zeros(0, np.intp),
        current=kept.current if own else None,
        fresh=None if placed is None else Fresh(placed.request.picture.name, *map(float, placed.point)),
        name=f"map-{shown.request.settings.layout}",
    )


def _own(shown: PictureMap) -> tuple[tuple[str, ...], Whole]:
    """The classes as the data sets call them, and each row's own among them; the last is for those without one."""
    found = [shown.own_label(row) or "without a label" for row in range(len(shown))]
    names = tuple(dict.fromkeys(found))
    places = {name: place for place, name in enumerate(names)}
    return names, np.array([places[name] for name in found], np.int32)


def _colour(colouring: str, shown: PictureMap) -> Groups | Shades:
    if colouring == RIGHT:
        of = np.where(shown.known, np.where(shown.right, 0, 1), 2)
        return _groups(RIGHT, of, (Group("right", "#14958a"), Group("wrong", "#d9772b"), Group("not known", "#8a8f8e")))
    if colouring == PREDICTION:
        return _groups(PREDICTION, shown.predicted, tuple(map(Group, shown.labels)))
    if colouring == LABEL:
        names, of = _own(shown)
        return _groups(LABEL, of, tuple(map(Group, names)))
    return Shades("How sure the model is", shown.confidence)


def _groups(title: str, of: Whole, groups: tuple[Group, ...]) -> Groups:
    """Only those that occur."""
    used, places = np.unique(of, return_inverse=True)
    return Groups(title, places.astype(np.int32), tuple(groups[number] for number in used))


def _sprites(small: sheets.Atlas | None) -> Sprites | None:
    if small is None:
        return None
    urls = tuple(media.url("frames", np.frombuffer(sheet, np.uint8)) for sheet in small.sheets)
    return Sprites(urls, small.side, small.across, small.across * small.down)


def _lit(kept: Atlas, shown: PictureMap) -> Rows:
    """The pictures of the cell that was clicked in the confusion table."""
    if kept.cell is None:
        return np.zeros(0, np.intp)
    truth, named = kept.cell
    return np.flatnonzero((shown.truth == truth) & (shown.predicted == named))
