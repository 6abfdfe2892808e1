"""Bring a model: a file of weights, then the few things that it does not say about itself."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.ui import following, work
from pages.ui.models.rooms import Rooms
from pages.ui.shelf import Shelf
from xai_core import zoo
from xai_core.architecture import Architecture
from xai_core.checkpoints.architectures import Architectures, OwnPreprocess
from xai_core.checkpoints.importing import Imported, ImportModel, InspectCheckpoint, Inspected, Wanted
from xai_core.checkpoints.labels import read_labels, typed_labels
from xai_core.checkpoints.suggest import CountClasses
from xai_core.errors import XaiError
from xai_core.framing import Preprocess
from xai_core.library import incoming
from xai_core.names import as_text

LOOKING, SAVING = "looking", "saving"
IMAGENET = 1000  # classes: whoever answers so many very probably answers ImageNet's


@dataclass(frozen=True)
class Waiting:
    """A file that was looked at and waits for its names."""

    upload: str
    found: Inspected


def upload(kept: Rooms) -> None:
    """The file itself."""
    st.markdown(
        "A **.safetensors** file or a **state dict** (.pt, .pth), or a zip that was taken along from here. Code in it "
        "is never run."
    )
    file = st.file_uploader("Weights", key=f"weights-{kept.uploads}")
    if file is None:
        return
    try:
        staged = incoming.stage([(file.name, file.getvalue())])
    except XaiError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return
    st.session_state.pop("waiting-model", None)
    following.begin(LOOKING, InspectCheckpoint(staged))
    kept.uploads += 1
    st.rerun()


def room(shelf: Shelf, kept: Rooms) -> None:
    """Everything between the file and the finished model."""
    looking = following.under_way(LOOKING)
    found = following.follow(LOOKING, "looking at the file")
    if looking is not None and isinstance(looking.request, InspectCheckpoint):
        if isinstance(found, Inspected):
            st.session_state["waiting-model"] = Waiting(looking.request.upload, found)
        elif looking.state in ("failed", "refused", "stopped"):
            incoming.discard(looking.request.upload)
    done = following.follow(SAVING, "putting the weights into the network")
    if isinstance(done, Imported):
        st.session_state.pop("waiting-model", None)
        st.session_state["brought-model"] = done
        shelf.use(done.name)
        st.rerun()
    waiting: Waiting | None = st.session_state.get("waiting-model")
    if waiting is not None and following.under_way(SAVING) is None:
        _ask(waiting)
    brought: Imported | None = st.session_state.get("brought-model")
    if brought is not None and waiting is None:
        st.success(f"**{as_text(brought.title)}** is in, and in use on every page.", icon=":material/check_circle:")
        for note in brought.notes:
            st.markdown(f":material/info: {as_text(note)}")


def _ask(waiting: Waiting) -> None:
    """What the file does not say: which network, which classes, which pictures it takes."""
    checkpoint = waiting.found.checkpoint
    with st.container(border=True):
        st.header(as_text(checkpoint.name), anchor=False)
        for note in checkpoint.notes:
            st.markdown(f":material/info: {as_text(note)}")
        title = st.text_input("Name", checkpoint.name.rpartition(".")[0] or checkpoint.name, key="model-title")
        wanted: Wanted | None = None
        if checkpoint.card is None:
            wanted = _wanted(waiting)
        with st.container(horizontal=True):
            ready = (wanted is not None or checkpoint.card is not None) and bool(title.strip())
            if st.button("Bring it in", type="primary", key="bring-model", disabled=not ready):
                following.begin(SAVING, ImportModel(waiting.upload, title.strip(), wanted))
                st.rerun()
            if st.button("Forget it", type="tertiary", key="forget-model"):
                incoming.discard(waiting.upload)
                st.session_state.pop("waiting-model")
                st.rerun()


def _wanted(waiting: Waiting) -> Wanted | None:
    architecture = _architecture(waiting.found)
    if architecture is None:
        return None
    labels = _labels(_classes(waiting, architecture))
    preprocess = _preprocess(architecture)
    return None if labels is None or preprocess is None else Wanted(architecture, labels, preprocess)


def _architecture(found: Inspected) -> Architecture | None:
    everything = following.looked_up(Architectures())
    known: tuple[Architecture, ...] = everything if isinstance(everything, tuple) else ()
    options = [*found.suggestions, *(each for each in known if each not in found.suggestions)]
    if found.suggestions:
        st.markdown(f"Its weights fit **{as_text(str(found.suggestions[0]))}**.")
    picked: Architecture | None = st.selectbox(
        "Architecture",
        options,
        index=0 if found.suggestions else None,
        placeholder="Type to search torchvision's and timm's networks",
        format_func=str,
        key=f"architecture-{found.checkpoint.sha256[:8]}",
        help="The network these weights were trained in. Those that fit best come first.",
    )
    return picked


def _classes(waiting: Waiting, architecture: Architecture) -> int:
    """How many classes the file answers in that network; 0 where it cannot be told."""
    found = waiting.found
    if found.suggestions and architecture == found.suggestions[0]:
        return found.classes
    counted = following.looked_up(CountClasses(found.checkpoint, architecture))
    return counted if isinstance(counted, int) else 0


def _labels(classes: int) -> tuple[str, ...] | None:
    """Typed, from a file, or ImageNet's where the count says so."""
    if classes:
        st.markdown(f"It tells **{classes:,} classes** apart.")
    ways = ["Type them", "From a file"]
    card = work.card(zoo.DEFAULT)
    if classes == IMAGENET and card is not None:
        ways.insert(0, "ImageNet's")
    way = st.segmented_control("Class names", ways, default=ways[0], required=True, key=f"label-way-{classes}")
    try:
        if way == "ImageNet's" and card is not None:
            return card.labels
        if way == "From a file":
            file = st.file_uploader("Text, CSV or JSON, in the order of the network's answers", key="label-file")
            return None if file is None else read_labels(file.getvalue(), file.name)
        text = st.text_area(
            "In the order of the network's answers, one a line or with commas", key="label-text", placeholder="cat, dog"
        )
        return typed_labels(text) if text.strip() else None
    except XaiError as error:
        st.error(as_text(str(error)), icon=":material/error:")
        return None


