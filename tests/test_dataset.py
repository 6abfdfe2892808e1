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
from xai_core.datasets.dataset import Given, contents, dataset, datasets, save
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


def test_no_half_of_a_thumbnail_stays_where_the_disk_runs_full(monkeypatch: pytest.MonkeyPatch) -> None:
    made = save("a", (), [(picture(), "a", None, "")], {})
    path = made.thumbnail(made.items[0])
    path.unlink()

    def half(self: Path, data: bytes) -> None:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", half)
        with pytest.raises(OSError, match="No space left"):
            made.thumbnail(made.items[0])
    assert list(path.parent.iterdir()) == []
    assert made.thumbnail(made.items[0]) == path


def test_what_became_of_a_picture_that_cannot_be_had_is_said_without_a_path(library: Path) -> None:
    made = save("Pets", (), [(picture(n), name, None, "") for n, name in enumerate(("a", "b"))], {})
    first, second = made.items
    (made.folder / first.file).write_bytes(b"half")
    (made.folder / second.file).unlink()
    with pytest.raises(LibraryError, match=r"^a\.png of the data set “Pets” is damaged: .* or bring the pictures in"):
        made.picture(first)
    with pytest.raises(LibraryError, match=r"^b\.png of the data set “Pets” is no longer there") as gone:
        made.picture(second)
    assert str(library) not in str(gone.value)
    entries.remove("datasets", made.key)
    with pytest.raises(LibraryError, match=r"^The data set “Pets” has been removed from the library meanwhile\. Undo"):
        made.picture(first)


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


def test_the_manifest_says_what_every_file_is(library: Path) -> None:
    save("a", ("cat",), [(picture(), "a", 0, "train")], {})
    found = json.loads((library / "datasets" / "a" / "manifest.json").read_text())
    assert found["classes"] == ["cat"]
    assert found["items"] == [
        {"file": "train/cat/a.png", "label": 0, "split": "train", "digest": picture().digest, "name": "a.png"}
    ]
