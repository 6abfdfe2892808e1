"""Class names come in many forms, and in exactly one order."""

from __future__ import annotations

import csv
import io
import json

import pytest

from xai_core.checkpoints.labels import class_name, read_labels, typed_labels
from xai_core.errors import UnusableModel

NAMES = ("cat", "dog, brown", "Gänsefüßchen")


def written(rows: list[list[object]], delimiter: str = ",") -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    return buffer.getvalue().encode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("names.txt", "\n".join(NAMES).encode()),
        ("names.txt", "\r\n".join([*NAMES, ""]).encode("utf-8-sig")),
        ("names.txt", "\n".join(NAMES).encode("utf-16")),
        ("names.txt", "\n".join(f"{index}: {name}" for index, name in enumerate(NAMES)).encode()),
        ("names.csv", written([[name] for name in NAMES])),
        ("names.csv", written([["name"], *([name] for name in NAMES)])),
        ("names.csv", written([[index, name] for index, name in enumerate(NAMES)])),
        ("names.csv", written([["index", "label"], *([i, name] for i, name in reversed(list(enumerate(NAMES))))])),
        ("names.csv", written([["Klasse", "Titel"], *([index, name] for index, name in enumerate(NAMES))], ";")),
        ("names.csv", written([["name", "id"], *([name, index] for index, name in enumerate(NAMES))])),
        ("names.tsv", written([["id", "colour", "name"], *([i, "red", name] for i, name in enumerate(NAMES))], "\t")),
        ("names.json", json.dumps(NAMES).encode()),
        ("names.json", json.dumps({str(index): name for index, name in enumerate(NAMES)}).encode()),
        ("names.json", json.dumps({name: index for index, name in enumerate(NAMES)}).encode()),
        ("names.json", json.dumps({str(i): [f"n{i:08d}", name] for i, name in enumerate(NAMES)}).encode()),
        ("config.json", json.dumps({"id2label": dict(enumerate(NAMES)), "hidden_size": 3}).encode()),
        ("names", json.dumps({"classes": NAMES}).encode()),
    ],
)
def test_every_usual_form_gives_the_same_names_in_order(name: str, data: bytes) -> None:
    assert read_labels(data, name) == NAMES


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b"cat\n\ndog", "has an empty line 2"),
        ("a.txt", b"cat\ndog\ncat", "has cat twice, for class 0 and class 2"),
        ("a.txt", b"cat", "has 1 names; 2 to 25,000 are needed"),
        ("a.txt", b"x\n" * 600_000, "is larger (1,200,000 bytes)"),
        ("a.txt", "Gänse\nKühe".encode("latin-1"), "is no text in UTF-8"),
        ("a.txt", b"\x89PNG\0\0", "is no text"),
        ("a.csv", b"0,cat\n1,dog\n3,cow", "has no class 2: its 3 numbers run from 0 to 3"),
        ("a.csv", b"1,cat\n2,dog", "has no class 0: its 2 numbers run from 1 to 2"),
        ("a.csv", b"0,cat\n0,dog", "has class 0 twice"),
        ("a.csv", b"0,cat\n1", "row 2 has 1 columns, the first has 2"),
        ("a.csv", b"0,cat\n,\n1,dog", "row 2 is empty"),
        ("a.csv", b"a,b,c\n1,2,3", 'has 3 columns. Call one of them "index" and one "name"'),
        ("a.csv", b"0,cat\nx,dog", "has x where a class number belongs"),
        ("a.json", b'["cat", ', "is no readable JSON (line 1)"),
        ("a.json", b'{"0": "cat", "0": "dog"}', "has 0 twice"),
        ("a.json", b'{"0": "cat", "2": "dog"}', "has no class 1"),
        ("a.json", b'{"cat": 0, "dog": 0}', "has class 0 twice"),
        ("a.json", b'["cat", 3]', "has 3 where a class name belongs"),
        ("a.json", b'"cat"', "holds no list of names"),
        ("a.json", b"[" * 100_000, "is no readable JSON"),
        ("a.json", b'["cat", " "]', "has no name for class 1"),
    ],
)
def test_what_is_wrong_with_a_list_is_said(name: str, data: bytes, words: str) -> None:
    with pytest.raises(UnusableModel) as caught:
        read_labels(data, name)
    assert words in str(caught.value)
    assert str(caught.value).startswith(name)


@pytest.mark.parametrize("text", ["cat, dog , cow", "cat\ndog\n cow\n", "cat,dog,cow,", '"cat",dog,"cow"'])
def test_typed_names_may_stand_on_lines_or_between_commas(text: str) -> None:
    assert typed_labels(text) == ("cat", "dog", "cow")


def test_typed_names_that_are_missing_or_doubled_are_said() -> None:
    with pytest.raises(UnusableModel, match=r"The list has cat twice, for class 0 and class 1\."):
        typed_labels("cat, cat")
    with pytest.raises(UnusableModel, match=r"The list has no name for class 1\."):
        typed_labels("cat,, dog")
    with pytest.raises(UnusableModel, match="The list has 0 names"):
        typed_labels("  ")


def test_a_name_keeps_its_slash_and_loses_what_nobody_sees() -> None:
    assert class_name("T-shirt/top") == "T-shirt/top"
    assert class_name("ca\u202et\x07 ") == "cat"
    assert len(class_name("x" * 300)) <= 80
