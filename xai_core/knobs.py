"""Method settings, declared once: type, default, bounds, unit and help in one line.

The dashboard draws a control for each knob and tests walk their bounds; neither knows any method by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, get_type_hints

LAYERS = "layers"  # choices="layers": the spatial layers of whichever classifier is explained; "" is its default


@dataclass(frozen=True)
class Knob:
    """Bounds, choices and wording of one setting."""

    low: float | None = None
    high: float | None = None
    step: float | None = None
    unit: str = ""
    help: str = ""
    choices: tuple[str, ...] | str = ()
    label: str = ""


@dataclass(frozen=True)
class Setting:
    """One knob of a settings type, with its name, Python type and present value."""

    name: str
    kind: type
    knob: Knob
    value: Any

    @property
    def label(self) -> str:
        return self.knob.label or self.name.replace("_", " ")


def knob(
    default: Any,
    low: float | None = None,
    high: float | None = None,
    *,
    step: float | None = None,
    unit: str = "",
    help: str,
    choices: tuple[str, ...] | str = (),
    label: str = "",
) -> Any:
    """A dataclass field that carries its own bounds and explanation."""
    return field(default=default, metadata={"knob": Knob(low, high, step, unit, help, choices, label)})


@dataclass(frozen=True)
class Params:
    """Base of every method's settings. An instance is always within bounds; ValueError names what is not."""

    def __post_init__(self) -> None:
        for setting in settings(self):
            _check(setting)

    def passes(self) -> float:
        """Rough cost in forward-and-backward passes of one picture: orders panels and estimates times."""
        return 1.0


def settings(params: Params | type[Params]) -> Iterator[Setting]:
    """Every setting of `params`; of a type, with its defaults."""
    hints = get_type_hints(params if isinstance(params, type) else type(params))
    for item in fields(params):
        value = item.default if isinstance(params, type) else getattr(params, item.name)
        yield Setting(item.name, hints[item.name], item.metadata["knob"], value)


def changed(params: Params, values: Mapping[str, object]) -> Params:
    """`params` with values as a form sends them (text or JSON numbers); ValueError names what does not fit."""
    kinds = {setting.name: setting.kind for setting in settings(params)}
    return replace(params, **{name: _as_kind(kinds[name], value) for name, value in values.items() if name in kinds})


def _as_kind(kind: type, value: object) -> object:
    if kind is bool:
        return value in (True, 1, "1", "true")
    if kind is int:
        return round(float(str(value)))
    return kind(value)


def _check(setting: Setting) -> None:
    spec, value = setting.knob, setting.value
    wanted = (int, float) if setting.kind is float else setting.kind
    if not isinstance(value, wanted) or (isinstance(value, bool) and setting.kind is not bool):
        raise ValueError(f"{setting.name} must be {setting.kind.__name__}, got {value!r}")
    if isinstance(spec.choices, tuple) and spec.choices and value not in spec.choices:
        raise ValueError(f"{setting.name} must be one of {', '.join(spec.choices)}, got {value!r}")
    # written so that NaN fails too
    if spec.low is not None and spec.high is not None and not spec.low <= setting.value <= spec.high:
        raise ValueError(f"{setting.name} must lie in [{spec.low}, {spec.high}], got {value}")
