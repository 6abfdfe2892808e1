"""A data set is its pictures on disk, named and labelled, and is there again tomorrow."""

from __future__ import annotations

import errno
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from picture_files import photo, saved
from xai_core.datasets import writing
from xai_core.datasets.adopting import AdoptFolder
from xai_core.datasets.dataset import Given, contents, dataset, datasets, save
from xai_core.datasets.reading import Budget, in_order
from xai_core.errors import LibraryError, UnreadablePicture
from xai_core.library import entries
from xai_core.library.home import VARIABLE
from xai_core.picture import Picture


@pytest.fixture(autouse=True)
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


def picture(number: int = 0) -> Picture:
    return Picture.of(np.roll(photo(200, 320), number, axis=0), f"picture {number}")


def given() -> list[Given]:
    return [(picture(n), "photo.jpg", (0, 1, None)[n % 3], ("train", "validation", "test")[n // 3]) for n in range(9)]


def test_what_is_saved_comes_back_pixel_by_pixel(library: Path) -> None:
    made = save("Pets", ("cat", "dog"), given(), {"by": "a test"})
    assert [made.picture(item).digest for item in made.items] == [item.digest for item in made.items]
    assert [made.picture(item) for item in made.items] == [picture(number) for number in range(9)]
    assert [(item.label, item.split) for item in made.items] == [(label, split) for _, _, label, split in given()]
    assert dataset("Pets") == made
    assert datasets() == (made,)
    assert entries.manifest("datasets", "Pets")["facts"] == {"by": "a test"}


def test_a_person_finds_the_pictures_in_folders_of_their_class(library: Path) -> None:
    save("Pets", ("cat", "dog"), given(), {})
    room = library / "datasets" / "Pets"
    files = sorted(str(path.relative_to(room)) for path in room.rglob("*.png") if ".thumbnails" not in path.parts)
    classes = ("cat", "dog", "without a class")
    assert files == sorted(f"{split}/{name}/photo.png" for split in ("train", "validation", "test") for name in classes)


def test_picture_files_are_kept_byte_for_byte_under_their_true_ending(library: Path) -> None:
    jpeg = saved(photo(), "JPEG")
    made = save("a", (), [(jpeg, "holiday.png", None, "")], {})
    (item,) = made.items
    assert item.file == item.name == "holiday.jpg"
    assert (library / "datasets" / "a" / "holiday.jpg").read_bytes() == jpeg


def test_two_pictures_of_one_name_have_two_files_even_where_case_does_not_count() -> None:
    made = save("a", (), [(picture(n), name, None, "") for n, name in enumerate(("a.jpg", "A.jpg", "a.png"))], {})
    assert [item.name for item in made.items] == ["a.png", "A (2).png", "a (3).png"]


def test_classes_without_pictures_are_dropped_and_the_others_keep_their_pictures() -> None:
    made = save("a", ("none", "cat", "nobody", "dog"), [(picture(0), "a", 3, ""), (picture(1), "b", 1, "")], {})
    assert [made.classes[item.label] for item in made.items if item.label is not None] == ["dog", "cat"]
    assert made.classes == ("cat", "dog")


def test_thumbnails_are_small_upright_jpegs_and_are_drawn_again_when_lost() -> None:
    made = save("a", (), [(picture(), "a", None, "")], {})
    path = made.thumbnail(made.items[0])
    before = path.read_bytes()
    with Image.open(path) as small:
        assert (small.format, small.size) == ("JPEG", (160, 100))
        exact = Image.fromarray(photo(200, 320)).resize((160, 100), Image.Resampling.BOX)
        assert np.abs(np.asarray(small, float) - np.asarray(exact, float)).mean() < 3
    path.unlink()
    assert made.thumbnail(made.items[0]).read_bytes() == before


def test_a_thumbnail_carries_pixels_alone_and_large_pictures_keep_their_own() -> None:
    exif = Image.Exif()
    exif[0x010E] = "where we live"
    jpeg = saved(photo(200, 320), "JPEG", exif=exif, comment=b"who we are")
    made = save("a", (), [(jpeg, "a.jpg", None, "")], {})
    small = made.thumbnail(made.items[0]).read_bytes()
    assert b"we live" not in small
    assert b"we are" not in small
    with Image.open(io.BytesIO(jpeg)) as image:
        assert np.array_equal(made.picture(made.items[0]).pixels, np.asarray(image))


def test_a_picture_that_lies_on_its_side_has_an_upright_thumbnail() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    made = save("a", (), [(saved(photo(200, 320), "JPEG", exif=exif), "a.jpg", None, "")], {})
    with Image.open(made.thumbnail(made.items[0])) as small:
        assert small.size == (100, 160)


def test_nothing_is_kept_when_one_of_the_bytes_is_no_picture() -> None:
    with pytest.raises(UnreadablePicture, match=r"^b\.jpg is not a picture but plain text"):
        save("a", (), [(picture(), "a", None, ""), (b"plain text", "b.jpg", None, "")], {})
    assert datasets() == ()


def test_a_disk_that_is_full_keeps_nothing_and_says_so(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: object, inside: str, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing.PictureFolder, "_write", full)
    with pytest.raises(LibraryError, match=r"^The data set a was not saved: the disk is full"):
        save("a", (), [(picture(), "a", None, "")], {})
    assert datasets() == ()
    assert list((library / "datasets" / ".staging").iterdir()) == []


def test_progress_can_stop_a_save_and_then_nothing_is_kept() -> None:
    def stop(fraction: float, note: str) -> None:
        if note.startswith("3 "):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save("a", (), [(picture(n), "a", None, "") for n in range(9)], {}, stop)
    assert datasets() == ()


@pytest.mark.parametrize(
    "change",
    [
        {"file": "../../secret.png"},
        {"file": "/etc/passwd"},
        {"file": "a\\b"},
        {"file": 7},
        {"label": 5},
        {"label": "cat"},
        {"split": "exam"},
    ],
)
def test_a_manifest_that_points_elsewhere_is_refused(change: dict[str, object]) -> None:
    made = save("a", ("cat",), [(picture(), "a", 0, "")], {})
    entries.change("datasets", made.key, lambda found: {**found, "items": [{**found["items"][0], **change}]})
    with pytest.raises(LibraryError, match="lists no pictures in the form that we know"):
        dataset(made.key)


def test_one_data_set_of_a_strange_form_does_not_hide_the_others() -> None:
    made = save("a", ("cat",), [(picture(), "a", 0, "")], {})
    entries.create("datasets", "strange", lambda folder: {"classes": 3})
    found = contents()
    assert found.datasets == datasets() == (made,)
    assert found.messages == ("strange lists no pictures in the form that we know. Import its pictures again.",)


def test_an_edited_data_set_is_a_new_revision() -> None:
    made = save("a", ("cat",), [(picture(), "a", 0, "")], {})
    entries.change("datasets", made.key, lambda found: {**found, "title": "b"})
    again = dataset(made.key)
    assert (again.title, again.revision, again.items) == ("b", 2, made.items)


def drop(folder: Path, *files: str) -> dict[str, bytes]:
    """Put different pictures into the library by hand."""
    contents = {}
    for number, name in enumerate(files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        contents[name] = saved(np.roll(photo(), number, axis=1), "PNG")
        (folder / name).write_bytes(contents[name])
    return contents


def test_a_folder_of_concept_pictures_is_taken_over_as_it_lies(library: Path) -> None:
    before = drop(library / "concepts" / "striped", "1.png", "2.png", ".DS_Store")
    assert entries.listing("concepts").dropped_in == ("striped",)
    report = AdoptFolder("striped", "concepts").answer()
    (made,) = datasets("concepts")
    assert [(item.file, item.label) for item in made.items] == [("1.png", None), ("2.png", None)]
    assert (report.key, report.pictures, report.ignored) == ("striped", 2, 1)
    assert {name: (library / "concepts" / "striped" / name).read_bytes() for name in before} == before
    assert made.picture(made.items[1]).digest == made.items[1].digest
    assert made.thumbnail(made.items[0]).exists()
    assert entries.listing("concepts").dropped_in == ()


def test_a_folder_of_classes_is_taken_over_with_its_labels(library: Path) -> None:
    drop(library / "datasets" / "My pets!", *(f"{split}/{name}/1.png" for split in ("Train", "val") for name in "ab"))
    (library / "datasets" / "My pets!" / "read me.txt").write_text("hello")
    report = AdoptFolder("My pets!").answer()
    made = dataset("My pets!")
    assert report.kept == (("a", "train", 1), ("a", "validation", 1), ("b", "train", 1), ("b", "validation", 1))
    assert [name for name, _ in report.refused] == ["read me.txt"]
    assert {item.file: (item.label, item.split) for item in made.items} == {
        "Train/a/1.png": (0, "train"),
        "Train/b/1.png": (1, "train"),
        "val/a/1.png": (0, "validation"),
        "val/b/1.png": (1, "validation"),
    }


def test_links_in_a_folder_are_not_followed_and_an_empty_folder_stays_as_it_is(library: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(saved(photo(), "PNG"))
    folder = library / "datasets" / "linked"
    folder.mkdir(parents=True)
    (folder / "a.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(LibraryError, match="There is no picture"):
        AdoptFolder("linked").answer()
    assert [path.name for path in folder.iterdir()] == ["a.png"]


def test_results_come_in_order_whichever_is_ready_first() -> None:
    import threading

    second_is_ready = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert second_is_ready.wait(60)
        if number == 1:
            second_is_ready.set()
        return number

    assert list(in_order(work, range(40), threads=2)) == list(range(40))


def test_never_many_more_are_under_way_than_are_asked_for() -> None:
    taken: list[int] = []

    def things():  # type: ignore[no-untyped-def]
        for number in range(1000):
            taken.append(number)
            yield number

    results = in_order(lambda number: number, things(), threads=2)
    assert next(results) == 0
    assert len(taken) < 10
    results.close()


def test_large_pictures_wait_for_each_other() -> None:
    import threading

    budget, entered = Budget(100), threading.Event()

    def second() -> None:
        with budget.taken(60):
            entered.set()

    with budget.taken(60):
        thread = threading.Thread(target=second)
        thread.start()
        with budget.taken(40):  # still fits
            assert not entered.is_set()
    thread.join()
    assert entered.is_set()


def test_the_manifest_says_what_every_file_is(library: Path) -> None:
    save("a", ("cat",), [(picture(), "a", 0, "train")], {})
    found = json.loads((library / "datasets" / "a" / "manifest.json").read_text())
    assert found["classes"] == ["cat"]
    assert found["items"] == [
        {"file": "train/cat/a.png", "label": 0, "split": "train", "digest": picture().digest, "name": "a.png"}
    ]
