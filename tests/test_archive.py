"""A zip archive is judged by its list of contents before anything in it is unpacked."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from picture_files import photo, saved
from xai_core.datasets import archive
from xai_core.datasets.archive import Plan, UnusableArchive, is_junk
from xai_core.datasets.sources import parts
from xai_core.limits import ARCHIVE_FILES

JPEG = saved(photo(), "JPEG")


def packed(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes], packing: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as out:
        for name, content in members:
            out.writestr(name, content, packing)
    return path


def planned(path: Path) -> Plan:
    with archive.opened(path, path.name) as opened:
        return archive.plan(opened, path.name)


def patched(path: Path, signature: bytes, at: int, form: str, *values: int) -> None:
    """Overwrite fields of the first structure of a zip file that begins with this signature."""
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, data.index(signature) + at, *values)
    path.write_bytes(data)


@pytest.mark.parametrize(
    "name", ["../evil.jpg", "a/../../evil.jpg", "/evil.jpg", "C:/evil.jpg", "c:evil.jpg", "..", "a\\evil.jpg"]
)
def test_a_path_that_leads_out_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "a.zip", (name, JPEG), ("good.jpg", JPEG))
    plan = planned(path)
    assert [info.filename for info in plan.members] == ["good.jpg"]
    assert plan.refused == (
        (name, "has a path that leads out of the archive. Pack its folder again with another program."),
    )


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
@settings(derandomize=True, max_examples=300, deadline=None)
def test_no_name_ever_becomes_a_path_that_leads_anywhere(name: str) -> None:
    made = parts(name)
    assert made
    assert not any(part in ("", ".", "..") or set(part) & set("/\\\0") for part in made)


def test_a_link_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.jpg")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    plan = planned(packed(tmp_path / "a.zip", (link, b"/etc/passwd")))
    assert (plan.members, plan.refused[0][1][:24]) == ((), "is a link or a device, n")


def test_overlapping_entries_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    path = packed(tmp_path / "bomb.zip", *((f"{number}.jpg", bytes(500_000)) for number in range(3)))
    with zipfile.ZipFile(path) as whole:
        first, second = whole.infolist()[:2]
    data = path.read_bytes()
    start = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
    assert struct.unpack_from("<I", data, start + 42)[0] == second.header_offset
    path.write_bytes(data[: start + 42] + struct.pack("<I", first.header_offset) + data[start + 46 :])
    with pytest.raises(UnusableArchive, match=r"^bomb\.zip (has overlapping entries|is a damaged)"):
        planned(path)


def test_an_archive_that_unfolds_to_too_much_is_refused_by_what_it_declares(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", *((f"{number}.jpg", JPEG) for number in range(20)))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as whole:
        at = whole.start_dir
    while (at := data.find(b"PK\1\2", at)) >= 0:
        struct.pack_into("<I", data, at + 24, 2**30)
        at += 4
    path.write_bytes(data)
    with pytest.raises(UnusableArchive, match=r"^a\.zip unfolds to 20\.0 GB; the limit is 4\. Bring it in several"):
        planned(path)


def test_an_entry_that_unfolds_a_thousand_times_is_refused(tmp_path: Path) -> None:
    plan = planned(packed(tmp_path / "a.zip", ("a.bmp", bytes(20_000_000)), ("flat.png", bytes(100_000))))
    assert plan.refused == (("a.bmp", "unfolds to more than 200 times its packed size, as only a trap does."),)
    assert [info.filename for info in plan.members] == ["flat.png"]  # small drawings do pack that well


@pytest.mark.parametrize("declared", [len(JPEG) - 10, len(JPEG) + 10])
def test_a_size_that_lies_is_found_out(tmp_path: Path, declared: int) -> None:
    path = packed(tmp_path / "a.zip", ("a.jpg", JPEG))
    patched(path, b"PK\1\2", 24, "<I", declared)
    with archive.opened(path, "a.zip") as opened:
        (info,) = archive.plan(opened, "a.zip").members
        with pytest.raises(UnusableArchive, match="is damaged inside the archive"):
            archive.unpacked(opened, info)


def test_a_wrong_checksum_is_found_out(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", ("a.jpg", JPEG), ("b.jpg", JPEG), packing=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    with archive.opened(path, "a.zip") as opened:
        bad, good = archive.plan(opened, "a.zip").members
        with pytest.raises(UnusableArchive, match=r"^is damaged inside the archive\. Pack it again\.$"):
            archive.unpacked(opened, bad)
        assert archive.unpacked(opened, good) == JPEG


def encrypted(path: Path) -> None:
    patched(path, b"PK\1\2", 8, "<H", 1)


def unknown_packing(path: Path) -> None:
    patched(path, b"PK\1\2", 10, "<H", 9)  # Deflate64, as Windows makes of large files


def lzma(path: Path) -> None:
    patched(path, b"PK\1\2", 10, "<H", 14)  # could ask for gigabytes of memory


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (encrypted, "is encrypted. Pack it without a password."),
        (unknown_packing, "is packed in a way that we cannot read. Pack it again as an ordinary zip."),
        (lzma, "is packed in a way that we cannot read. Pack it again as an ordinary zip."),
    ],
)
def test_one_member_that_cannot_be_read_does_not_cost_the_others(
    tmp_path: Path, change: Callable[[Path], None], words: str
) -> None:
    path = packed(tmp_path / "a.zip", ("a.jpg", JPEG), ("b.jpg", JPEG))
    change(path)
    plan = planned(path)
    assert plan.refused == (("a.jpg", words),)
    assert [info.filename for info in plan.members] == ["b.jpg"]


@pytest.mark.parametrize("name", ["inner.zip", "INNER.ZIP", "a/b.rar", "c.7z", "d.tar.gz", "e.tgz"])
def test_an_archive_inside_is_listed_and_not_opened(tmp_path: Path, name: str) -> None:
    plan = planned(packed(tmp_path / "a.zip", (name, b"PK\3\4")))
    assert plan.refused == ((name, "is an archive inside the archive. Unpack it and bring its pictures."),)


def test_what_systems_add_by_themselves_is_ignored_and_counted(tmp_path: Path) -> None:
    junk = ("__MACOSX/a/._a.jpg", "a/._b.jpg", ".DS_Store", "a/Thumbs.db", "desktop.ini", ".git/config")
    plan = planned(packed(tmp_path / "a.zip", ("empty/", b""), *((name, b"") for name in junk), ("a/b.jpg", JPEG)))
    assert (len(plan.members), plan.refused, plan.ignored) == (1, (), len(junk))  # a folder is no file
    assert not is_junk("../good.jpg")


def test_a_hundred_thousand_entries_are_refused_from_the_end_record_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        for number in range(1000):
            out.writestr(f"{number}.jpg", b"")
    patched(tmp_path / "a.zip", b"PK\5\6", 10, "<H", 60_000)
    monkeypatch.setattr(archive.zipfile, "ZipFile", None)  # must not be needed
    with pytest.raises(UnusableArchive, match=r"^a\.zip has 60,000 entries .* the limit is 20,000"):
        planned(tmp_path / "a.zip")


def test_an_archive_that_says_it_has_fewer_entries_than_it_has_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        for number in range(ARCHIVE_FILES + 1):
            out.writestr(str(number), b"")
    patched(tmp_path / "a.zip", b"PK\5\6", 10, "<H", 5)
    with pytest.raises(UnusableArchive, match=r"^a\.zip has 20,001 entries"):
        planned(tmp_path / "a.zip")


def test_more_entries_than_the_old_form_can_count_are_counted(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        for number in range(70_000):
            out.writestr(str(number), b"")
    with pytest.raises(UnusableArchive, match=r"^a\.zip has 70,000 entries"):
        planned(tmp_path / "a.zip")


def test_an_archive_that_is_cut_off_says_so(tmp_path: Path) -> None:
    whole = packed(tmp_path / "a.zip", ("a.jpg", JPEG), ("b.jpg", JPEG)).read_bytes()
    for length in (4, 30, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        (tmp_path / "a.zip").write_bytes(whole[:length])
        with pytest.raises(UnusableArchive, match=r"^a\.zip is a damaged or unfinished zip archive"):
            planned(tmp_path / "a.zip")


def test_a_comment_at_the_end_does_not_hide_the_list(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", ("a.jpg", JPEG))
    with zipfile.ZipFile(path, "a") as out:
        out.comment = b"x" * 65_000
    assert len(planned(path).members) == 1


@given(st.integers(0, 10_000), st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 255)), max_size=8))
@settings(derandomize=True, max_examples=300, deadline=None)
def test_no_damage_is_a_surprise(
    tmp_path_factory: pytest.TempPathFactory, length: int, changes: list[tuple[int, int]]
) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for number in range(3):
            out.writestr(f"a/{number}.jpg", JPEG[: 300 * number])
    data = bytearray(buffer.getvalue())
    for at, value in changes:
        data[at % len(data)] = value
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(data[: max(4, len(data) - length)] if length < 50 else data)
    with suppress(UnusableArchive), archive.opened(path, "a.zip") as opened:  # whatever else is raised fails the test
        for info in archive.plan(opened, "a.zip").members:
            with suppress(UnusableArchive):
                archive.unpacked(opened, info)


def test_a_pytorch_model_is_no_archive_of_pictures() -> None:
    import torch

    torch.save({"weight": torch.zeros(3)}, out := io.BytesIO())
    assert not archive.is_archive(out.getvalue()[:4096])
    assert archive.is_archive(b"PK\3\4" + bytes(60))
    assert not archive.is_archive(JPEG)
