"""The cascade player: every method's map while a network is destroyed block by block, drawn in the browser.

Python sends words and the addresses of all frames at once; dragging and playing happen in the browser alone. Back come
the frame on which the slider was let go, and what is asked of one method (stop, retry).
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.ui.components import heard
from pages.ui.components.gallery import Action, Badge, Photo, State
from pages.ui.components.scripts import script, style
from xai_core.colours import TABLES
from xai_core.render import Display


@dataclass(frozen=True)
class Frame:
    """One stage of the cascade; the first is the trained network."""

    name: str  # "classifier", "blocks.5", "the trained model"
    words: str  # "4 of 10 blocks destroyed: parts of objects"
    says: str  # "It now says velvet (2 %); espresso has 0.1 %"
    warning: str = ""  # "The network is dead at this stage: ..."


@dataclass(frozen=True)
class Strip:
    """One method: its maps at all stages. ValueError when a number is not finite."""

    key: str
    title: str
    state: State
    url: str = ""  # uint8, frame after frame, rows first; level = strength * 255. "" until there
    height: int = 0  # of one frame's map, in cells
    width: int = 0
    numbers: tuple[float | None, ...] = ()  # per frame: similarity with frame 0 in [-1, 1]; None: undefined
    notes: tuple[str, ...] = ()  # per frame: "" or why there is no map
    chance: tuple[float, float] | None = None  # what unrelated maps score
    fraction: float = 0.0  # done so far, 0 to 1
    note: str = ""  # "block 4 of 10, about 9 s left"
    message: str = ""  # why, when refused, failed or stopped
    badge: Badge | None = None
    verdict: str = ""  # the badge in a sentence
    reached: int = 0  # with "stopped": frames that are there, others are empty in `url`; else all are

    def __post_init__(self) -> None:
        if not all(number is None or math.isfinite(number) for number in self.numbers):
            raise ValueError(f"an undefined similarity of {self.key} must be None, got {self.numbers}")


@dataclass(frozen=True)
class Heard:
    """What the browser said: the frame last let go, and an action in this run only."""

    frame: int
    action: Action | None


_SCRIPTS = (
    *("shared/base", "shared/actions", "shared/choice", "gallery/paint", "gallery/picture"),
    *(f"player/{name}" for name in ("controls", "cell", "column", "main")),
)


def _script() -> str:
    """One module: the colour tables, the gallery's rules of drawing, then the player's own files."""
    tables = {name: base64.b64encode(table.tobytes()).decode() for name, table in TABLES.items()}
    return f"const TABLES = {json.dumps(tables)};\n{script(*_SCRIPTS)}"


_COMPONENT = st.components.v2.component(
    "second_look_player",
    html='<div class="gallery player">\n</div>',
    css=style("gallery/gallery", "player/player"),
    js=_script(),
)


def player(
    strips: Sequence[Strip],
    frames: Sequence[Frame],
    photo: Photo,
    *,
    key: str,
    display: Display,
    ends: tuple[str, str],
    frame: int = 0,
    alone: bool = False,
    on_action: Callable[[Action], None] | None = None,
    on_frame: Callable[[int], None] | None = None,
) -> Heard:
    """Draw the slider over `frames` and one column per strip, in their order.

    `ends` are the words at the slider's two ends. A `frame` that Python passes anew moves the slider unless a hand
    holds it; otherwise it stays where the person left it. With `alone`, each stage destroys one block and leaves the
    others trained. `on_action` and `on_frame` are called before the script runs again; what they hear is also in the
    answer.
    ValueError when keys repeat, or numbers, notes or `frame` do not fit the frames.
    """
    _check(strips, len(frames), frame)
    keys = {strip.key for strip in strips}

    def acted() -> None:
        action = _action(heard.once(key), keys)
        if action is not None and on_action is not None:
            on_action(action)

    def moved() -> None:
        raw = st.session_state.get(key, {}).get("frame")
        heard.note(f"{key} frame", raw)
        if on_frame is not None:
            on_frame(_frame(raw, len(frames), frame))

    answer = _COMPONENT(
        key=key,
        data={
            "strips": [asdict(strip) for strip in strips],
            "frames": [asdict(each) for each in frames],
            "photo": asdict(photo),
            "display": asdict(display),
            "ends": ends,
            "frame": frame,
            "alone": alone,
            "heard": heard.latest(key),
            "frame_heard": heard.latest(f"{key} frame"),
        },
        on_action_change=acted,
        on_frame_change=moved,
    )
    return Heard(_frame(answer.get("frame"), len(frames), frame), _action(answer.get("action"), keys))


def _check(strips: Sequence[Strip], frames: int, frame: int) -> None:
    keys = [strip.key for strip in strips]
    if len(set(keys)) != len(keys):
        raise ValueError(f"strip keys must differ, got {keys}")
    if not 0 <= frame < frames:
        raise ValueError(f"frame must lie in [0, {frames}), got {frame}")
    for strip in strips:
        for name, given in (("numbers", strip.numbers), ("notes", strip.notes)):
            if len(given) not in (0, frames):
                raise ValueError(f"{name} of {strip.key} must be one per frame ({frames}), got {len(given)}")


def _action(raw: object, strips: set[str]) -> Action | None:
    """What the browser sent, if the player knows it and it is about one of these strips."""
    if not isinstance(raw, Mapping):
        return None
    kind, strip = raw.get("kind"), raw.get("panel")
    if not isinstance(strip, str) or strip not in strips:
        return None
    if kind == "stop" or kind == "retry":
        return Action(kind, strip)
    return None


def _frame(raw: object, frames: int, otherwise: int) -> int:
    """What the browser sent, if there is such a frame."""
    at = raw.get("at") if isinstance(raw, Mapping) else None
    return at if isinstance(at, int) and 0 <= at < frames else otherwise
