"""Whatever is brought becomes a data set as far as it can, and every file that does not is named with its reason."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from brought_files import brought, jpeg, paths, png, zipped

from picture_files import photo, saved
from xai_core.datasets import importing
from xai_core.datasets.dataset import dataset, datasets
from xai_core.datasets.importing import ImportDataset
from xai_core.errors import LibraryError
from xai_core.jobs import on_device
from xai_core.library import incoming
from xai_core.library.home import VARIABLE
from xai_core.progress import Cancelled

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


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
        with pytest.raises(LibraryError, match=rf"^a\.zip (is not a picture but )?{words}"):
            brought(("a.zip", content))
    assert datasets() == ()


def test_nothing_usable_is_one_sentence_with_the_first_reasons() -> None:
    with pytest.raises(LibraryError, match=r"^None of 5 files is usable\. 0\.txt is not .* And 2 more\.$"):
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
    left = [path for path in library.rglob("*") if path.is_file() and not path.name.endswith(".lock")]
    assert left == []


def test_an_import_leaves_only_the_data_set(library: Path) -> None:
    brought(("a.zip", zipped(("a.jpg", jpeg(1)))))
    left = {
        str(path.relative_to(library))
        for path in library.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    }
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
