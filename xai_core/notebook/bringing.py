"""Pictures brought from a notebook into the library, where the dashboard finds them too."""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xai_core.concepts import concept as concept_file
from xai_core.concepts.concept import Concept
from xai_core.concepts.editing import create
from xai_core.concepts.generated import GenerateConcept, Recipe
from xai_core.datasets.archive import is_junk
from xai_core.datasets.dataset import Dataset, Given, dataset, save
from xai_core.datasets.importing import ImportDataset
from xai_core.errors import LibraryError, UnreadablePicture
from xai_core.intake import open_picture
from xai_core.library import entries, incoming
from xai_core.library.filenames import titled
from xai_core.notebook.models import hub
from xai_core.picture import Picture
from xai_core.progress import Progress, silent
from xai_core.world.world import BuildWorld

Shown = Picture | str | Path | NDArray[np.uint8]  # (H, W, 3) where it is an array
ORIGIN, BROUGHT_BY = "a notebook", "brought by a notebook"  # the second is what a manifest's facts call the source


def picture(source: Shown) -> Picture:
    """A picture from a file, or from (H, W, 3) uint8 pixels; UnreadablePicture says what is wrong with a file."""
    if isinstance(source, Picture):
        return source
    return Picture.of(source, "array") if isinstance(source, np.ndarray) else open_picture(Path(source))


def data_set(
    title: str, source: str | Path | Sequence[Shown], labels: Sequence[str] | None = None, progress: Progress = silent
) -> Dataset:
    """A data set of a folder, of a zip, or of pictures with a class name each.

    Sub-folders are classes; tables (CSV) among the files tell more of the pictures. What was brought before under
    this title, and is still the same, is not brought again. Files that are no pictures are left out with a warning.
    LibraryError where nothing is usable or the disk refuses; ValueError for labels that do not fit.
    """
    if not isinstance(source, str | Path):
        return _of_pictures(title, [picture(each) for each in source], labels)
    if labels is not None:
        raise ValueError("labels are for single pictures; the classes of a folder or zip are its sub-folders")
    files = list(_files(Path(source)))
    mark = _mark((name, file.read_bytes()) for name, file in files)
    if (known := _known(title, mark)) is not None:
        return known
    report = hub().run(ImportDataset(incoming.stage(files), title), progress)
    for name, reason in report.refused:
        warnings.warn(f"{name} {reason}", stacklevel=2)
    entries.change("datasets", report.key, lambda manifest: _marked(manifest, mark))
    return dataset(report.key)


def concept(title: str, source: str | Path | Sequence[Shown] | Recipe, *, pool: bool = False) -> Concept:
    """A concept of all pictures in a folder, of pictures, or as a recipe draws them; a `pool` of counter-examples.

    Where the library holds the very same pictures under this title, they are not kept twice. Files that are no
    pictures are left out with a warning. LibraryError where nothing is usable or the disk refuses.
    """
    if isinstance(source, Recipe):
        shown, origin = [source.picture(number) for number in range(GenerateConcept.count)], str(source)
    else:
        shown, origin = list(_shown(source)), ORIGIN
    if not shown:
        raise LibraryError(f"There is no picture for {title}. Choose a folder with pictures in it.")
    wanted = {each.digest for each in shown}
    inside = concept_file.concepts()
    same_title = re.compile(rf"{re.escape(titled(title))}( \(\d+\))?")  # a title that is taken gets a number
    for each in inside.pools if pool else inside.concepts:
        if same_title.fullmatch(each.title) and {item.digest for item in each.items} == wanted:
            return each
    return concept_file.concept(create(title, shown, origin, pool).key)


def demo_world(progress: Progress = silent) -> tuple[Dataset, dict[str, Concept]]:
    """The drawn creatures, and by name their concepts (red, stripes, ...) and the counter-examples ("pool")."""
    world = hub().run(BuildWorld(), progress)
    keys = {**dict(world.concepts), "pool": world.pool}
    return dataset(world.creatures), {name: concept_file.concept(key) for name, key in keys.items()}


def _files(source: Path) -> Iterator[tuple[str, Path]]:
    """Names with folders, in order; of a zip, the zip."""
    if source.is_file():
        yield source.name, source
        return
    if not source.is_dir():
        raise LibraryError(f"There is no folder or file {source}. Check how it is written.")
    for file in sorted(source.rglob("*")):
        name = file.relative_to(source).as_posix()
        if file.is_file() and not is_junk(name):
            yield name, file


def _shown(source: str | Path | Sequence[Shown]) -> Iterator[Picture]:
    if not isinstance(source, str | Path):
        yield from map(picture, source)
        return
    for name, file in _files(Path(source)):
        try:
            yield open_picture(file)
        except UnreadablePicture as error:
            warnings.warn(f"{name} was left out: {error}", stacklevel=3)


def _of_pictures(title: str, shown: Sequence[Picture], labels: Sequence[str] | None) -> Dataset:
    if labels is not None and len(labels) != len(shown):
        raise ValueError(f"{len(shown)} pictures need as many labels, got {len(labels)}")
    names = [str(label) for label in labels] if labels is not None else [""] * len(shown)
    mark = _mark((name, bytes.fromhex(each.digest)) for name, each in zip(names, shown, strict=True))
    if (known := _known(title, mark)) is not None:
        return known
    classes = tuple(dict.fromkeys(name for name in names if name))
    given: list[Given] = [
        (each, each.name, classes.index(name) if name else None, "") for each, name in zip(shown, names, strict=True)
    ]
    return save(title, classes, given, {BROUGHT_BY: mark})


def _mark(contents: Iterator[tuple[str, bytes]]) -> str:
    """The same for the same names and bytes only."""
    found = hashlib.sha256()
    for name, data in contents:
        found.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(data).digest())
    return found.hexdigest()


def _known(title: str, mark: str) -> Dataset | None:
    for entry in entries.listing("datasets").entries:
        if entry.title == titled(title) and entry.manifest.get("facts", {}).get(BROUGHT_BY) == mark:
            return dataset(entry.key)
    return None


def _marked(manifest: dict[str, Any], mark: str) -> dict[str, Any]:
    return {**manifest, "facts": {**manifest.get("facts", {}), BROUGHT_BY: mark}}
