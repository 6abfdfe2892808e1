"""Whatever is brought becomes a data set as far as it can, and every file that does not is named with its reason."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pytest

from picture_files import photo, saved
from xai_core.datasets import importing
from xai_core.datasets.dataset import dataset, datasets
from xai_core.datasets.importing import ImportDataset, ImportedDataset
from xai_core.datasets.layout import arrange, natural
from xai_core.errors import LibraryError
from xai_core.jobs import on_device
from xai_core.library import incoming
from xai_core.library.home import VARIABLE
from xai_core.limits import UPLOAD_BYTES
from xai_core.progress import Cancelled

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def jpeg(number: int) -> bytes:
    return saved(np.roll(photo(), number, axis=1), "JPEG")


def png(number: int) -> bytes:
    return saved(np.roll(photo(), number, axis=1), "PNG")


def zipped(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def brought(*files: tuple[str, bytes | Path]) -> ImportedDataset:
    return ImportDataset(incoming.stage(files), "Pets").answer()


def paths(key: str) -> list[str]:
    return [item.file for item in dataset(key).items]


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_a_zip_and_a_folder_of_the_same_pictures_make_the_same_data_set(form: str) -> None:
    files = [(f"pets/{name}/{number}.jpg", jpeg(number + ord(name) % 7 * 20)) for name in "ba" for number in (10, 9)]
    report = brought(("pets.zip", zipped(*files))) if form == "zip" else brought(*files)
    made = dataset(report.key)
    assert made.classes == ("a", "b")
    assert report.kept == (("a", "", 2), ("b", "", 2))
    assert paths(report.key) == ["a/9.jpg", "a/10.jpg", "b/9.jpg", "b/10.jpg"]
    assert (made.folder / "b" / "9.jpg").read_bytes() == jpeg(9 + ord("b") % 7 * 20)
    assert (report.duplicates, report.refused, report.ignored, report.notes) == (0, (), 0, ())
    assert report.layout == "a folder for each of 2 classes"


LAYOUTS: list[tuple[list[str], tuple[str, ...], list[tuple[str | None, str]]]] = [
    (["1.jpg", "2.jpg"], (), [(None, ""), (None, "")]),
    (["cat/1.jpg", "dog/1.jpg"], ("cat", "dog"), [("cat", ""), ("dog", "")]),
    (["top/cat/1.jpg", "top/dog/1.jpg"], ("cat", "dog"), [("cat", ""), ("dog", "")]),
    (["cat/1.jpg", "cat/2.jpg"], ("cat",), [("cat", ""), ("cat", "")]),
    (["cat/deep/er/1.jpg", "dog/1.jpg"], ("cat", "dog"), [("cat", ""), ("dog", "")]),
    (["train/cat/1.jpg", "test/cat/2.jpg"], ("cat",), [("cat", "train"), ("cat", "test")]),
    (["d/Train/cat/1.jpg", "d/VAL/cat/2.jpg"], ("cat",), [("cat", "train"), ("cat", "validation")]),
    (["train/cat/1.jpg", "train/dog/2.jpg"], ("cat", "dog"), [("cat", "train"), ("dog", "train")]),
    (["train/1.jpg", "valid/2.jpg"], (), [(None, "train"), (None, "validation")]),
    (["train/cat/1.jpg", "readme.txt", "docs/x.md"], ("cat",), [("cat", "train"), (None, ""), (None, "")]),
    (["top/cat/1.jpg", "top/dog/1.jpg", "2.jpg"], ("cat", "dog"), [("cat", ""), ("dog", ""), (None, "")]),
    (["class 10/a.jpg", "class 9/a.jpg"], ("class 9", "class 10"), [("class 10", ""), ("class 9", "")]),
    (["train/a.jpg", "cat/b.jpg"], ("cat", "train"), [("train", ""), ("cat", "")]),
    (["without/ending", "any/where"], ("any", "without"), [("without", ""), ("any", "")]),
]


@pytest.mark.parametrize(("names", "classes", "places"), LAYOUTS)
def test_folders_say_class_and_part(
    names: list[str], classes: tuple[str, ...], places: list[tuple[str | None, str]]
) -> None:
    layout = arrange([tuple(name.split("/")) for name in names])
    found = [(None if place.label is None else layout.classes[place.label], place.split) for place in layout.places]
    assert (layout.classes, found) == (classes, places)


def test_classes_are_those_that_torchvision_sees(tmp_path: Path) -> None:
    from torchvision.datasets import ImageFolder

    for name in ("zebra", "cat", "dog"):
        for number in range(2):
            path = tmp_path / "pictures" / name / "inner" / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(png(number + 2 * ord(name[0])))
    theirs = ImageFolder(tmp_path / "pictures")
    files = [(str(path.relative_to(tmp_path)), path) for path in (tmp_path / "pictures").rglob("*.png")]
    ours = dataset(brought(*files).key)
    assert list(ours.classes) == theirs.classes
    same = [(np.asarray(image), label) for image, label in theirs]
    for item, (pixels, label) in zip(ours.items, same, strict=True):
        assert item.label == label
        assert np.array_equal(ours.picture(item).pixels, pixels)


def test_names_are_sorted_as_people_count() -> None:
    right = ["2", "٣", "A1", "a9", "a10", "a" + "9" * 60, "b"]
    assert sorted(set(right), key=natural) == right


def test_several_archives_are_folders_of_their_names() -> None:
    report = brought(("cats.zip", zipped(("1.jpg", jpeg(1)))), ("dogs.zip", zipped(("1.jpg", jpeg(2)))))
    assert report.kept == (("cats", "", 1), ("dogs", "", 1))


def test_the_same_pixels_are_kept_once_and_counted(library: Path) -> None:
    report = brought(
        ("a/1.png", png(1)),
        ("a/copy.png", png(1)),
        ("a/other form.bmp", saved(np.roll(photo(), 1, axis=1), "BMP")),
        ("b/1.png", png(1)),
        ("b/2.png", png(2)),
    )
    assert report.kept == (("a", "", 1), ("b", "", 1))
    assert report.duplicates == 3
    assert report.notes == ("1 picture is in more than one class; each was kept in the first.",)


def test_a_picture_in_training_and_in_test_is_said() -> None:
    report = brought(("train/a/1.png", png(1)), ("test/a/2.png", png(1)), ("test/a/3.png", png(3)))
    assert "1 picture is in more than one part of the data; each was kept in the first." in report.notes


def test_bad_files_cost_no_good_one_and_each_has_its_reason() -> None:
    report = brought(
        ("p/a/good.jpg", jpeg(1)),
        ("p/a/cut.jpg", jpeg(2)[:400]),
        ("p/a/text.jpg", b"hello there"),
        ("p/b/empty.png", b""),
        ("p/b/good.png", png(3)),
        ("p/b/inner.rar", b"Rar!\x1a\x07\0"),
        ("p/notes.txt", b"about these pictures"),
    )
    assert report.kept == (("a", "", 1), ("b", "", 1))
    assert dict(report.refused).keys() == {
        "p/a/cut.jpg",
        "p/a/text.jpg",
        "p/b/empty.png",
        "p/b/inner.rar",
        "p/notes.txt",
    }
    assert dict(report.refused)["p/a/text.jpg"].startswith("is not a picture but plain text. Drop")
    assert dict(report.refused)["p/b/inner.rar"].startswith("is not a picture but a RAR archive. Unpack it")


def test_names_that_differ_in_case_or_spelling_alone_are_all_kept(library: Path) -> None:
    composed, apart = (unicodedata.normalize(form, "é.jpg") for form in ("NFC", "NFD"))
    names = ("a/x.jpg", "a/X.jpg", f"a/{composed}", f"a/{apart}", "b/y.jpg", "b/y.jpg")
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive = zipped(*((name, jpeg(number)) for number, name in enumerate(names)))
    report = brought(("a.zip", archive))
    files = paths(report.key)
    assert report.pictures == 6
    assert len({file.casefold() for file in files}) == 6
    assert sorted(hashlib.sha256((dataset("Pets").folder / file).read_bytes()).hexdigest() for file in files) == sorted(
        hashlib.sha256(jpeg(number)).hexdigest() for number in range(6)
    )
    assert report.notes == ("3 × the same name, but for upper and lower case; every file has its own now.",)


def test_hostile_names_lead_nowhere(library: Path) -> None:
    names = ("../../etc/x.png", "/abs.png", "C:\\w.png", "a/../../b.png", "CON.png", "-rf.png", "x\0y.png", "." * 300)
    report = brought(*((name, png(number)) for number, name in enumerate(names)))
    made = dataset(report.key)
    assert report.pictures + report.ignored == len(names)
    outside = [path for path in library.parent.rglob("*.png") if made.folder not in path.parents]
    assert outside == []


def test_a_refused_archive_is_refused_with_its_true_kind(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("../evil.png"))
    cases = [
        ((tmp_path / "a.tar").read_bytes(), r"a tar archive\. Unpack it and drop the pictures inside"),
        (b"\x1f\x8b\x08\0", "a gzip archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"Rar!\x1a\x07\0", "a RAR archive"),
        (b"", "is an empty file"),
        (zipped(("a.jpg", jpeg(1)))[:200], "is a damaged or unfinished zip archive"),
    ]
    for content, words in cases:
        with pytest.raises(LibraryError, match=rf"^0 of 1 files are usable\. a\.zip (is not a picture but )?{words}"):
            brought(("a.zip", content))
    assert datasets() == ()


def test_nothing_usable_is_one_sentence_with_the_first_reasons() -> None:
    with pytest.raises(LibraryError, match=r"^0 of 5 files are usable\. 0\.txt is not .* And 2 more\.$"):
        brought(("a.zip", zipped(*((f"{number}.txt", b"words") for number in range(5)))))
    with pytest.raises(LibraryError, match="There is no picture in what was brought"):
        brought(("a.zip", zipped((".DS_Store", b""))))


@pytest.mark.parametrize("stop_at", [0.0, 0.3, 0.97])
def test_a_stopped_import_leaves_nothing_behind(library: Path, stop_at: float) -> None:
    def stop(fraction: float, note: str) -> None:
        if fraction >= stop_at:
            raise Cancelled

    with pytest.raises(Cancelled):
        ImportDataset(incoming.stage([(f"{n}.jpg", jpeg(n)) for n in range(20)]), "Pets").answer(progress=stop)
    assert datasets() == ()
    left = [path for path in library.rglob("*") if path.is_file() and path.name != ".lock"]
    assert left == []


def test_an_import_leaves_only_the_data_set(library: Path) -> None:
    brought(("a.zip", zipped(("a.jpg", jpeg(1)))))
    left = {str(path.relative_to(library)) for path in library.rglob("*") if path.is_file() and path.name != ".lock"}
    assert left == {"datasets/Pets/a.jpg", "datasets/Pets/.thumbnails/a.jpg.jpg", "datasets/Pets/manifest.json"}


def test_progress_only_rises_and_says_where_it_is() -> None:
    seen: list[tuple[float, str]] = []
    ImportDataset(incoming.stage([(f"{n}.jpg", jpeg(n)) for n in range(9)]), "Pets").answer(
        progress=lambda fraction, note: seen.append((fraction, note))
    )
    assert [fraction for fraction, _ in seen] == sorted(fraction for fraction, _ in seen)
    assert seen[-2][1] == "9 of 9 files"


def test_an_import_takes_no_turn_at_the_device() -> None:
    assert not on_device(ImportDataset("x", "y"))


@pytest.mark.parametrize("staged", ["gone", "../datasets", "", "a/b"])
def test_an_upload_that_is_gone_or_never_was_is_asked_for_again(staged: str) -> None:
    with pytest.raises(LibraryError, match=r"no longer there\. Upload them again"):
        ImportDataset(staged, "Pets").answer()


def test_an_upload_that_is_too_large_is_refused_and_not_kept(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "UPLOAD_BYTES", 10)
    monkeypatch.setattr(incoming, "UPLOAD_FILES", 2)
    with pytest.raises(LibraryError, match="These files are more than"):
        incoming.stage([("a.jpg", b"123456"), ("b.jpg", b"123456")])
    with pytest.raises(LibraryError, match="These are more than 2 files"):
        incoming.stage([("a.jpg", b"1")] * 3)
    assert list((library / "incoming").iterdir()) == []
    assert UPLOAD_BYTES >= 2**30


def test_an_upload_that_nobody_imports_is_swept_after_a_day(library: Path) -> None:
    import os
    import time

    old, new = incoming.stage([("a.jpg", b"1")]), incoming.stage([("a.jpg", b"1")])
    os.utime(library / "incoming" / old, (time.time() - 90_000,) * 2)
    incoming.stage([])
    assert not (library / "incoming" / old).exists()
    assert (library / "incoming" / new).exists()


def test_the_order_of_results_does_not_depend_on_who_is_ready_first(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [(f"{name}/{number}.jpg", jpeg(number % 7 + ord(name))) for name in "ab" for number in range(14)]
    first = brought(*files)
    second = brought(*reversed(files))
    assert [item.digest for item in dataset(first.key).items] == [item.digest for item in dataset(second.key).items]
    assert (first.kept, first.duplicates) == (second.kept, second.duplicates)


def test_what_a_page_needs_of_imports_loads_no_torch() -> None:
    names = ", ".join((importing.__name__, "xai_core.datasets.adopting", "xai_core.library.incoming"))
    heavy = ("torch", "torchvision", "timm", "skimage", "sklearn")
    code = f"import sys, {names}\nassert not set({heavy}) & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
