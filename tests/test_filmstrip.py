"""A cascade to show elsewhere: every map where it belongs, in the PNG and in the GIF; letters and lines."""

from __future__ import annotations

import io

import numpy as np
import pytest
from filmed import DISPLAY, Bytes, expected, noise, opened, reel, with_gaps
from numpy.typing import NDArray
from PIL import Image
from skimage.feature import match_template

from xai_core.filmstrip import CELL, GIF_BYTES, GIF_SIDES, Row, gif, page, sheet
from xai_core.filmstrip_page import PAGE_BYTES
from xai_core.lettering import font, wrapped
from xai_core.reel import NOTHING, numeral
from xai_core.render import Display


def places(canvas: Bytes, tile: Bytes) -> list[tuple[int, int]]:
    """Top left corners of every exact copy of the tile, (row, column)."""
    tall, wide = tile.shape[:2]
    starts = np.argwhere((canvas[: len(canvas) - tall + 1, : canvas.shape[1] - wide + 1] == tile[0, 0]).all(axis=-1))
    return [(int(y), int(x)) for y, x in starts if np.array_equal(canvas[y : y + tall, x : x + wide], tile)]


def test_the_sheet_has_every_map_once_methods_down_and_stages_across() -> None:
    shown = reel()
    canvas = opened(sheet(shown, DISPLAY))
    found = [[places(canvas, expected(shown, row, stage)) for stage in range(4)] for row in range(3)]
    assert all(len(spots) == 1 for line in found for spots in line)
    tops = [{spots[0][0] for spots in line} for line in found]
    lefts = [{line[stage][0][1] for line in found} for stage in range(4)]
    assert all(len(same) == 1 for same in (*tops, *lefts))
    assert sorted(map(min, tops)) == list(map(min, tops))
    assert sorted(map(min, lefts)) == list(map(min, lefts))
    pictures = places(canvas, shown.picture)
    assert [y for y, _ in pictures] == list(map(min, tops))
    assert max(x for _, x in pictures) + CELL < min(map(min, lefts))
    assert (canvas[[0, -1]] == 255).all()
    assert (canvas[:, [0, -1]] == 255).all()


def test_a_larger_picture_is_drawn_at_its_own_size_and_then_made_smaller() -> None:
    shown = reel(side=299, methods=1)
    canvas = opened(sheet(shown, DISPLAY))
    for stage in range(4):
        tile = Image.fromarray(expected(shown, 0, stage)).resize((CELL, CELL), Image.Resampling.LANCZOS)
        assert len(places(canvas, np.asarray(tile))) == 1


def test_what_is_drawn_is_strength_and_the_display_is_kept() -> None:
    signed = reel(methods=1)
    row = signed.rows[0]
    strength = tuple(np.abs(values) for values in row.maps if values is not None)
    unsigned = reel(methods=1, rows=(Row(row.title, strength, row.numbers, row.verdict),))
    assert sheet(signed, DISPLAY) == sheet(unsigned, DISPLAY)
    jet = Display(colours="jet", smooth=False)
    assert places(opened(sheet(signed, jet)), expected(signed, 0, 2, jet))


def test_a_missing_map_is_grey_and_a_blank_one_leaves_the_picture() -> None:
    canvas = opened(sheet(with_gaps(), DISPLAY))
    grey = (canvas == NOTHING).all(axis=-1)
    assert 0.9 * CELL**2 < grey.sum() <= CELL**2
    # once a row in the first column, and once as the blank map
    assert len(places(canvas, with_gaps().picture)) == 4
    assert not (opened(sheet(reel(), DISPLAY)) == NOTHING).all(axis=-1).any()


def test_numbers_are_words_where_they_are_undefined() -> None:
    assert [numeral(each) for each in (1.0, -0.031, -0.001, None)] == ["1.00", "−0.03", "0.00", "undefined"]


@pytest.mark.parametrize("letter", "üÜéß×−·…σ°→“’✓✗łжю")
@pytest.mark.parametrize("bold", [False, True])
def test_letters_beyond_english_are_drawn_and_not_replaced_by_boxes(letter: str, bold: bool) -> None:
    box, drawn = (bytes(font(40, bold).getmask(each)) for each in ("\ue000", letter))
    assert drawn != box
    assert any(drawn)


