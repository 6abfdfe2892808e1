"""Class names from a file or a text field, in the order of the network's answers."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from typing import Any

from xai_core.errors import UnusableModel
from xai_core.names import safe_label

LABEL_BYTES = 2**20
CLASSES = (2, 25_000)

_INSIDE = ("labels", "classes", "class_names", "categories", "names", "id2label", "class_to_idx", "label2id")
_INDEX_TITLES = {"", "index", "idx", "id", "class_id", "label_id", "number", "no", "#"}
_NAME_TITLES = {"name", "label", "class", "classes", "labels", "names", "class_name", "category", "title"}
_NUMBERED = re.compile(r"\s*(\d+)\s*[:,;\t ]\s*(\S.*)")
_FORMS = "Give one name per line, a CSV with index and name, or JSON"


def read_labels(data: bytes, name: str) -> tuple[str, ...]:
    """The names in a text, CSV or JSON file that a visitor called `name`; UnusableModel says what is wrong with it."""
    label = safe_label(name)
    if not data.strip():
        raise UnusableModel(f"{label} is empty. {_FORMS}.")
    if len(data) > LABEL_BYTES:
        raise UnusableModel(f"{label} is larger ({len(data):,} bytes) than the limit of {LABEL_BYTES:,}. {_FORMS}.")
    try:
        text = data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableModel(f"{label} is no text in UTF-8. Save it as UTF-8 text and drop it again.") from error
    if "\0" in text:
        raise UnusableModel(f"{label} is no text. {_FORMS}.")
    ending = label.rpartition(".")[2].lower()
    if ending == "json" or text.lstrip().startswith(("{", "[")):
        return _checked(_json(text, label), label)
    if ending in ("csv", "tsv"):
        return _checked(_table(text, label), label)
    return _checked(_lines(text, label), label)


def typed_labels(text: str) -> tuple[str, ...]:
    """Names typed with a line or a comma between them; a name with a comma in it stands in quotes."""
    if "\n" in text.strip():
        return _checked(_lines(text, "The list"), "The list")
    row = next(csv.reader([text.strip()], skipinitialspace=True), [])
    if len(row) > 1 and not row[-1].strip():
        row.pop()
    return _checked([cell.strip() for cell in row], "The list")


def check_labels(labels: Sequence[str], source: str = "The list of class names") -> None:
    """UnusableModel for fewer than two names, too many, empty ones, or one that is there twice."""
    low, high = CLASSES
    if not low <= len(labels) <= high:
        raise UnusableModel(f"{source} has {len(labels):,} names; {low} to {high:,} are needed. Name every class once.")
    seen: dict[str, int] = {}
    for number, label in enumerate(labels):
        if not label.strip():
            raise UnusableModel(f"{source} has no name for class {number}. Name every class, counting from 0.")
        if label in seen:
            raise UnusableModel(
                f"{source} has {label} twice, for class {seen[label]} and class {number}. "
                "Give every class its own name."
            )
        seen[label] = number


def _checked(names: Sequence[str], source: str) -> tuple[str, ...]:
    labels = tuple(class_name(name) for name in names)
    check_labels(labels, source)
    return labels


def class_name(text: str) -> str:
    """The name as it can be shown: no control or bidi characters, at most 80; a slash in it stays."""
    parts = [safe_label(part) if part.strip() else "" for part in text.replace("\\", "/").split("/")]
    whole = "/".join(parts)
    return whole if len(whole) <= 80 else whole[:79] + "…"


def _lines(text: str, source: str) -> list[str]:
    lines = [line.strip() for line in text.strip().splitlines()]
    if "" in lines:
        raise UnusableModel(f"{source} has an empty line {lines.index('') + 1}. Remove it, or write the missing name.")
    numbered = [found for line in lines if (found := _NUMBERED.fullmatch(line))]
    if len(numbered) == len(lines) and len({int(found[1]) for found in numbered}) == len(lines):
        return _in_order([(int(found[1]), found[2]) for found in numbered], source)
    return lines


def _table(text: str, source: str) -> list[str]:
    first = text.strip().splitlines()[0]
    mark = max(",;\t", key=first.count)
    try:
        rows = [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text.strip()), delimiter=mark, strict=True)
        ]
    except csv.Error as error:
        raise UnusableModel(f"{source} is no readable CSV ({error}). {_FORMS}.") from error
    width = len(rows[0])
    for number, row in enumerate(rows, start=1):
        if not any(row) or len(row) != width:
            cause = "is empty" if not any(row) else f"has {len(row)} columns, the first has {width}"
            raise UnusableModel(f"{source}: row {number} {cause}. {_FORMS}.")
    titles = [cell.casefold() for cell in rows[0]]
    index = next((at for at, title in enumerate(titles) if title in _INDEX_TITLES), None)
    named = next((at for at, title in enumerate(titles) if title in _NAME_TITLES and at != index), None)
    if named is not None and (width == 1 or index is not None):
        rows = rows[1:]
    elif width == 2 and all(row[0].isdecimal() for row in rows[1:]) and not rows[0][0].isdecimal():
        rows, index, named = rows[1:], 0, 1
    elif width <= 2:
        index, named = (0, 1) if width == 2 else (None, 0)
    else:
        raise UnusableModel(
            f'{source} has {width} columns. Call one of them "index" and one "name", or leave only these.'
        )
    if index is None:
        return [row[named or 0] for row in rows]
    return _in_order([(_number(row[index], source), row[named or 0]) for row in rows], source)


def _json(text: str, source: str) -> list[str]:
    try:
        value = json.loads(text, object_pairs_hook=lambda pairs: _once(pairs, source))
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise UnusableModel(f"{source} is no readable JSON{where}. {_FORMS}.") from error
    if isinstance(value, dict):
        value = next((value[key] for key in _INSIDE if isinstance(value.get(key), dict | list)), value)
    if isinstance(value, list):
        return [_name(each, source) for each in value]
    if not isinstance(value, dict) or not value:
        raise UnusableModel(f"{source} holds no list of names. {_FORMS}.")
    if all(isinstance(number, int) and not isinstance(number, bool) for number in value.values()):
        return _in_order([(number, key) for key, number in value.items()], source)
    return _in_order([(_number(key, source), _name(each, source)) for key, each in value.items()], source)


def _once(pairs: list[tuple[str, Any]], source: str) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in table if keys.count(key) > 1)
        raise UnusableModel(f"{source} has {safe_label(twice)} twice. Give every class its own entry.")
    return table


def _name(value: object, source: str) -> str:
    """A name, also from ImageNet's pairs of WordNet number and name."""
    if isinstance(value, list) and len(value) == 2:
        value = value[1]
    if not isinstance(value, str):
        raise UnusableModel(f"{source} has {safe_label(str(value))} where a class name belongs. {_FORMS}.")
    return value


def _number(text: str, source: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise UnusableModel(f"{source} has {safe_label(text)} where a class number belongs. Number the classes from 0.")
    return int(text)


def _in_order(pairs: list[tuple[int, str]], source: str) -> list[str]:
    names: dict[int, str] = {}
    for number, name in pairs:
        if number in names:
            raise UnusableModel(f"{source} has class {number} twice. Number every class once, from 0.")
        names[number] = name
    gap = next((number for number in range(len(pairs)) if number not in names), None)
    if gap is not None:
        raise UnusableModel(
            f"{source} has no class {gap}: its {len(pairs)} numbers run from {min(names)} to {max(names)}. "
            f"Number the classes from 0 to {len(pairs) - 1}."
        )
    return [names[number] for number in range(len(pairs))]
