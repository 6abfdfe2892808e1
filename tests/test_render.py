"""Drawing against Matplotlib's colours, PyTorch's interpolation and Pillow's compositing."""

import tracemalloc

import matplotlib
import numpy as np
import pytest
import torch
from PIL import Image

from xai_core.colours import TABLES
from xai_core.render import Display, Floats, overlay, own_scale, packed, paint, palette, parsed_scale, threshold

OPAQUE = Display(opacity=1.0)


def noise(height: int, width: int, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(size=(height, width)).astype(np.float32)


def interpolated(values: Floats, size: tuple[int, int], mode: str) -> Floats:
    options = {"align_corners": False} if mode == "bilinear" else {}
    grid = torch.nn.functional.interpolate(torch.from_numpy(values)[None, None], size=size, mode=mode, **options)
    return grid[0, 0].numpy()


@pytest.mark.parametrize("name", ["inferno", "viridis", "jet"])
def test_our_colour_tables_are_matplotlibs(name):
    theirs = matplotlib.colormaps[name](np.arange(256))[:, :3] * 255

    assert np.abs(TABLES[name] - theirs).max() <= 2.5


def test_the_diverging_table_has_equally_light_ends_and_a_pale_middle():
    light = TABLES["orange-blue"] @ np.array([0.2126, 0.7152, 0.0722])

    assert light.argmax() in range(120, 136)
    assert abs(light[:64].mean() - light[192:].mean()) < 60
    assert TABLES["orange-blue"][0, 2] > TABLES["orange-blue"][0, 0]
    assert TABLES["orange-blue"][255, 0] > TABLES["orange-blue"][255, 2]


@pytest.mark.parametrize(("smooth", "mode"), [(True, "bilinear"), (False, "nearest-exact")])
@pytest.mark.parametrize("size", [(90, 133), (7, 5), (3, 4)])
def test_values_are_resampled_as_pytorch_does_before_they_are_coloured(smooth, mode, size):
    values = np.abs(noise(7, 5))

    drawn = paint(values, False, Display(opacity=1.0, colours="viridis", smooth=smooth), size, scale=2.0)

    shares = np.clip(interpolated(values, size, mode) / 2.0, 0, 1)
    expected = matplotlib.colormaps["viridis"](np.floor(255 * shares + 0.5).astype(int), bytes=True)
    # a value on the border between two levels may fall to either side
    assert np.abs(drawn.astype(int) - expected).max() <= 6
    assert (drawn[..., 3] == 255).all()


def test_strong_values_hide_more_of_the_picture_than_weak_ones():
    alpha = palette(False, Display())[255:, 3].astype(int)

    assert alpha[0] == 0
    assert alpha[255] >= 0.85 * 255
    assert (np.diff(alpha) >= 0).all()
    assert alpha[26] < 0.2 * 255


def test_no_opacity_hides_the_map_and_full_opacity_hides_the_picture():
    assert (palette(True, Display(opacity=0.0))[..., 3] == 0).all()
    assert (palette(True, Display(opacity=1.0))[..., 3] == 255).all()
    assert (palette(False, Display(opacity=0.4, colours="jet"))[..., 3] == 102).all()


@pytest.mark.parametrize("strongest", [1, 20, 50])
@pytest.mark.parametrize("signed", [True, False])
def test_the_strongest_share_of_the_cells_is_drawn(strongest, signed):
    values = noise(20, 20)

    drawn = paint(values, signed, Display(opacity=1.0, smooth=False, strongest=strongest), (20, 20))

    shown = drawn[..., 3] > 0
    assert shown.sum() == 4 * strongest
    assert np.abs(values)[shown].min() > np.abs(values)[~shown].max()


@pytest.mark.parametrize(("sign", "direction"), [("for", 1), ("against", -1)])
def test_only_the_chosen_sign_is_drawn(sign, direction):
    values = noise(16, 16)

    drawn = paint(values, True, Display(opacity=1.0, smooth=False, sign=sign), (16, 16))

    assert ((drawn[..., 3] > 0) == (direction * values > 0)).all()


def test_maps_without_a_sign_ignore_the_choice_of_sign():
    values = np.abs(noise(8, 8))

    assert (paint(values, False, Display(sign="against"), (9, 9)) == paint(values, False, Display(), (9, 9))).all()


def test_signed_maps_are_blue_against_and_orange_for():
    values = np.array([[-1.0, 0.0, 1.0]], dtype=np.float32)

    against, nothing, speaks_for = paint(values, True, Display(smooth=False), (1, 3), scale=1.0)[0]

    assert against[2] > against[0]
    assert speaks_for[0] > speaks_for[2]
    assert nothing[3] == 0


def test_the_own_scale_ignores_the_strongest_hundredth_but_never_vanishes():
    values = np.zeros((100, 100), dtype=np.float32)
    values[0, 0] = -8.0
    spread = noise(50, 50)

    assert own_scale(values) == 8.0
    assert own_scale(spread) == pytest.approx(np.percentile(np.abs(spread), 99))
    assert own_scale(np.zeros((4, 4), dtype=np.float32)) == 0.0


@pytest.mark.parametrize("colours", ["inferno", "jet"])
def test_a_blank_map_draws_nothing(colours):
    blank = np.zeros((7, 7), dtype=np.float32)

    assert not paint(blank, False, Display(opacity=1.0, colours=colours), (20, 30)).any()


@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("display", [Display(), Display(strongest=20, smooth=False), Display(colours="jet")])
def test_the_overlay_is_the_painted_map_composited_by_pillow(signed, display):
    picture = np.random.default_rng(1).integers(0, 256, (60, 90, 3), dtype=np.uint8)
    values = noise(7, 9)

    drawn = overlay(picture, (0.0, 0.0, 90.0, 60.0), values, signed, display)

    above = Image.fromarray(paint(values, signed, display, (60, 90)))
    below = Image.fromarray(picture).convert("RGBA")
    expected = np.asarray(Image.alpha_composite(below, above).convert("RGB"))
    assert np.abs(drawn.astype(int) - expected).max() <= 1


def test_the_margin_is_dimmed_and_the_box_is_not():
    picture = np.full((40, 60, 3), 200, dtype=np.uint8)

    drawn = overlay(picture, (10.4, 0.0, 50.6, 40.0), np.zeros((7, 7), dtype=np.float32), False, Display())

    assert (drawn[:, 10:51] == 200).all()
    assert (drawn[:, :10] == 90).all()
    assert (drawn[:, 51:] == 90).all()


def test_a_map_lies_at_its_place_within_a_box_of_broken_pixels():
    picture = np.zeros((20, 20, 3), dtype=np.uint8)
    values = np.array([[0.0, 1.0]], dtype=np.float32)

    drawn = overlay(picture, (2.5, 2.0, 17.5, 18.0), values, False, Display(opacity=1.0, smooth=False, strongest=50))

    lit = np.flatnonzero(drawn[10, :, 0] > 100)
    # the right half of 2.5 to 17.5: pixels whose centre lies beyond 10.0
    assert (lit[0], lit[-1]) == (10, 16)


def test_a_large_picture_is_drawn_in_strips_with_little_beside_the_result():
    picture = np.random.default_rng(2).integers(0, 256, (2000, 3000, 3), dtype=np.uint8)
    values, box = noise(224, 224), (500.0, 0.0, 2500.0, 2000.0)
    tracemalloc.start()

    drawn = overlay(picture, box, values, True, Display())

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < drawn.nbytes + 24 * 2**20
    above = Image.fromarray(paint(values, True, Display(), (2000, 2000)))
    below = Image.fromarray(picture[:, 500:2500]).convert("RGBA")
    expected = np.asarray(Image.alpha_composite(below, above).convert("RGB"))
    assert np.abs(drawn[:, 500:2500].astype(int) - expected).max() <= 1


def test_packed_values_come_back_within_half_a_step():
    values = noise(11, 13)

    sent = packed(values)

    back = np.frombuffer(sent.data, "<i2").reshape(sent.height, sent.width) / 32767 * sent.peak
    assert np.abs(back - values).max() <= sent.peak / 65534 * 1.01
    assert sent.clip == own_scale(values)
    assert packed(np.zeros((3, 3), dtype=np.float32)).peak == 0.0


def test_a_display_survives_a_query_string():
    sent = {"opacity": "0.7", "colours": "jet", "smooth": "0", "sign": "for", "strongest": "20", "scale": "own"}

    assert Display.parse(sent) == Display(0.7, "jet", False, "for", 20)
    assert Display.parse({"shared_scale": True, "strongest": 5}) == Display(strongest=5, shared_scale=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("opacity", "1.5"),
        ("opacity", "nan"),
        ("colours", "rainbow"),
        ("smooth", "perhaps"),
        ("sign", "left"),
        ("strongest", "0"),
        ("strongest", "inf"),
    ],
)
def test_a_display_out_of_range_names_its_field(name, value):
    with pytest.raises(ValueError, match=name):
        Display.parse({name: value})


@pytest.mark.parametrize("raw", ["-1", "0", "nan", "inf", "wide"])
def test_a_scale_is_a_positive_number_or_the_maps_own(raw):
    assert parsed_scale("own") is None
    assert parsed_scale("0.25") == 0.25
    with pytest.raises(ValueError):  # noqa: PT011 - "wide" fails in float() itself
        parsed_scale(raw)


def test_everything_is_drawn_unless_something_is_left_out():
    values = noise(5, 5)

    assert threshold(values, True, OPAQUE) == -1.0
    assert threshold(values, False, Display(sign="against")) == -1.0
    assert threshold(values, True, Display(sign="for")) >= 0.0
