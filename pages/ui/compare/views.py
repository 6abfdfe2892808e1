"""From a request's job to what its panel shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from pages.ui import media
from pages.ui.components.gallery import Choice, Control, MapView, PanelView, Photo, State
from xai_core.describe import ModelCard
from xai_core.details import Curve, Detail, Figure, Panel, Table
from xai_core.explain import Explain, Explanation, parameters
from xai_core.framing import Box
from xai_core.jobs import Job
from xai_core.knobs import LAYERS, Setting, settings
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.render import own_scale


def photo(picture: Picture, box: Box | None = None) -> Photo:
    """The picture under a map; without a box, nothing of it is dimmed."""
    return Photo(
        url=media.url("photo", picture),
        full_url=media.url("full", picture),
        width=picture.width,
        height=picture.height,
        box=box or (0.0, 0.0, float(picture.width), float(picture.height)),
        alt=picture.name,
    )


def panel_key(method: str, picture: Picture) -> str:
    """What the browser calls the panel of a method and a picture."""
    return f"{method}-{picture.digest[:12]}"


def map_view(values: np.ndarray[Any, np.dtype[np.float32]], signed: bool, url: str, label: str = "") -> MapView:
    """A map as the browser takes it."""
    peak = float(np.abs(values).max())
    return MapView(url, values.shape[0], values.shape[1], peak, own_scale(values), signed, label)


def panel(
    job: Job, card: ModelCard | None, label: str, box: Box | None, *, title: str = "", score: str = ""
) -> PanelView:
    """One method's panel, whatever state its request is in. `label`: the class in words."""
    request: Explain = job.request  # type: ignore[assignment]
    method, found = methods()[request.method], job.result
    shown = PanelView(
        key=panel_key(request.method, request.picture),
        title=title or method.title,
        photo=photo(request.picture, box),
        state=_state(job),
        sentence=method.shows.format(target=label),
        caution=method.caution,
        fraction=job.fraction,
        note=_note(job),
        message=job.message,
        score=score,
        knobs=controls(request, card),
    )
    return shown if not isinstance(found, Explanation) else _finished(shown, found)


def contrasted(view: PanelView, mine: Job, other: Job, labels: tuple[str, str]) -> PanelView:
    """The same panel for two classes: both maps on one scale, and their difference."""
    first, second = mine.result, other.result
    if not isinstance(first, Explanation) or not isinstance(second, Explanation):
        late = other if isinstance(first, Explanation) else mine
        return replace(
            view, maps=(), slots=3, state=_state(late), message=late.message, fraction=late.fraction, note=_note(late)
        )
    both = own_scale(np.concatenate([first.values.ravel(), second.values.ravel()])[None])
    difference = first.values - second.values
    maps = (
        replace(map_view(first.values, first.signed, media.url("map", first), f"for {labels[0]}"), clip=both),
        replace(map_view(second.values, second.signed, media.url("map", second), f"for {labels[1]}"), clip=both),
        replace(map_view(difference, True, media.url("map", difference), "difference"), clip=both),
    )
    state: State = "blank" if first.status == second.status == "blank" else "done"
    return replace(view, maps=maps, slots=3, state=state, seconds=first.seconds + second.seconds)


def _state(job: Job) -> State:
    if isinstance(job.result, Explanation) and job.result.status == "blank":
        return "blank"
    return job.state


def _note(job: Job) -> str:
    left = job.seconds_left()
    if left is None or left < 1:
        return job.note
    return f"{job.note}, about {left:.0f} s left".strip(", ")


def _finished(view: PanelView, found: Explanation) -> PanelView:
    """With the map, its numbers and everything the larger view shows."""
    return replace(
        view,
        maps=(map_view(found.values, found.signed, media.url("map", found)),),
        seconds=found.seconds,
        message=" ".join((*found.reasons, *found.notes)) if found.status == "blank" else "",
        extras=(*(_extra(detail) for detail in found.details), *_notes(found), _origin(found)),
        downloads={"png": media.url("png", found), "npy": media.url("npy", found)},
    )


def _notes(found: Explanation) -> tuple[Mapping[str, Any], ...]:
    if not found.notes:
        return ()
    return ({"kind": "lines", "label": "Worth knowing", "lines": list(found.notes)},)


def _extra(detail: Detail) -> Mapping[str, Any]:
    """A detail as the browser draws it."""
    if isinstance(detail, Figure):
        return {"kind": "figure", "label": detail.label, "value": detail.value, "meaning": detail.meaning}
    if isinstance(detail, Curve):
        axes = {"x_label": detail.x_label, "y_label": detail.y_label}
        return {"kind": "curve", "label": detail.label, **axes, "x": list(detail.x), "y": list(detail.y)}
    if isinstance(detail, Panel):
        return {"kind": "panel", "label": detail.label, "url": media.url("panel", detail.pixels)}
    assert isinstance(detail, Table)
    return {"kind": "table", "label": detail.label, "columns": list(detail.columns), "rows": [*map(list, detail.rows)]}


def _origin(found: Explanation) -> Mapping[str, Any]:
    """Everything needed to make the same map again."""
    request, made = found.request, found.provenance
    rows = [
        ("picture", f"{request.picture.name} ({request.picture.digest[:12]})"),
        ("seen by the model", request.framing.value),
        ("class", f"{found.label} (number {request.target}, probability {found.probability:.4f})"),
        ("method", f"{found.method.title}: {found.method.paper}"),
        *((f"setting: {name}", value or "the model's default") for name, value in parameters(request.params).items()),
        ("model", f"{made.model}, weights {made.weights[:12]}"),
        ("computed on", f"{made.device}, " + ", ".join(f"{name} {number}" for name, number in made.versions)),
    ]
    return {"kind": "table", "label": "How to make this map again", "columns": ["", ""], "rows": [*map(list, rows)]}


def controls(request: Explain, card: ModelCard | None) -> tuple[Control, ...]:
    """The method's settings as the settings sheet shows them."""
    return tuple(_control(setting, card) for setting in settings(request.params))


def _control(setting: Setting, card: ModelCard | None) -> Control:
    spec = setting.knob
    control = Control(name=setting.name, label=setting.label, kind="choice", value=setting.value, help=spec.help)
    if spec.choices == LAYERS:
        layers = card.layers if card else ()
        default = Choice(value="", label=f"the model's default ({card.cam_layer})" if card else "the model's default")
        control["choices"] = [default, *(Choice(value=name, label=words) for name, words in layers)]
    elif spec.choices:
        control["choices"] = [Choice(value=choice, label=choice) for choice in spec.choices]
    elif setting.kind is bool:
        control["kind"] = "bool"
    else:
        control["kind"] = "int" if setting.kind is int else "float"
        control["low"], control["high"], control["step"] = spec.low, spec.high, spec.step
        control["unit"] = spec.unit
    return control
