"""What people bring to the library: different pictures as files, zip archives of them, and the data set it becomes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from picture_files import photo, saved
from xai_core.datasets.dataset import dataset
from xai_core.datasets.importing import ImportDataset, ImportedDataset
from xai_core.library import incoming


def jpeg(number: int) -> bytes:
    return saved(np.roll(photo(), number, axis=1), "JPEG")


def png(number: int) -> bytes:
    return saved(np.roll(photo(), number, axis=1), "PNG")


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def brought(*files: tuple[str, bytes | Path]) -> ImportedDataset:
    return ImportDataset(incoming.stage(files), "Pets").answer()


def paths(key: str) -> list[str]:
    return [item.file for item in dataset(key).items]
