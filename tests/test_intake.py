"""Odd and hostile files: refused by name, cause, limit and next step, before they can do harm."""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from picture_files import chunk, photo, png, promised_png, refusal, saved, zipped
from xai_core.errors import UnreadablePicture
from xai_core.intake import open_picture, read_picture
from xai_core.limits import PICTURE_BYTES
from xai_core.picture import Picture

ROOT = Path(__file__).parent.parent
RGB = photo()
JPEG = saved(RGB, "JPEG", quality=95)
PNG = saved(RGB, "PNG")


@pytest.mark.parametrize(
    ("width", "height", "claim"),
    [
        (50_000, 50_000, "50,000 × 50,000 pixels = 2,500 megapixels; the limit is 40"),
        (13_300, 13_300, "176.9 megapixels"),
        (9_459, 9_459, "89.5 megapixels"),
        (8_001, 5_000, "40.1 megapixels"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_more_pixels_than_the_limit_are_refused_from_the_header(width: int, height: int, claim: str) -> None:
    assert claim in refusal(promised_png(width, height))


@pytest.mark.filterwarnings("error")
def test_every_formats_own_header_is_believed_before_its_decoder_runs() -> None:
    small = {form: saved(RGB[:8, :9], form, **options) for form, options in FORMS.items()}
    huge = {  # the bytes that hold width and height, replaced
        "GIF": (6, struct.pack("<HH", 60_000, 50_000)),
        "BMP": (18, struct.pack("<ii", 60_000, -50_000)),
        "JPEG": (small["JPEG"].index(b"\xff\xc0") + 5, struct.pack(">HH", 50_000, 60_000)),
        "WEBP": (26, struct.pack("<HH", 16_000, 16_000)),
    }
    for form, (at, size) in huge.items():
        data = small[form][:at] + size + small[form][at + len(size) :]
        assert ("256" if form == "WEBP" else "3,000") + " megapixels" in refusal(data)
    tiff = bytearray(small["TIFF"])
    for tag, side in ((256, 60_000), (257, 50_000)):
        at = tiff.index(struct.pack("<HHI", tag, 4, 1)) + 8
        tiff[at : at + 4] = struct.pack("<I", side)
    assert "3,000 megapixels" in refusal(bytes(tiff))


FORMS = {"JPEG": {}, "PNG": {}, "WEBP": {}, "GIF": {}, "BMP": {}, "TIFF": {}}


@pytest.mark.parametrize(
    ("width", "height", "ratio"), [(1, 20_000, "20,000:1"), (60_000, 2, "30,000:1"), (21, 1, "21:1")]
)
def test_a_sliver_is_refused_before_anything_is_resized(width: int, height: int, ratio: str) -> None:
    message = refusal(png(width, height))
    assert ratio in message
    assert "20:1" in message


def test_a_ratio_of_exactly_the_limit_is_accepted() -> None:
    assert read_picture(png(400, 20), "a.png").width == 400


@pytest.mark.parametrize("side", [1, 2, 7])
def test_a_tiny_picture_is_accepted_and_called_very_small(side: int) -> None:
    assert any("Very small" in note for note in read_picture(png(side, side), "a.png").notes)
    assert not any("Very small" in note for note in read_picture(png(8, 8), "a.png").notes)


def test_a_file_over_the_limit_by_one_byte_is_refused() -> None:
    assert "25 MB (26,214,400 bytes)" in refusal(PNG + bytes(PICTURE_BYTES + 1 - len(PNG)))
    assert read_picture(PNG + bytes(PICTURE_BYTES - len(PNG)), "a.png").digest == Picture.of(RGB, "a").digest


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
def test_a_file_that_was_cut_off_is_refused(form: str, share: float) -> None:
    noisy = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = saved(noisy, form, **FORMS[form])
    assert "again" in refusal(data[: int(len(data) * share)])


def test_a_jpeg_without_its_last_two_bytes_is_called_cut_off() -> None:
    assert "cut off" in refusal(JPEG[:-2], "photo.jpg")
    assert "cut off" in refusal(JPEG[: len(JPEG) // 2], "photo.jpg")


def test_a_png_without_its_end_mark_still_has_all_its_pixels() -> None:
    assert read_picture(PNG[:-12], "a.png").digest == read_picture(PNG, "a.png").digest


def test_a_flipped_bit_in_a_png_is_found_by_its_checksum() -> None:
    middle = PNG.index(b"IDAT") + 40
    assert "checksum" in refusal(PNG[:middle] + bytes([PNG[middle] ^ 1]) + PNG[middle + 1 :])


def test_a_jpeg_that_still_decodes_after_a_flipped_bit_has_another_digest() -> None:
    at = len(JPEG) - 40
    flipped = read_picture(JPEG[:at] + bytes([JPEG[at] ^ 8]) + JPEG[at + 1 :], "a.jpg")
    assert flipped.digest != read_picture(JPEG, "a.jpg").digest


def test_content_beats_the_name_and_the_difference_is_said() -> None:
    picture = read_picture(PNG, "photo.jpg")
    assert picture.digest == Picture.of(RGB, "a").digest
    assert picture.notes == ("Its name ends in .jpg, but it is really a PNG file and was read as one.",)
    assert read_picture(PNG, "no ending").notes == read_picture(PNG, "PHOTO.PNG").notes == ()


def test_what_hangs_on_to_a_picture_is_left_behind() -> None:
    plain = read_picture(JPEG, "a.jpg")
    assert read_picture(JPEG + zipped(PNG), "a.jpg").digest == plain.digest
    gif = saved(RGB, "GIF")
    assert read_picture(gif + b"<script>alert(1)</script>", "a.gif").digest == read_picture(gif, "a.gif").digest


def frames(count: int, side: int = 40) -> list[Image.Image]:
    return [Image.fromarray(photo(side, side) // (index + 1)) for index in range(count)]


@pytest.mark.parametrize(
    ("form", "word"), [("GIF", "frames"), ("PNG", "frames"), ("WEBP", "frames"), ("TIFF", "pages")]
)
def test_only_the_first_frame_is_shown_and_the_others_are_counted(form: str, word: str) -> None:
    first, *others = frames(12)
    options = {"lossless": True} if form == "WEBP" else {}
    data = saved(first, form, save_all=True, append_images=others, **options)
    picture = read_picture(data, "a")
    assert any(f"1 of 12 {word}" in note for note in picture.notes)
    assert np.abs(picture.pixels.astype(int) - np.asarray(first)).mean() < (12 if form == "GIF" else 0.01)


def test_a_long_animation_is_not_counted_to_its_end() -> None:
    image = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x44\1\0"
    table = b"GIF89a" + struct.pack("<HHBBB", 9, 9, 0x80, 0, 0) + bytes(6)
    picture = read_picture(table + image * 400_000 + b";", "a.gif")
    assert any("1 of more than 1,000 frames" in note for note in picture.notes)


def test_a_tiff_whose_pages_go_in_a_circle_has_one() -> None:
    data = bytearray(saved(RGB, "TIFF"))
    (first,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * entries, first)
    assert read_picture(bytes(data), "a.tif").notes == ()


def many_scans(count: int) -> bytes:
    progressive = saved(RGB, "JPEG", progressive=True)
    scan = progressive[progressive.rindex(b"\xff\xda") : -2]
    return progressive[:-2] + scan * count + b"\xff\xd9"


def test_a_jpeg_of_thousands_of_passes_is_refused() -> None:
    assert "passes" in refusal(many_scans(10_000))
    assert read_picture(many_scans(20), "a.jpg").width == 64


TRAPS = {  # keyed by the word that the refusal must contain, last
    "compressed text": png(8, 8, chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(80_000_000), 9))),
    "translated text": png(8, 8, chunk(b"iTXt", b"k\0\1\0en\0k\0" + zlib.compress(bytes(80_000_000), 9))),
    "many small text": png(8, 8, *[chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(900_000), 9))] * 60),
    "2500 megapixels": promised_png(50_000, 50_000),
    "a million JPEG parts": b"\xff\xd8" + b"\xff\xfe\0\2" * 1_000_000,
    "a million PNG parts": png(8, 8, chunk(b"abCd", b"") * 1_000_000),
    "a million GIF comments": b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0, 0, 0) + b"\x21\xfe\0" * 1_000_000,
    "BMP run-length": saved(Image.new("P", (8, 8)), "BMP")[:30] + b"\1\0\0\0" + bytes(3_000_000),
}

MEMORY_OF_TRAPS = """
import resource, sys
from pathlib import Path
from xai_core.errors import UnreadablePicture
from xai_core.intake import open_picture

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        open_picture(path)
    except UnreadablePicture as error:
        print(error)
rise = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(rise / (2**20 if sys.platform == "darwin" else 2**10))
"""


def test_traps_are_refused_in_little_memory(tmp_path: Path) -> None:
    for index, data in enumerate(TRAPS.values()):
        (tmp_path / f"{index}.png").write_bytes(data)
    told = subprocess.run(
        [sys.executable, "-c", MEMORY_OF_TRAPS, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    *answers, megabytes = told.stdout.splitlines()
    assert len(answers) == len(TRAPS)
    for answer, cause in zip(answers, TRAPS, strict=True):
        assert cause.split()[-1] in answer
    assert float(megabytes) < 40  # twice the largest of these files, and 16


def test_a_picture_is_named_by_its_cleaned_name() -> None:
    assert read_picture(PNG, "../../etc/x.png").name == "x.png"
    assert refusal(b"words", "w.png").startswith("w.png is not a picture")


def test_a_picture_is_opened_from_disk_and_a_missing_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    assert open_picture(tmp_path / "a.png").digest == read_picture(PNG, "b.png").digest
    for path in (tmp_path / "gone.png", tmp_path):
        with pytest.raises(UnreadablePicture, match=path.name):
            open_picture(path)
    with (tmp_path / "large.png").open("wb") as file:
        os.truncate(file.fileno(), PICTURE_BYTES * 4)
    with pytest.raises(UnreadablePicture, match="25 MB"):
        open_picture(tmp_path / "large.png")


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's remarks on broken metadata
def test_whatever_happens_to_a_file_it_is_read_or_refused() -> None:
    chance = random.Random(0)
    honest = [saved(RGB, form, **options) for form, options in FORMS.items()]
    honest += [saved(RGB, "TIFF", compression=packing) for packing in ("tiff_lzw", "tiff_deflate", "jpeg")]
    for _ in range(600):
        data = bytearray(chance.choice(honest))
        for _ in range(chance.choice((1, 2, 8))):
            at = chance.randrange(min(len(data), chance.choice((40, 400, 10_000))))
            data[at : at + chance.choice((0, 1, 1, 4))] = chance.randbytes(chance.choice((0, 1, 1, 4)))
        with suppress(UnreadablePicture):
            assert read_picture(bytes(data), "a.png").pixels.dtype == np.uint8
