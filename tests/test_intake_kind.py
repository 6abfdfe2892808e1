"""What is no picture is refused as what it really is, whatever its name says."""

from __future__ import annotations

import subprocess

import pytest

from picture_files import photo, refusal, saved, zipped


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "empty file (0 bytes)"),
        (b"just some words\n", "plain text"),
        ("Gänsefüßchen, 写真".encode() * 500, "plain text"),
        (b"MZ\x90\0\3\0\0\0" + bytes(300), "a program"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "a web page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "vector images are not supported"),
        (b"<?xml version='1.0'?>\n<!-- drawn -->\n<svg></svg>", "vector images are not supported"),
        (b"%PDF-1.7\n" + bytes(90), "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "EPS"),
        (b"\xc5\xd0\xd3\xc6" + bytes(90), "EPS"),
        (b"SIMPLE  =                    T", "FITS"),
        (b"8BPS\0\1" + bytes(90), "Photoshop"),
        (b"\xd7\xcd\xc6\x9a" + bytes(90), "metafile"),
        (b"\0\0\0\x18ftypheic" + bytes(90), "an HEIC file, which we cannot read yet. Save it as JPEG"),
        (b"\0\0\0\x18ftypavif" + bytes(90), "an AVIF file, which we cannot read yet. Save it as JPEG"),
        (b"\0\0\0\x18ftypisom" + bytes(90), "a video"),
        (zipped(b""), "a zip archive"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS"),
        (bytes(500), "zero bytes"),
        (bytes(range(128, 256)) * 4, "of no kind we know"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_picture_is_refused_as_what_it_is(data: bytes, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*args: object, **options: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", started)
    assert kind in refusal(data)


def test_a_cameras_raw_file_is_not_shown_as_its_thumbnail() -> None:
    assert "raw" in refusal(saved(photo(), "TIFF"), "shot.dng")
