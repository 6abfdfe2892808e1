"""Every kind of pixels becomes the upright RGB its author saw, and the change is said."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms
from skimage.color import lab2rgb

from picture_files import (
    P3_TO_XYZ,
    SRGB_TO_XYZ,
    chunk,
    grey_ink_profile,
    photo,
    png,
    rgb_profile,
    saved,
    ycck_jpeg,
)
from xai_core.errors import UnreadablePicture
from xai_core.intake import read_picture
from xai_core.picture import Picture

RGB = photo()


def said(picture: Picture, *words: str) -> bool:
    return all(any(word in note for note in picture.notes) for word in words)


def off(picture: Picture, expected: NDArray[np.generic]) -> float:
    """Largest difference in grey levels."""
    return float(np.abs(picture.pixels.astype(float) - expected).max())


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF"])
def test_plain_colours_arrive_bit_for_bit_and_without_a_note(form: str) -> None:
    picture = read_picture(saved(RGB, form), f"a.{form.lower()}")
    assert np.array_equal(picture.pixels, RGB)
    assert picture.notes == ()
    assert not picture.pixels.flags.writeable


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", [*range(1, 9), 99])
def test_a_turned_photo_equals_its_upright_twin(orientation: int, form: str) -> None:
    # EXIF 2.32, tag 0x0112: how the stored rows and columns lie in the scene
    as_stored = {
        1: RGB,
        2: RGB[:, ::-1],
        3: RGB[::-1, ::-1],
        4: RGB[::-1],
        5: RGB.swapaxes(0, 1),
        6: np.rot90(RGB, 1),
        7: RGB[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(RGB, -1),
        99: RGB,  # no such orientation
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 98, "subsampling": 0}}.get(form, {})
    picture = read_picture(saved(np.ascontiguousarray(as_stored[orientation]), form, exif=exif, **options), "a")
    assert off(picture, RGB) <= (6 if form == "JPEG" else 0)
    assert said(picture, "upright") == (1 < orientation < 9)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0" + b"\xff" * 60_000, b"Exif\0\0II*\0" + b"\x08\0\0\0\xff\xff" + b"\1" * 900]
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_junk_camera_data_change_nothing(exif: bytes) -> None:
    assert read_picture(saved(RGB, "JPEG", quality=98, exif=exif), "a.jpg").digest == (
        read_picture(saved(RGB, "JPEG", quality=98), "a.jpg").digest
    )


def test_see_through_parts_are_put_on_white() -> None:
    alpha = np.tile(np.arange(64, dtype=np.uint8) * 4, (48, 1))
    expected = RGB * (alpha / 255)[..., None] + 255 * (1 - alpha / 255)[..., None]
    for form, options in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True}), ("TIFF", {})):
        picture = read_picture(saved(np.dstack([RGB, alpha]), form, **options), "a")
        assert off(picture, expected) <= 1
        assert said(picture, "white")


def test_an_opaque_alpha_channel_is_not_worth_a_note() -> None:
    assert read_picture(saved(np.dstack([RGB, np.full((48, 64), 255, np.uint8)]), "PNG"), "a.png").notes == ()


def test_a_fully_transparent_picture_is_refused() -> None:
    for image in (np.dstack([RGB, np.zeros((48, 64), np.uint8)]), np.zeros((9, 9, 2), np.uint8)):
        with pytest.raises(UnreadablePicture, match=r"^a\.png is fully transparent"):
            read_picture(saved(image, "PNG"), "a.png")


def test_grey_palette_and_one_bit_pictures_look_as_before() -> None:
    grey = Image.fromarray(RGB).convert("L")
    table = Image.fromarray(RGB).quantize(64)
    for image, word in (
        (grey, "grey"),
        (grey.convert("1"), "black and white"),
        (table, "palette"),
        (grey.convert("LA"), "grey"),
    ):
        picture = read_picture(saved(image, "PNG"), "a.png")
        assert np.array_equal(picture.pixels, np.asarray(image.convert("RGB")))
        assert said(picture, word)


def test_a_palette_with_a_see_through_colour_is_put_on_white() -> None:
    table = Image.fromarray(RGB).quantize(8)
    picture = read_picture(saved(table, "PNG", transparency=3), "a.png")
    hidden = np.asarray(table) == 3
    assert hidden.any()
    assert (picture.pixels[hidden] == 255).all()
    assert np.array_equal(picture.pixels[~hidden], np.asarray(table.convert("RGB"))[~hidden])


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_a_see_through_grey_level_counts_in_the_files_own_bits(bits: int) -> None:
    # one row of two pixels: level 0, and the level declared see-through (1)
    row = {1: b"\x40", 2: b"\x10", 4: b"\x01", 8: b"\x00\x01", 16: b"\x00\x00\x00\x01"}[bits]
    picture = read_picture(png(2, 1, chunk(b"tRNS", b"\0\1"), bits=bits, rows=b"\0" + row), "a.png")
    assert picture.pixels[0].tolist() == [[0, 0, 0], [255, 255, 255]]


def test_a_see_through_colour_of_16_bits_is_found() -> None:
    row = struct.pack(">6H", 0x1200, 0x3400, 0x5600, 0, 0, 0)
    key = chunk(b"tRNS", struct.pack(">3H", 0x1200, 0x3400, 0x5600))
    picture = read_picture(png(2, 1, key, bits=16, colour=2, rows=b"\0" + row), "a.png")
    assert picture.pixels[0].tolist() == [[255, 255, 255], [0, 0, 0]]
    assert said(picture, "16 bits")


def test_print_colours_without_a_profile_are_converted_and_called_rough() -> None:
    cmyk = saved(Image.fromarray(RGB).convert("CMYK"), "JPEG", quality=95)
    tiff = saved(Image.fromarray(RGB).convert("CMYK"), "TIFF")
    for data in (cmyk, tiff, ycck_jpeg(RGB)):
        picture = read_picture(data, "a")
        assert np.abs(picture.pixels.astype(float) - RGB).mean() < 10
        assert said(picture, "CMYK", "rough")


def test_print_colours_go_through_their_own_profile() -> None:
    cyan = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    picture = read_picture(saved(cyan, "TIFF", icc_profile=grey_ink_profile()), "a.tif")
    expected = 255 * lab2rgb(np.array([[[200 / 3, 0.0, 0.0]]]))
    assert off(picture, expected) <= 3
    assert said(picture, "its own profile")


def test_colours_of_a_wider_screen_become_the_same_colours_of_srgb() -> None:
    muted = (RGB // 3 + 70).astype(np.uint8)
    linear = ((muted / 255.0) ** 2.2 @ P3_TO_XYZ.T @ np.linalg.inv(SRGB_TO_XYZ).T).clip(0, 1)
    expected = 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    profile = rgb_profile(P3_TO_XYZ, 2.2, b"Wide screen")
    picture = read_picture(saved(muted, "PNG", icc_profile=profile), "a.png")
    assert off(picture, expected) <= 1
    assert np.abs(muted - expected).max() > 8
    assert said(picture, "Wide screen", "sRGB")


def test_a_profile_that_changes_nothing_changes_nothing() -> None:
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = read_picture(saved(RGB, "PNG", icc_profile=own), "a.png")
    assert np.array_equal(picture.pixels, RGB)
    assert picture.notes == ()


@pytest.mark.parametrize(
    "profile",
    [b"junk", bytes(5000), b"\xff" * (3 * 2**20), rgb_profile(P3_TO_XYZ, 2.2, b"cut")[:200], grey_ink_profile()],
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_a_broken_huge_or_foreign_profile_is_ignored_and_said_so(form: str, profile: bytes) -> None:
    options = {"quality": 98, "subsampling": 0} if form == "JPEG" else {}
    picture = read_picture(saved(RGB, form, icc_profile=profile, **options), "a")
    assert off(picture, RGB) <= (6 if form == "JPEG" else 0)
    assert said(picture, "profile", "ignored")


def test_lab_and_ycbcr_tiffs_are_shown_in_their_colours() -> None:
    lab = Image.new("LAB", (9, 9), (128, 128 + 30, 128 - 20))  # L* 50.2
    expected = 255 * lab2rgb(np.array([[[50.2, 30.0, -20.0]]]))
    assert off(read_picture(saved(lab, "TIFF"), "a.tif"), expected) <= 2
    ycc = read_picture(saved(Image.fromarray(RGB).convert("YCbCr"), "TIFF"), "a.tif")
    assert off(ycc, RGB) <= 4
    assert said(ycc, "YCbCr")


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_16_bit_grey_keeps_its_brightness(form: str) -> None:
    wide = np.linspace(0, 65535, 48 * 64).reshape(48, 64).astype(np.uint16)
    picture = read_picture(saved(wide, form), "a")
    assert off(picture, (wide / 257.0)[..., None]) <= 0.5
    assert said(picture, "65535")


def test_a_dark_16_bit_picture_says_why_it_looks_black() -> None:
    assert said(read_picture(saved(np.full((9, 9), 3000, np.uint16), "TIFF"), "a.tif"), "3000", "nearly black")


def test_white_is_zero_in_the_tiffs_that_say_so() -> None:
    wide = np.linspace(0, 65535, 48 * 64).reshape(48, 64).astype(np.uint16)
    plain = saved(wide, "TIFF")
    tag = plain.index(struct.pack("<HHIH", 262, 3, 1, 1)) + 8
    picture = read_picture(plain[:tag] + b"\0" + plain[tag + 1 :], "a.tif")
    assert off(picture, (255 - wide / 257.0)[..., None]) <= 1


@pytest.mark.parametrize(
    ("low", "high", "kind", "black", "white"),
    [
        (0.0, 1.0, np.float32, 0, 1),
        (0.2, 0.7, np.float32, 0, 1),
        (-1.0, 1.0, np.float32, -1, 1),
        (0.0, 255.0, np.float32, 0, 255),
        (-300.0, 4000.0, np.float32, -300, 4000),
        (0, 1, np.int32, 0, 1),
        (3, 250, np.int32, 0, 255),
        (0, 60_000, np.int32, 0, 65_535),
        (2_000_000_000, 2_000_000_100, np.int32, 2_000_000_000, 2_000_000_100),
    ],
)
def test_measured_values_are_scaled_by_the_rule_that_is_said(
    low: float, high: float, kind: type, black: float, white: float
) -> None:
    levels = np.linspace(low, high, 48 * 64).reshape(48, 64).astype(kind)
    picture = read_picture(saved(levels, "TIFF"), "a.tif")
    assert off(picture, ((levels.astype(float) - black) / (white - black) * 255)[..., None]) <= 0.51
    assert said(picture, "black", "white")


def test_one_value_everywhere_is_middle_grey_and_not_black() -> None:
    picture = read_picture(saved(np.full((9, 9), 5000.0, np.float32), "TIFF"), "a.tif")
    assert set(picture.pixels.ravel().tolist()) == {128}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_refused(value: float) -> None:
    levels = np.zeros((9, 9), np.float32)
    levels[4, 4] = value
    with pytest.raises(UnreadablePicture, match=r"^a\.tif holds values that are not numbers"):
        read_picture(saved(levels, "TIFF"), "a.tif")
