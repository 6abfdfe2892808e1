"""Data sets: bring pictures in as a zip, as files or as a folder, look through them, send one to the comparison."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from pages.ui import bringing, following, links, media, places
from pages.ui.bound import bound
from pages.ui.components.album import Leaf, album
from pages.ui.concepts import handover
from pages.ui.models import world
from pages.ui.models.removing import remove_button, undo
from pages.ui.models.renaming import rename_button
from pages.ui.models.rooms import Room, Rooms
from pages.ui.shelf import Shelf
from xai_core.datasets.adopting import AdoptFolder
from xai_core.datasets.dataset import Contents, Dataset, Item, contents
from xai_core.datasets.importing import ImportDataset, ImportedDataset
from xai_core.errors import XaiError
from xai_core.names import as_text

BRINGING = "pictures"
ON_A_PAGE = 60
AS_CONCEPT = 200  # pictures; a test draws some of them anyway


def room(shelf: Shelf, kept: Rooms) -> None:
    """Choose a data set, or bring one in."""
    st.title("Which pictures shall the model be judged on?", anchor=False)
    undo("datasets", kept)
    if world.watch(kept):
        return
    inside = contents()
    found = inside.datasets
    _put_there_by_hand(inside)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = choose(kept, found)
        # another key after each upload: a popover of the same key would stay open over what comes next
        with st.popover("Bring pictures", icon=":material/upload:", key=f"bring-pictures-{kept.uploads}"):
            _bring(kept)
        if chosen is not None:
            rename_button("datasets", chosen.key, chosen.title, kept)
    _arriving(kept)
    if chosen is None:
        st.write("Bring a zip of folders, a folder, or some files: a folder for each class, if there are classes.")
        world.offer()
        return
    _facts(chosen)
    _album(shelf, kept, chosen)
    remove_button("datasets", chosen.key, chosen.title, kept)


def none_yet(kept: Rooms, words: str) -> None:
    """In other rooms, while there is no data set that would do: what is needed, and where to bring it."""
    st.write(words)
    if st.button("Bring pictures", icon=":material/upload:", type="primary", key="none-yet-bring"):
        kept.go(Room.PICTURES)
        st.rerun()
    world.offer()


def choose(kept: Rooms, found: tuple[Dataset, ...]) -> Dataset | None:
    """The data set that this page is about; None while there is none."""
    if not found:
        return None
    keys = [each.key for each in found]
    titles = {each.key: f"{each.title} · {len(each.items):,} pictures" for each in found}
    at = keys.index(kept.data_set) if kept.data_set in keys else 0

    def take(key: str) -> None:
        kept.data_set, kept.shown, kept.cell = key, "", None

    if kept.data_set != keys[at]:
        take(keys[at])
    st.selectbox("Data set", keys, format_func=titles.__getitem__, width=420, **bound("data-set", kept.data_set, take))
    return found[at]


def _bring(kept: Rooms) -> None:
    words = "A **zip**, or several **files**. A folder for each class becomes its label."
    sent = bringing.field(words, f"pictures-{kept.uploads}")
    if sent is not None:
        st.session_state.pop("brought", None)
        following.begin(BRINGING, ImportDataset(sent.staged, sent.title))
        kept.uploads += 1
        st.rerun()


def _put_there_by_hand(inside: Contents) -> None:
    """What was set aside because it is damaged, and folders that wait to be taken in."""
    for message in inside.messages:
        st.warning(as_text(message), icon=":material/report:")
    for key in inside.dropped_in:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/folder: The folder **{as_text(key)}** lies in the library and is no data set yet.")
            if st.button("Take it in", key=f"adopt-{key}", type="primary"):
                following.begin(BRINGING, AdoptFolder(key))
                st.rerun()


def _arriving(kept: Rooms) -> None:
    """Progress of what is being brought in, then what became of it."""
    done = following.follow(BRINGING, "reading the pictures")
    if isinstance(done, ImportedDataset):
        st.session_state["brought"], kept.data_set, kept.shown = done, done.key, ""
        st.rerun()
    report: ImportedDataset | None = st.session_state.get("brought")
    if report is not None and report.key == kept.data_set:
        came = f"**{bringing.count(report.pictures, 'picture')}** {'is' if report.pictures == 1 else 'are'} in"
        bringing.outcome(came, report.duplicates, report.ignored, report.notes, report.refused, report.layout)


def _facts(chosen: Dataset) -> None:
    """One sentence: how many, of what, held out how."""
    counts = Counter(item.label for item in chosen.items)
    if not chosen.classes:
        st.markdown(
            f"**{len(chosen.items):,} pictures** without labels: put each class into a folder to train on them."
        )
        return
    least = min(range(len(chosen.classes)), key=lambda at: counts[at])
    words = f"**{len(chosen.items):,} pictures of {len(chosen.classes)} classes.** "
    words += f"The smallest class is {as_text(chosen.classes[least])}, with {counts[least]:,}."
    splits = Counter(item.split for item in chosen.items if item.split)
    if splits:
        words += " Already divided: " + ", ".join(f"{count:,} for {name}" for name, count in splits.items()) + "."
    st.markdown(words)


def _album(shelf: Shelf, kept: Rooms, chosen: Dataset) -> None:
    if len(chosen.classes) > 1:
        options = ["", *chosen.classes]
        at = options.index(kept.shown) if kept.shown in options else 0
        kept.shown = st.selectbox(
            "Show", options, index=at, format_func=_or_all, key=f"show-{chosen.key}-{kept.moves}", width=260
        )
    shown = [item for item in chosen.items if not kept.shown or _label(chosen, item) == kept.shown]
    pages = -(-len(shown) // ON_A_PAGE)
    page = st.pagination(pages, key=f"page-{chosen.key}-{kept.shown}") if pages > 1 else 1
    on_page = shown[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    if len(shown) <= AS_CONCEPT:
        title = kept.shown or chosen.title
        words = f"Make a concept of these {len(shown):,}"
        if st.button(
            words, key="pictures-concept", icon=":material/category:", help="To test whether a model uses it."
        ):
            handover.make(chosen, shown, title)
    picked = album([leaf(chosen, item) for item in on_page], "Pictures of the data set", key="pictures-album")
    for item in on_page:
        if item.file == picked:
            explain(shelf, chosen, item)


def leaf(chosen: Dataset, item: Item, note: str = "", wrong: bool = False) -> Leaf:
    """A picture of a data set on a page of the album."""
    url, words = media.small(chosen, item), _label(chosen, item) or item.name
    return Leaf(item.file, url, words, note, wrong) if url else Leaf(item.file, "", words, media.GONE, wrong=True)


def explain(shelf: Shelf, chosen: Dataset, item: Item, target: int | None = None) -> None:
    """Put it into the basket and open the comparison page on it, for a class or for the model's own answer."""
    try:
        shelf.receive(chosen.picture(item), target)
    except XaiError as error:
        st.toast(as_text(str(error)), icon=":material/error:")
        return
    links.go(places.COMPARE)


def _or_all(name: str) -> str:
    return name or "all classes"


def _label(chosen: Dataset, item: Item) -> str:
    return "" if item.label is None else chosen.classes[item.label]
