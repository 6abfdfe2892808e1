"""A stranger's file name is shown safely and literally, and two never look the same."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xai_core.names import LENGTH, as_text, safe_label, unique

ANYTHING = st.text(st.characters(), max_size=200)  # surrogates included
BOUNDED = settings(derandomize=True, max_examples=400, deadline=None)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/x.png", "x.png"),
        ("C:\\pictures\\w.png", "w.png"),
        ("/abs/olute.jpg", "olute.jpg"),
        ("folder/", "folder"),
        ("a\0b\nc.png", "ab c.png"),
        ("gnp.\u202egpj.exe", "gnp.gpj.exe"),
        ("\u2066left\u2069 \u200bright\ufeff.png", "left right.png"),
        ("cafe\u0301.png", "café.png"),
        ("👩\u200d🔬.png", "👩\u200d🔬.png"),
        ("", "unnamed"),
        ("...", "unnamed"),
        (" \t ", "unnamed"),
        ("..\\..", "unnamed"),
        ("half \ud800.png", "half \ufffd.png"),
    ],
)
def test_a_name_is_shown_without_folders_and_hidden_characters(name: str, shown: str) -> None:
    assert safe_label(name) == shown


def test_a_long_name_keeps_its_ending() -> None:
    shown = safe_label("a" * 300 + ".jpeg")
    assert len(shown) == LENGTH
    assert shown.endswith("….jpeg")


@BOUNDED
@given(ANYTHING)
def test_any_name_becomes_a_short_visible_line(name: str) -> None:
    shown = safe_label(name)
    assert 0 < len(shown) <= LENGTH
    assert not set(shown) & set("/\\\0\n\r")
    assert not {unicodedata.category(letter) for letter in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not any(unicodedata.bidirectional(letter) in {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI"} for letter in shown)
    assert shown.encode().decode() == shown == unicodedata.normalize("NFC", shown) == shown.strip()


@BOUNDED
@given(ANYTHING)
def test_cleaning_a_clean_name_changes_nothing(name: str) -> None:
    assert safe_label(safe_label(name)) == safe_label(name)


@pytest.mark.parametrize(
    "name",
    [
        "![](http://example.org/x.png)",
        "[click](http://example.org)",
        "$x^2$",
        ":red[warning]",
        ":smile: :material/home:",
        "<img src=x onerror=alert(1)>",
        "# heading",
        "`code` **bold** _it_ ~~gone~~",
        "a | b",
        "&lt;",
        "1. one",
    ],
)
def test_every_sign_that_markdown_reads_is_escaped(name: str) -> None:
    text = as_text(name)
    position = 0
    while position < len(text):
        if text[position] == "\\":
            assert text[position + 1].isascii()
            position += 2
        else:
            assert text[position] not in "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~"
            position += 1


@pytest.mark.parametrize(
    "name", [":smile:", "http://example.org", "www.example.org", "me@example.org", " -> ", "a -- b"]
)
def test_what_the_page_finds_again_after_unescaping_is_broken_invisibly(name: str) -> None:
    unescaped = as_text(name).replace("\\", "")
    assert name.strip() not in unescaped
    assert unescaped.replace("\u2060", "") == name.strip()


@BOUNDED
@given(ANYTHING.filter(lambda name: "\u2060" not in name and "\\" not in name))
def test_escaping_loses_no_letter(name: str) -> None:
    assert as_text(name).replace("\\", "").replace("\u2060", "") == " ".join(name.split())


def test_a_second_file_of_the_same_name_gets_a_number() -> None:
    taken: list[str] = []
    for _ in range(3):
        taken.append(unique("photo.jpg", taken))
    assert taken == ["photo.jpg", "photo (2).jpg", "photo (3).jpg"]
    assert unique("no ending", ["no ending"]) == "no ending (2)"
    assert unique(".hidden", [".hidden"]) == ".hidden (2)"


@BOUNDED
@given(st.lists(st.sampled_from(["a.png", "a (2).png", "b", "x" * LENGTH, "y" * 76 + ".png"]), max_size=12))
def test_unique_names_are_unique_and_stay_short(names: list[str]) -> None:
    taken: list[str] = []
    for name in names:
        taken.append(unique(name, taken))
    assert len(set(taken)) == len(taken)
    assert max(map(len, taken), default=0) <= LENGTH
