"""Maps of pictures in a notebook: drawn, told in words, added to, and saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from xai_core.classifier import Classifier
from xai_core.datasets.dataset import Dataset
from xai_core.embedding.atlas import DrawAtlas
from xai_core.embedding.exporting import as_csv
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.placing import Placed, PlaceOnMap
from xai_core.embedding.request import ACTIVATIONS, DrawMap, Source
from xai_core.embedding.settings import Settings, usual
from xai_core.embedding.standalone import as_html
from xai_core.embedding.words import headline, honesty, kept
from xai_core.framing import Framing
from xai_core.notebook.models import hub
from xai_core.picture import Picture
from xai_core.progress import Progress, silent


def picture_map(
    classifier: Classifier,
    pictures: Dataset | Sequence[Dataset],
    *,
    layer: str = "",
    of: str = ACTIVATIONS,
    progress: Progress = silent,
    **settings: Any,
) -> PictureMap:
    """Every picture as a point, by what a layer makes of it, or by where a method's maps point (`of`: its key).

    `layer`: a dotted name; "" is what the last linear layer reads. `settings`: see
    `xai_core.embedding.settings.Settings`, such as perplexity=30. ValueError for settings that there are not or that
    are out of bounds; errors otherwise as `DrawMap`.
    """
    sets = (pictures,) if isinstance(pictures, Dataset) else tuple(pictures)
    sources = tuple(Source(each.key, each.revision, each.shelf) for each in sets)
    if unknown := settings.keys() - {*Settings.__dataclass_fields__}:
        raise ValueError(f"a map has no setting {', '.join(sorted(unknown))}")
    drawn = usual(settings.get("layout", "tsne"), settings.get("library", "openTSNE"))
    asked = DrawMap(classifier.name, sources, layer, of, replace(drawn, **settings))
    found: PictureMap = hub().run(asked, progress)
    return found


def in_words(shown: PictureMap) -> str:
    """What the map shows, how many neighbours it kept, and how not to read it."""
    return "\n".join([headline(shown).text, kept(shown.quality), honesty(shown)])


def place(shown: PictureMap, new: Picture, framing: Framing = Framing.AS_TRAINED) -> Placed:
    """Where another picture falls on the map; its own points do not move. Errors as `PlaceOnMap`."""
    found: Placed = hub().run(PlaceOnMap(shown.request, new, framing))
    return found


def save_map(shown: PictureMap, file: str | Path) -> None:
    """Write a .csv of every point, or a .html that shows pictures on hover and loads nothing from outside.

    ValueError for another ending.
    """
    path = Path(file)
    if path.suffix == ".csv":
        path.write_bytes(as_csv(shown))
    elif path.suffix == ".html":
        atlas = hub().run(DrawAtlas(shown.request.sources))
        path.write_bytes(as_html(shown, atlas, path.stem))
    else:
        raise ValueError(f"the file must end in .csv or .html, got {path.name!r}")
