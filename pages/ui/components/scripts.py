"""The browser half of a component: files in the order in which they use each other, as one module."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent


def script(*names: str) -> str:
    """Of files under this folder, "gallery/paint" for example."""
    return "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in names)


def style(*names: str) -> str:
    """The same of style sheets."""
    return "\n".join((FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in names)
