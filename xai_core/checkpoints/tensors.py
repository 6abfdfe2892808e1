"""Are these tensors a network's weights? By shape, layout and bytes before a value is touched, then by the values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_core.checkpoints.checkpoint import RECIPE, Refusal
from xai_core.limits import CHECKPOINT_BYTES, CHECKPOINT_TENSORS
from xai_core.names import safe_label
from xai_core.progress import Progress

if TYPE_CHECKING:
    from torch import Tensor

    from xai_core.checkpoints.unwrap import Table

CLEAN_BYTES = 2 * CHECKPOINT_BYTES + 2**24  # half precision becomes twice as long
NAME_LENGTH = 300
FLOATS = {"torch.float16": "half precision (float16)", "torch.bfloat16": "bfloat16", "torch.float64": "float64"}
WHOLE = ("torch.int64", "torch.int32", "torch.bool")  # counters and tables of positions, as networks keep them

_ORDINARY = f"Turn the weights into ordinary float32 tensors with model.float(), then save with {RECIPE}"


def check_form(table: Table) -> None:
    """Refusal, naming the first tensor that is no plain table of numbers backed by as many bytes; touches no value."""
    if len(table) > CHECKPOINT_TENSORS:
        raise Refusal(f"names {len(table):,} tensors; the limit is {CHECKPOINT_TENSORS:,}")
    total = 0
    for name, value in table.items():
        if not 0 < len(name) <= NAME_LENGTH:
            raise Refusal(f"names a tensor with {len(name):,} characters; the limit is {NAME_LENGTH}")
        _check_one(safe_label(name), value)
        total += value.numel() * (4 if value.is_floating_point() else value.element_size())
    if total > CLEAN_BYTES:
        raise Refusal(f"unfolds to {total / 2**20:,.0f} MB of weights; the limit is {CLEAN_BYTES / 2**20:,.0f} MB")


def _check_one(label: str, value: Tensor) -> None:
    import torch

    if value.is_meta:
        raise Refusal(f"has the shape of {label} but no values", _ORDINARY)
    if value.layout is not torch.strided or value.is_nested:
        raise Refusal(f"stores {label} as a sparse tensor, in which most values are left out", _ORDINARY)
    if value.is_quantized:
        raise Refusal(f"holds quantised weights ({label}: whole numbers with a scale)", _ORDINARY)
    if value.is_complex():
        raise Refusal(f"holds complex numbers ({label}), which our networks cannot use", _ORDINARY)
    kind = str(value.dtype)
    if not (kind == "torch.float32" or kind in FLOATS or kind in WHOLE):
        raise Refusal(
            f"holds weights as {kind.removeprefix('torch.')} ({label}), which are not the trained values", _ORDINARY
        )
    needed, stored = value.numel() * value.element_size(), value.untyped_storage().nbytes()
    if needed > stored:
        raise Refusal(f"gives {label} {value.numel():,} values but stores only {stored:,} bytes for them", _ORDINARY)


def cleaned(table: Table, progress: Progress) -> tuple[Table, tuple[str, ...]]:
    """Every tensor contiguous with bytes of its own, floats as float32; Refusal, naming the first, for bad values."""
    clean: Table = {}
    kinds: dict[str, float] = {}
    for index, (name, value) in enumerate(table.items()):
        if not index % 50:
            progress(index / len(table), f"checking tensor {index + 1:,} of {len(table):,}")
        single = _as_single(name, value)
        if value.dtype != single.dtype:
            kinds[str(value.dtype)] = max(kinds.get(str(value.dtype), 0.0), _change(value, single))
        _check_values(safe_label(name), single)
        clean[name] = single
    notes = [
        f"Cast from {FLOATS[kind]} to float32; the largest relative change of a value is {_percent(change)}."
        for kind, change in kinds.items()
    ]
    return clean, tuple(notes)


def _as_single(name: str, value: Tensor) -> Tensor:
    import torch

    value = value.detach()
    single = value.to(torch.float32) if value.is_floating_point() else value
    single = single.contiguous()
    return single.clone() if single.untyped_storage().data_ptr() == value.untyped_storage().data_ptr() else single


def _change(value: Tensor, single: Tensor) -> float:
    """The largest |cast - original| / |original| of the values that are not 0."""
    import torch

    if value.dtype is not torch.float64 or not value.numel():
        return 0.0  # every number of the two half precisions is one of float32
    change = ((single.double() - value) / value).abs()
    return float(change.nan_to_num(nan=0.0, posinf=torch.inf).max())


def _percent(change: float) -> str:
    return "0" if not change else f"{change:.1g}"


def _check_values(label: str, value: Tensor) -> None:
    if not value.is_floating_point() or not value.numel():
        return
    bad = int((~value.isfinite()).sum())
    if bad:
        raise Refusal(
            f"holds {bad:,} values that are no numbers (NaN or infinite) of {value.numel():,} in {label}: "
            "the training went wrong, or the file is damaged",
            "Take an earlier checkpoint of the same training",
        )
    if label.endswith("running_var") and float(value.min()) < 0:
        raise Refusal(
            f"holds a negative variance ({float(value.min()):.3g} in {label}), which no training can produce",
            "Get the file once more, or take another checkpoint",
        )
