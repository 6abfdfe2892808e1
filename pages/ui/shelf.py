"""What this visitor has collected and chosen; the only writer of the session's state besides widgets."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from xai_core import limits, samples, zoo
from xai_core.errors import XaiError
from xai_core.framing import Framing
from xai_core.intake import read_picture
from xai_core.knobs import Params
from xai_core.method import methods
from xai_core.names import unique
from xai_core.picture import Picture
from xai_core.render import Display

FIRST_SAMPLE = "camera"


@dataclass
class Shelf:
    """One visitor's pictures and choices."""

    basket: list[Picture] = field(default_factory=list)
    picture: Picture = field(default_factory=lambda: samples.sample(FIRST_SAMPLE))
    model: str = zoo.DEFAULT
    framing: Framing = Framing.AS_TRAINED
    target: int | None = None  # None: whatever the model says
    contrast: int | None = None  # "why not this one?"
    params: dict[str, Params] = field(default_factory=dict)  # only what differs from a method's defaults
    display: Display = field(default_factory=Display)
    complaints: list[str] = field(default_factory=list)  # what was wrong with the latest files
    uploads: int = 0  # how often files came in: a fresh uploader each time

    def show(self, picture: Picture, target: int | None = None) -> None:
        """Make this the picture on the page; unless told otherwise, its class is the model's own again."""
        self.picture, self.target, self.contrast = picture, target, None

    def use(self, model: str) -> None:
        """Ask another model; a class number means something else there."""
        if model != self.model:
            self.model, self.target, self.contrast = model, None, None

    def all_pictures(self) -> list[Picture]:
        """The visitor's own pictures, then the samples."""
        shipped = [samples.sample(item.key) for item in samples.samples()]
        return [*self.basket, *(each for each in shipped if each not in self.basket)]

    def settings(self, method: str) -> Params:
        return self.params.get(method) or methods()[method].params()

    def take_in(self, files: list[tuple[str, bytes]]) -> None:
        """Add uploaded files to the basket, show the first good one, and say what was wrong with the others."""
        self.complaints, first = [], None
        for name, data in files:
            try:
                picture = self._admit(read_picture(data, name))
            except XaiError as error:
                self.complaints.append(str(error))
            else:
                first = first or picture
        self.uploads += 1
        if first is not None:
            self.show(first)

    def receive(self, picture: Picture, target: int | None = None) -> None:
        """Put a picture from elsewhere into the basket and on the page; XaiError when the basket is full."""
        self.complaints = []
        self.show(self._admit(picture), target)

    def _admit(self, picture: Picture) -> Picture:
        if picture in self.basket:
            return self.basket[self.basket.index(picture)]
        if (
            len(self.basket) >= limits.PICTURES_AT_ONCE
            or self._pixels() + picture.pixels.size // 3 > limits.BASKET_PIXELS
        ):
            raise XaiError(
                f"{picture.name} was left out: your basket is full ({len(self.basket)} pictures). "
                "Remove some in the sidebar and drop it again."
            )
        taken = {held.name for held in self.basket}
        named = Picture(picture.digest, unique(picture.name, taken), picture.pixels, picture.notes)
        self.basket.append(named)
        return named

    def _pixels(self) -> int:
        return sum(held.pixels.size // 3 for held in self.basket)

    def discard(self, picture: Picture) -> None:
        self.basket.remove(picture)
        if self.picture == picture:
            self.show(self.basket[-1] if self.basket else samples.sample(FIRST_SAMPLE))


def shelf() -> Shelf:
    """This visitor's shelf, laid out at their first visit."""
    if "shelf" not in st.session_state:
        st.session_state["shelf"] = Shelf()
    kept: Shelf = st.session_state["shelf"]
    return kept
