"""The comparison grid: panels of picture and map, drawn, recoloured and compared in the browser.

Python sends addresses and words; the browser fetches bytes, draws by the rules of `xai_core.render`, and sends back
actions (new settings, stop, retry) and, once decided, how maps are displayed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NotRequired, TypedDict, cast, get_args

import streamlit as st

from pages.ui.components import heard
from pages.ui.components.scripts import script, style
from xai_core.colours import TABLES
from xai_core.framing import Box
from xai_core.render import Display

State = Literal["waiting", "running", "done", "blank", "refused", "failed", "stopped"]
Kind = Literal["set", "reset", "stop", "retry", "evidence"]


@dataclass(frozen=True)
class MapView:
    """Where the browser finds a map's values, and how large they are."""

    url: str  # int16, little-endian, rows first: value = int16 / 32767 * peak (`render.packed`)
    height: int
    width: int
    peak: float  # largest absolute value, 0 for a blank map
    clip: float  # the map's own scale (`render.own_scale`)
    signed: bool
    label: str = ""  # when a panel has several maps: "for espresso", "difference"


@dataclass(frozen=True)
class Photo:
    """The picture under a map."""

    url: str  # at display size
    full_url: str  # at its own resolution
    width: int  # pixels of the original
    height: int
    box: Box  # what the map covers, in pixels of the original
    alt: str


@dataclass(frozen=True)
class Badge:
    """A verdict: icon, word and colour together."""

    text: str
    kind: Literal["good", "care", "bad", "none"]
    why: str = ""  # one sentence, shown when it is pointed at
    evidence: bool = False  # a click asks for what stands behind it


class Choice(TypedDict):
    """One entry of a choice."""

    value: str
    label: str


class Control(TypedDict):
    """One setting of a method, as the settings sheet shows it."""

    name: str
    label: str
    kind: Literal["bool", "int", "float", "choice"]
    value: bool | float | str
    help: str
    low: NotRequired[float | None]
    high: NotRequired[float | None]
    step: NotRequired[float | None]
    unit: NotRequired[str]
    choices: NotRequired[list[Choice]]


@dataclass(frozen=True)
class PanelView:
    """One method's panel at this moment.

    `extras` are drawn in the larger view, in order, by their "kind": "figure" (label, value, meaning), "curve"
    (label, x_label, y_label, x, y), "panel" (label, url), "table" (label, columns, rows), "lines" (label, lines).
    """

    key: str
    title: str
    photo: Photo
    state: State
    sentence: str  # what the map shows
    maps: tuple[MapView, ...] = ()
    slots: int = 1  # maps to keep room for while they are computed
    caution: str = ""  # how not to read it
    seconds: float | None = None
    fraction: float = 0.0  # done so far, 0 to 1
    note: str = ""  # "mask 412 of 1000, about 9 s left"
    message: str = ""  # why, when refused, failed, stopped or blank
    score: str = ""  # "Hiding the strongest tenth: 95 % to 31 %"
    badge: Badge | None = None
    extras: tuple[Mapping[str, Any], ...] = ()
    knobs: tuple[Control, ...] = ()
    downloads: Mapping[str, str] = field(default_factory=dict)  # "png" and "npy" to their addresses


@dataclass(frozen=True)
class Action:
    """What a person asked of one panel; `values` are unchecked, by knob name, and only with "set"."""

    kind: Kind
    panel: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """What the browser said: an action in this run only, and the display it last settled on."""

    action: Action | None
    display: Display


_DISPLAY = "the display of every gallery"
_FILES = ("paint", "picture", "menu", "settings", "details", "bar", "panel", "larger", "main")


def _script() -> str:
    """One module: the colour tables, then the files in the order in which they use each other."""
    tables = {name: base64.b64encode(table.tobytes()).decode() for name, table in TABLES.items()}
    parts = script(
        "shared/base", "shared/actions", "shared/choice", "shared/pages", *(f"gallery/{name}" for name in _FILES)
    )
    return f"const TABLES = {json.dumps(tables)};\n{parts}"


_COMPONENT = st.components.v2.component(
    "second_look_gallery",
    html='<div class="gallery">\n</div>',
    css=style("gallery/gallery"),
    js=_script(),
)


def gallery(
    panels: Sequence[PanelView],
    *,
    key: str,
    bar: bool,
    display: Display,
    columns_min_px: int = 200,
    leave_for: str = "",
    on_action: Callable[[Action], None] | None = None,
    on_display: Callable[[Display], None] | None = None,
) -> Reply:
    """Draw the panels in their order, with the display bar above if `bar`.

    `on_action` and `on_display` are called before the script runs again; what they hear is also in the reply.
    A display that Python passes anew replaces the browser's. Keys of panels must differ. With `leave_for` the browser
    goes to that page of the navigation; where none is drawn, it sends its last action again, with "alone".
    """
    keys = {panel.key for panel in panels}
    if len(keys) != len(panels):
        raise ValueError(f"panel keys must differ, got {[panel.key for panel in panels]}")

    def acted() -> None:
        action = _action(heard.once(key), keys)
        if action is not None and on_action is not None:
            on_action(action)

    def displayed() -> None:
        raw = st.session_state.get(key, {}).get("display")
        heard.note(_DISPLAY, raw)
        if on_display is not None:
            on_display(_display(raw, display))

    answer = _COMPONENT(
        key=key,
        data={
            "panels": [asdict(panel) for panel in panels],
            "bar": bar,
            "display": asdict(display),
            "columns_min_px": columns_min_px,
            "leave_for": leave_for,
            "heard": heard.latest(key),
            "display_heard": heard.latest(_DISPLAY),
        },
        on_action_change=acted,
        on_display_change=displayed,
    )
    return Reply(_action(answer.get("action"), keys), _display(answer.get("display"), display))


def _action(raw: object, panels: set[str]) -> Action | None:
    """What the browser sent, if it is an action on one of these panels."""
    if not isinstance(raw, Mapping):
        return None
    kind, panel, values = raw.get("kind"), raw.get("panel"), raw.get("values")
    if kind not in get_args(Kind) or not isinstance(panel, str) or panel not in panels:
        return None
    return Action(cast(Kind, kind), panel, dict(values) if isinstance(values, Mapping) else {})


def _display(raw: object, otherwise: Display) -> Display:
    """What the browser sent, if it is a display."""
    if not isinstance(raw, Mapping):
        return otherwise
    try:
        return Display.parse(raw)
    except ValueError:
        return otherwise
