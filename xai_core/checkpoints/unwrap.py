"""From whatever a training program saved to one table of tensors by the network's own names; every step is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xai_core.checkpoints.checkpoint import Refusal
from xai_core.names import safe_label

if TYPE_CHECKING:
    from torch import Tensor

AVERAGED = ("state_dict_ema", "model_ema", "ema_state_dict", "ema_model", "ema_model_state_dict", "module_ema", "ema")
WRAPPERS = (
    *("state_dict", "model_state_dict", "model_state", "model_dict", "model", "net", "network", "net_state_dict"),
    *("weights", "params", "params_ema", "module", "classifier", "backbone", "state", "shadow"),
)
DEPTH = 5
COMPILED = "._orig_mod."

Table = dict[str, "Tensor"]


def unwrapped(content: object) -> tuple[Table, tuple[str, ...]]:
    """The table of weights in a loaded file, and sentences on what was taken off.

    Refusal, the rest of a sentence that begins with the file's name, when there is no such table.
    """
    table, notes = _table_in(content, (), DEPTH)
    table, more = _without_compiled(table)
    notes += more
    while True:
        renamed = _without_prefix(table) or _without_company(table)
        if renamed is None:
            return table, notes
        table, note = renamed
        notes += (note,)


def _table_in(content: object, way: tuple[str, ...], depth: int) -> tuple[Table, tuple[str, ...]]:
    if not isinstance(content, dict):
        kind = "a single tensor" if _is_tensor(content) else f"a {type(content).__name__}"
        raise Refusal(f"holds {kind}, not a table of weights by name")
    tensors = {key: value for key, value in content.items() if isinstance(key, str) and _is_tensor(value)}
    inner = _wrapper(content) if depth else None
    if inner is not None and len(tensors) <= 1:
        return _table_in(content[inner], (*way, inner), depth - 1)
    if not tensors:
        names = ", ".join(safe_label(str(key)) for key in list(content)[:5])
        raise Refusal(f"holds no weights that we recognise; it is a table of {names or 'nothing'}")
    notes: tuple[str, ...] = (f"The weights were taken from its entry {safe_label(' > '.join(way))}.",) if way else ()
    if way and way[-1] in AVERAGED:
        notes += ("These are the averaged weights (EMA), which are the ones to use after training.",)
    if others := [safe_label(str(key)) for key in content if key not in tensors]:
        notes += (f"Left out, because they are no weights: {_first(others)}.",)
    return tensors, notes


def _wrapper(content: dict[Any, Any]) -> str | None:
    """The entry that holds the weights: averaged ones first, then the usual names, then the only table of tensors."""
    for key in (*AVERAGED, *WRAPPERS):
        if isinstance(content.get(key), dict) and content[key]:
            return key
    tables = [key for key, value in content.items() if isinstance(key, str) and _is_table(value)]
    return tables[0] if len(tables) == 1 else None


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and len(value) > 1 and all(map(_is_tensor, value.values()))


def _is_tensor(value: object) -> bool:
    import torch

    return isinstance(value, torch.Tensor)


def _without_compiled(table: Table) -> tuple[Table, tuple[str, ...]]:
    if not any(COMPILED in f".{name}" for name in table):
        return table, ()
    return _renamed(table, {name: f".{name}".replace(COMPILED, ".")[1:] for name in table}), (
        "The names were freed of _orig_mod., which torch.compile adds.",
    )


def _without_prefix(table: Table) -> tuple[Table, str] | None:
    """The table without the first part of its names, where all of them share it and something is left of each."""
    parts = {name.partition(".")[0] for name in table}
    if len(parts) != 1 or not all(name.partition(".")[2] for name in table):
        return None
    (part,) = parts
    if not any("." in name.partition(".")[2] for name in table):
        return None  # a single layer: its name is its own
    names = {name: name.partition(".")[2] for name in table}
    return _renamed(table, names), f"All names began with {safe_label(part)}., which was taken off."


def _without_company(table: Table) -> tuple[Table, str] | None:
    """The network inside a training program's own object: the one part with layers, beside counters and losses.

    Where a part is there twice, once averaged (EMA), the averaged one is taken.
    """
    layered = dict.fromkeys(name.partition(".")[0] for name, value in table.items() if _is_layer(name, value))
    groups = {part: {name.partition(".")[2] for name in table if name.startswith(f"{part}.")} for part in layered}
    averaged = [part for part in layered if "ema" in part.lower().split("_") or "averaged" in part.lower()]
    if len(layered) == 2 and len(averaged) == 1:
        other = next(part for part in layered if part not in averaged)
        if not groups[other] <= {_inner(name) for name in groups[averaged[0]]}:
            return None
    elif len(layered) != 1:
        return None
    part = averaged[0] if len(layered) == 2 else next(iter(layered))
    own = {name: name.removeprefix(f"{part}.") for name in table if name.startswith(f"{part}.")}
    if len(own) == len(table) or not any("." in name for name in own.values()):
        return None
    left = [safe_label(name) for name in table if name not in own]
    mean = " (the averaged weights, EMA)" if part in averaged else ""
    words = f"The network's names began with {safe_label(part)}.{mean}, which was taken off; left out: {_first(left)}."
    return _renamed({name: table[name] for name in own}, own), words


def _inner(name: str) -> str:
    return name.removeprefix("module.")


def _is_layer(name: str, value: Tensor) -> bool:
    # a loss may carry class weights and a metric a confusion matrix of counts; neither is a float table
    return "." in name and value.dim() > 1 and value.is_floating_point()


def _renamed(table: Table, names: dict[str, str]) -> Table:
    if len(set(names.values())) < len(names):
        raise Refusal("names several tensors alike once the wrappers' prefixes are off")
    return {names[name]: value for name, value in table.items()}


def _first(names: list[str], count: int = 5) -> str:
    more = f" and {len(names) - count:,} more" if len(names) > count else ""
    return ", ".join(names[:count]) + more
