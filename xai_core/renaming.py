"""Another title for a data set or a model: its key, its revision and all that refers to it stay as they are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from xai_core.errors import LibraryError
from xai_core.library import entries, manifests
from xai_core.library.filenames import titled
from xai_core.library.home import in_words
from xai_core.library.rooms import NAMES, Kind, locked
from xai_core.own_model import CARD, OwnModel, read_card

LONGEST = 60  # letters of a title: more are cut wherever it is shown


def rename(kind: Kind, key: str, title: str) -> None:
    """Call an entry otherwise; LibraryError, in words, for a title that is none, is too long or is another one's."""
    wanted = titled(title.strip()) if title.strip() else ""
    with in_words(f"The {NAMES[kind]} {titled(key)} was not renamed"), locked(kind):
        before = entries.entry(kind, key)
        if wanted == before.title:
            return
        _check(kind, key, wanted, len(title.strip()))
        folder = entries.folder_of(kind, key)
        if kind == "models":
            # first: whoever is killed between the two has a model under one of its titles
            _write_on_card(read_card(folder), folder / CARD, wanted)
        content = entries.manifest(kind, key)
        manifests.write(folder, manifests.sealed(content, wanted, before.created, before.revision))


def _check(kind: Kind, key: str, wanted: str, letters: int) -> None:
    if not wanted:
        raise LibraryError(f"A {NAMES[kind]} needs a title. Type a word or two.")
    if letters > LONGEST:
        raise LibraryError(f"This title has {letters} letters, and {LONGEST} are the most. Shorten it.")
    others = (each.title for each in entries.listing(kind).entries if each.key != key)
    if wanted.casefold() in (each.casefold() for each in others):
        raise LibraryError(f"There is a {NAMES[kind]} called {wanted} already. Choose another title.")


def _write_on_card(card: OwnModel, file: Path, title: str) -> None:
    text = json.dumps(replace(card, title=title).as_json(), ensure_ascii=False, indent=2)
    manifests.replace(file, text.encode("utf-8", "surrogatepass"))
