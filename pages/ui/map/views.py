"""From a drawn map to what the scatter shows."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pages.ui import following, media
from pages.ui.components.scatter_view import Fresh, Rows, ScatterView, Sprites
from pages.ui.map import colouring
from pages.ui.map.state import Atlas
from xai_core.embedding import atlas as sheets
from xai_core.embedding.atlas import DrawAtlas
from xai_core.embedding.picture_map import PictureMap

SIDE = 48  # pixels of a small picture


def small_pictures(shown: PictureMap) -> sheets.Atlas | None:
    """All pictures in small, once they are there."""
    found = following.looked_up(DrawAtlas(shown.request.sources, SIDE))
    return found if isinstance(found, sheets.Atlas) else None


def view(kept: Atlas, shown: PictureMap, small: sheets.Atlas | None, titles: tuple[str, ...]) -> ScatterView:
    """Rows are those of the map; marks only where they were made on these pictures."""
    own = kept.marks(shown)
    placed = kept.placed if kept.placed is not None and kept.drawn is shown else None
    return ScatterView(
        points=shown.points,
        titles=titles,
        names=shown.labels,
        label=shown.truth,
        prediction=shown.predicted,
        confidence=shown.confidence,
        colour=colouring.colour(colouring.fitting(kept.colouring, shown.opened()), shown),
        sprites=_sprites(small),
        sharper=_sharper(shown),
        selected=kept.rows if own else np.zeros(0, np.intp),
        lit=_lit(kept, shown) if own else np.zeros(0, np.intp),
        current=kept.current if own else None,
        fresh=None if placed is None else Fresh(placed.request.picture.name, *map(float, placed.point)),
        name=f"map-{shown.request.settings.layout}",
    )


def _sharper(shown: PictureMap) -> str:
    """The thumbnails, larger than the sprites, row by row."""
    opened, of, items = shown.opened(), shown.sources, shown.items

    def path(row: int) -> Path:
        if not 0 <= row < len(items):
            raise ValueError(f"the map has rows 0 to {len(items) - 1}, and no {row}")
        data = opened[int(of[row])]
        return data.thumbnail(data.items[int(items[row])])

    return media.url("row", media.Thumbnails(repr(shown.request.sources), path)) + "?row={row}"


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
