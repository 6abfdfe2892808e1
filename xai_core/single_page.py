"""One HTML file to open from disk: everything is in it, and it may load nothing from outside."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

HEAD = Path(__file__).with_name("single_page.html")


def single_page(template: Path, title: str, parts: Mapping[str, str], data: object) -> bytes:
    """UTF-8. The template's {{places}} are filled with `parts`, and {{head}}, {{title}} and {{data}} (JSON) with those.

    What strangers wrote is escaped here in the title and the data; `parts` are HTML, escaped by the caller. KeyError
    for a place without a part.
    """
    # no "<" may end the script early
    packed = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    named = {"title": escape(title)}
    filled = _filled(template, {**parts, **named, "head": _filled(HEAD, named).rstrip(), "data": packed})
    return filled.encode("utf-8", "replace")


def _filled(template: Path, parts: Mapping[str, str]) -> str:
    """In one pass: what a part says is never taken for a place to fill."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template.read_text(encoding="utf-8"))
