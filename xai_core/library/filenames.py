"""Names for files and folders: legible, and the same on every system however a stranger spelt them."""

from __future__ import annotations

import re
from collections import defaultdict

from xai_core.names import safe_label

BYTES = 120  # of a name in UTF-8; systems allow 255, and endings and numbers come on top

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\ufffd]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # devices on Windows, whatever the ending


def stem(label: str) -> str:
    """The label as a name without ending: no separators, no leading dot, no name that a system keeps for itself."""
    name = _FORBIDDEN.sub("_", safe_label(label)).strip(". ")
    while len(name.encode()) > BYTES:
        name = name[:-1].rstrip(". ")
    if not name.strip("_"):
        return "unnamed"
    return f"_{name}" if _RESERVED.match(name) or name.startswith("-") else name


def titled(text: str) -> str:
    """A title that somebody typed, fit to be shown; strokes in it are part of it, not folders."""
    return safe_label(re.sub(r"[/\\]+", " ", text))


class Names:
    """Hands out names that differ within a folder even where upper and lower case are the same."""

    def __init__(self, taken: tuple[str, ...] = ()) -> None:
        self._taken = {name.casefold() for name in taken}
        self._last: defaultdict[str, int] = defaultdict(lambda: 1)

    def free(self, name: str, ending: str = "") -> str:
        """`name + ending`, or "name (2)" and so on before the ending."""
        found, key = name + ending, (name + ending).casefold()
        while found.casefold() in self._taken:
            self._last[key] += 1
            found = f"{name} ({self._last[key]}){ending}"
        self._taken.add(found.casefold())
        return found
