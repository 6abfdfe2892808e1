"""Make and change concepts. Whatever two people do at once, nothing of either is lost, and every change is a revision.

A picture that is taken out stays on the disk for as long as its concept does, so that it can be put back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xai_core.concepts.concept import POOL, Concept, concept
from xai_core.concepts.gathering import Gathering, Located, known_of
from xai_core.datasets.dataset import dataset
from xai_core.errors import UnusableConcept
from xai_core.library import entries
from xai_core.library.filenames import titled
from xai_core.names import unique
from xai_core.picture import Picture
from xai_core.progress import Progress, silent

TAKEN = "taken out"  # what the manifest calls them: {"place": number, "item": item}

Manifest = dict[str, Any]
Sources = Mapping[str, Located]  # of pieces, by their digest
NOWHERE: Sources = MappingProxyType({})


@dataclass(frozen=True)
class Edited:
    """What became of a concept."""

    key: str
    revision: int
    pictures: int  # in it now, all different
    doubles: int = 0  # left out now: their very pixels are in it already


def create(
    title: str,
    pictures: Iterable[Picture],
    origin: str,
    pool: bool = False,
    progress: Progress = silent,
    cut_from: Sources = NOWHERE,
) -> Edited:
    """Keep a new concept, also one without pictures yet; LibraryError when the disk refuses, and then nothing is kept.

    `origin` says in a few words where the pictures come from. A title that is taken gets a number. Pieces that were
    `cut_from` pictures of the library know what is known of these.
    """
    known = known_of(tuple(cut_from.values()))
    return _created(title, lambda folder: _drawn(Gathering(folder, known), pictures, progress, cut_from), origin, pool)


def create_of(
    title: str, located: Sequence[Located], origin: str, pool: bool = False, progress: Progress = silent
) -> Edited:
    """`create` of pictures of the library: their files as they are, with what their sets know of them."""
    known = known_of(located)
    return _created(title, lambda folder: _copied(Gathering(folder, known), located, progress), origin, pool)


def _created(title: str, gather: Callable[[Path], Gathering], origin: str, pool: bool) -> Edited:
    gathered: list[Gathering] = []

    def fill(folder: Path) -> Manifest:
        gathered.append(gather(folder))
        return gathered[0].content(origin, pool)

    key = entries.create("concepts", free_titles((title,))[0], fill)
    return Edited(key, 1, gathered[0].pictures, gathered[0].doubles)


def free_titles(titles: Sequence[str]) -> tuple[str, ...]:
    """Fit to be shown, with a number where another concept has the same: tables tell concepts apart by them."""
    taken, free = {entry.title for entry in entries.listing("concepts").entries}, []
    for title in titles:
        free.append(unique(titled(title), taken))
        taken.add(free[-1])
    return tuple(free)


def add(key: str, pictures: Iterable[Picture], progress: Progress = silent, cut_from: Sources = NOWHERE) -> Edited:
    """Put pictures into a concept; LibraryError when it is gone or the disk refuses. `cut_from` as `create`."""
    known = known_of(tuple(cut_from.values()))
    return _added(key, lambda gathering: _drawn(gathering, pictures, progress, cut_from), known)


def add_of(key: str, located: Sequence[Located], progress: Progress = silent) -> Edited:
    """`add` of pictures of the library, with what their sets know of them, in columns behind the concept's own."""
    return _added(key, lambda gathering: _copied(gathering, located, progress), known_of(located))


def _added(key: str, gather: Callable[[Gathering], Gathering], known: Sequence[str]) -> Edited:
    one, counted = concept(key), [0, 0]
    there, names = {item.digest for item in one.items}, dict.fromkeys((*one.data.columns, *known))

    def fill(folder: Path) -> Gathering:
        return gather(Gathering(folder, tuple(names), there, among_others=True))

    def edit(manifest: Manifest, gathering: Gathering) -> Manifest:
        # somebody else may have put the same pictures there in the meantime
        meanwhile = {item["digest"] for item in manifest["items"]}
        columns, items = gathering.behind(manifest.get("columns", ()))
        new = [item for item in items if item["digest"] not in meanwhile]
        manifest["items"] += new
        manifest["columns"] = columns
        _forget(manifest, {item["digest"] for item in new})
        counted[:] = len(manifest["items"]), gathering.doubles + len(items) - len(new)
        return manifest

    revision = entries.enlarge("concepts", key, fill, edit)
    return Edited(key, revision, *counted)


