"""Work in slices that fit the device: steady progress, and half the batch when memory runs out."""

from __future__ import annotations

from collections.abc import Callable

import torch

from xai_core.errors import OutOfMemory, out_of_memory
from xai_core.progress import Progress, silent

FORWARD_BATCH = 16  # pictures; the fastest forward batch on two cores
GRADIENT_BATCH = 8  # pictures; larger ones are up to four times slower on a CPU
DEVICE_BATCH = 64  # pictures, on a GPU
HALVED = (
    "The device's memory ran short, so the work went on in smaller batches; "
    "values may differ from an undisturbed run in the fifth digit."
)


def batch_size(device: torch.device, gradients: bool) -> int:
    """Pictures per pass: fixed by the device alone, so that equal requests get equal bits."""
    if device.type != "cpu":
        return DEVICE_BATCH
    return GRADIENT_BATCH if gradients else FORWARD_BATCH


def in_batches(
    total: int, size: int, work: Callable[[int, int], None], progress: Progress = silent, note: str = ""
) -> bool:
    """Call `work(start, stop)` over [0, total); True if memory ran out and batches were halved on the way.

    OutOfMemory when a batch of one does not fit.
    """
    start, halved = 0, False
    while start < total:
        progress(start / total, f"{note} {start} of {total}".strip())
        stop = min(start + size, total)
        if _fits(work, start, stop):
            start = stop
            continue
        # out of the except block first: its traceback would keep the failed tensors alive
        torch.cuda.empty_cache()
        if stop - start == 1:
            raise OutOfMemory(
                "Not even one picture at a time fits into the device's memory. Close other programs that use the "
                "device, or choose a smaller model in the sidebar."
            )
        size, halved = (stop - start) // 2, True
    progress(1.0, f"{note} {total} of {total}".strip())
    return halved


def _fits(work: Callable[[int, int], None], start: int, stop: int) -> bool:
    try:
        work(start, stop)
    except torch.OutOfMemoryError:
        return False
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        return False
    return True