def _preprocess(architecture: Architecture) -> Preprocess | None:
    """The architecture's own, unless somebody knows better."""
    usual = following.looked_up(OwnPreprocess(architecture))
    if not isinstance(usual, Preprocess):
        st.write("Looking up how this network takes its pictures.")
        return None
    if not st.toggle("It takes pictures in its own way", key="own-preprocess", help=_words(usual)):
        return usual
    with st.container(horizontal=True):
        resize = st.number_input("Shorter side", 16, 1024, usual.resize, key="resize", help="Pixels, before the crop.")
        crop = st.number_input("Crop", 16, 1024, min(usual.crop, 1024), key="crop", help="Pixels, what the model sees.")
        kernel = st.selectbox("Resizing", ["bilinear", "bicubic"], key="kernel")
    mean, spread = _three("Mean of red, green, blue", usual.mean), _three("Spread of red, green, blue", usual.std)
    if mean is None or spread is None or min(spread) <= 0:
        st.error("Mean and spread are three numbers each, like 0.485, 0.456, 0.406; a spread is above 0.")
        return None
    return Preprocess(
        max(int(resize), int(crop)), int(crop), mean, spread, "bicubic" if kernel == "bicubic" else "bilinear"
    )


def _words(usual: Preprocess) -> str:
    return (
        f"Usually: shorter side to {usual.resize} pixels, the middle {usual.crop} cut out, "
        f"mean {usual.mean}, spread {usual.std}."
    )


def _three(label: str, usual: tuple[float, float, float]) -> tuple[float, float, float] | None:
    text = st.text_input(label, ", ".join(f"{value:g}" for value in usual), key=label)
    try:
        red, green, blue = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return red, green, blue