def take_out(key: str, digests: Collection[str]) -> Edited:
    """Take pictures out of a concept; those that are not in it any more are no error."""

    def edit(manifest: Manifest) -> None:
        items = manifest["items"]
        # from the last one on: in the other order, each goes back to where it was
        for place in reversed([place for place, item in enumerate(items) if item["digest"] in digests]):
            manifest.setdefault(TAKEN, []).append({"place": place, "item": items.pop(place)})

    return _changed(key, edit)


def put_back(key: str, digests: Collection[str]) -> Edited:
    """Undo `take_out`, each picture to where it was."""

    def edit(manifest: Manifest) -> None:
        for taken in reversed(manifest.get(TAKEN, [])):
            if taken["item"]["digest"] in digests:
                manifest["items"].insert(taken["place"], taken["item"])
        _forget(manifest, digests)

    return _changed(key, edit)


def rename(key: str, title: str) -> Edited:
    """Give a concept another title; its key stays. A title that another concept has gets a number."""
    free = title if titled(title) == concept(key).title else free_titles((title,))[0]
    return _changed(key, lambda manifest: manifest.update(title=free))


def as_pool(key: str, pool: bool) -> Edited:
    """Make a concept a pool of counter-examples, or the other way round."""
    return _changed(key, lambda manifest: manifest.update({POOL: pool}))


def duplicate(key: str, progress: Progress = silent) -> Edited:
    """Another concept with the same pictures, under a title with a number."""
    one = concept(key)
    return create_of(one.title, _located((one,)), f"a copy of {one.title}", one.pool, progress)


def merge(keys: Sequence[str], title: str, progress: Progress = silent) -> Edited:
    """A new concept with the pictures of several, which stay as they are; UnusableConcept for fewer than two.

    What is known of the pictures comes along, empty where one concept knows something and another does not. It is a
    pool only where all of them are.
    """
    chosen = tuple(concept(key) for key in dict.fromkeys(keys))
    if len(chosen) < 2:
        raise UnusableConcept(f"Merging takes at least 2 different concepts; {len(chosen)} was chosen. Choose more.")
    origin = f"merged: {', '.join(each.title for each in chosen)}"
    pool = all(each.pool for each in chosen)
    return create_of(title, _located(chosen), origin, pool, progress)


def divide(key: str) -> tuple[str, ...]:
    """A set that holds several concepts, each a class of it, becomes a concept for each; their keys. It is removed."""
    data = dataset(key, "concepts")

    def fill(folder: Path) -> list[entries.New]:
        new = []
        for label, title in enumerate(free_titles(data.classes)):
            (folder / str(label)).mkdir()
            gathering = Gathering(folder / str(label), data.columns)
            for item in data.items:
                if item.label == label:
                    gathering.item(data, item)
            new.append(entries.New(str(label), title, gathering.content(f"from {data.title}", False)))
        return new

    keys = entries.create_together("concepts", f"The set {data.title} was not divided", fill)
    entries.remove("concepts", key)
    return keys


def _located(chosen: Sequence[Concept]) -> tuple[Located, ...]:
    return tuple((each.data, item) for each in chosen for item in each.items)


def _drawn(gathering: Gathering, pictures: Iterable[Picture], progress: Progress, cut_from: Sources) -> Gathering:
    for done, picture in enumerate(pictures, 1):
        gathering.picture(picture, cut_from.get(picture.digest))
        progress(done / (done + 20), f"{done:,} pictures kept")  # nobody knows how many will come
    return gathering


def _copied(gathering: Gathering, located: Sequence[Located], progress: Progress) -> Gathering:
    for done, (data, item) in enumerate(located):
        progress(done / len(located), f"{done:,} of {len(located):,} pictures")
        gathering.item(data, item)
    return gathering


def _changed(key: str, edit: Callable[[Manifest], None]) -> Edited:
    concept(key)  # a set of several concepts is no concept
    counted = [0]

    def edited(manifest: Manifest) -> Manifest:
        edit(manifest)
        counted[0] = len(manifest["items"])
        return manifest

    return Edited(key, entries.change("concepts", key, edited), counted[0])


def _forget(manifest: Manifest, digests: Collection[str]) -> None:
    """They can no longer be put back: they are there."""
    manifest[TAKEN] = [taken for taken in manifest.get(TAKEN, []) if taken["item"]["digest"] not in digests]
