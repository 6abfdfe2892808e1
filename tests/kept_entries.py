"""What the library's tests put into it, and everything that lies in it afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def with_file(folder: Path) -> dict[str, Any]:
    (folder / "weights").write_bytes(b"123")
    return {"value": 1}


def everything(folder: Path) -> dict[str, bytes]:
    """All files but the copy of the manifest before the last one."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".bak")
    return {str(path): path.read_bytes() for path in files}
