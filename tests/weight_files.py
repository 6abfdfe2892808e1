"""Files in the place of weights, and models of the table that are to use them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from xai_core import zoo
from xai_core.weights import MEGABYTE, HubFile
from xai_core.zoo import MODELS, ModelSpec

CPU = torch.device("cpu")


def empty_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where weights are looked for from now on, with nothing in it."""
    monkeypatch.setenv("TORCH_HOME", str(folder))
    checkpoints = folder / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    return checkpoints


def put(folder: Path, content: bytes, name: str = "") -> HubFile:
    """A file in its place, under the name that its bytes deserve unless told otherwise."""
    name = name or f"tiny-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    (folder / name).write_bytes(content)
    return HubFile(f"https://example.org/models/{name}", len(content) / MEGABYTE)


def offer(monkeypatch: pytest.MonkeyPatch, file: HubFile, key: str = "resnet50") -> ModelSpec:
    """Give a model of the table other weights."""
    line = replace(MODELS[key], weights=file)
    monkeypatch.setitem(zoo.MODELS, key, line)
    return line