@pytest.mark.parametrize(
    "text",
    ["conv_stem + bn1", "encoder.layers.encoder_layer_11.self_attention", "x" * 300, "a b c " * 60, "  ", "Ünïcödé"],
)
def test_text_never_leaves_its_column_and_nothing_short_is_lost(text: str) -> None:
    face = font(22, bold=True)
    lines = wrapped(text, face, CELL, 3)
    assert 1 <= len(lines) <= 3
    assert all(face.getlength(line) <= CELL for line in lines)
    if not lines[-1].endswith("…"):
        assert "".join("".join(lines).split()) == "".join(text.split())
    else:
        assert face.getlength(text) > 2 * CELL


def test_a_number_keeps_its_percent_sign() -> None:
    face = font(20)
    width = int(face.getlength("is still 92")) + 2
    assert wrapped("is still 92 % the same", face, width, 5)[0] == "is still"


def test_stage_names_above_the_sheet_never_meet() -> None:
    shown = reel(stages=("trained", *(f"encoder.layers.encoder_layer_{i}.self_attention.out" for i in range(3))))
    canvas = opened(sheet(shown, DISPLAY))
    (top, left), (_, second) = (places(canvas, expected(shown, 0, stage))[0] for stage in (0, 1))
    pitch = second - left
    for column in range(3):
        between = slice(left + column * pitch + CELL, left + (column + 1) * pitch)
        assert (canvas[:top, between] == 255).all()
        assert (canvas[:top, between.stop : between.stop + CELL] < 128).any()


def gif_frames(image: bytes) -> list[tuple[Bytes, int]]:
    """Each frame and how long it stands, in milliseconds."""
    moving = Image.open(io.BytesIO(image))
    found = []
    for number in range(moving.n_frames):
        moving.seek(number)
        found.append((np.asarray(moving.convert("RGB")), moving.info["duration"]))
    assert moving.info["loop"] == 0
    return found


def test_the_gif_has_a_frame_a_stage_and_rests_on_the_last() -> None:
    frames = gif_frames(gif(reel(), DISPLAY))
    assert [duration for _, duration in frames] == [800, 800, 800, 2000]
    assert all((frame[[0, -1]] == 255).all() for frame, _ in frames)


def best_fit(canvas: NDArray[np.float64], tile: Bytes) -> tuple[int, int]:
    """Top left corner of the place that looks most like the tile, (row, column), and nearly is it."""
    fit = match_template(canvas.mean(axis=2), tile.mean(axis=2))
    assert fit.max() > 0.97
    y, x = np.unravel_index(fit.argmax(), fit.shape)
    return int(y), int(x)


def test_the_gif_shows_every_map_at_its_place_and_photographs_stay_decent() -> None:
    shown = reel(side=GIF_SIDES[0], methods=5)
    frames = [frame.astype(float) for frame, _ in gif_frames(gif(shown, DISPLAY))]
    spots = [best_fit(frames[0], expected(shown, row, 0)) for row in range(5)]
    for stage, frame in enumerate(frames):
        for row, (y, x) in enumerate(spots):
            tile = expected(shown, row, stage)
            around = frame[y - 8 : y + len(tile) + 8, x - 8 : x + len(tile) + 8]
            assert best_fit(around, tile) == (8, 8)
            assert np.abs(frame[y : y + len(tile), x : x + len(tile)] - tile).mean() < 9  # of 255, dithering included
    first, second, third, fourth, fifth = spots
    assert first[0] == second[0] == third[0] < fourth[0] == fifth[0]
    assert first[1] == fourth[1] < second[1] == fifth[1] < third[1]


def test_a_cascade_of_noise_still_makes_files_of_bounded_size() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8)
    eleven = tuple(f"blocks.{i}" for i in range(11))
    rows = tuple(Row(f"M{r}", tuple(noise(20 * r + s, 224) for s in range(11)), (0.5,) * 11, "") for r in range(8))
    shown = reel(stages=eleven, picture=picture, rows=rows)
    assert len(gif(shown, Display())) <= GIF_BYTES == 4_000_000
    assert len(page(shown, Display())) <= PAGE_BYTES == 3_000_000


def test_a_reel_whose_parts_do_not_fit_is_refused() -> None:
    row = reel().rows[0]
    with pytest.raises(ValueError, match="3 numbers"):
        Row("Short", row.maps, row.numbers[:3], "")
    with pytest.raises(ValueError, match="same stages everywhere"):
        reel(says=("one",))
    with pytest.raises(ValueError, match="same stages everywhere"):
        reel(rows=())


def test_one_stage_and_one_method_are_enough() -> None:
    small = reel(stages=("trained",), methods=1)
    assert opened(sheet(small, DISPLAY)).shape[2] == 3
    assert [duration for _, duration in gif_frames(gif(small, DISPLAY))] in ([2000], [800])
    assert b"{{" not in page(small, DISPLAY)
