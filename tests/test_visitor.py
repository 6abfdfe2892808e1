"""What a visitor brings along: files, links and choices. No browser needed."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pages.ui import media
from pages.ui.shelf import Shelf
from xai_core import limits
from xai_core.explain import Explain, Explanation
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.method import methods
from xai_core.picture import Picture


def png(seed: int, side: int = 20) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (side, side, 3), np.uint8)
    Image.fromarray(pixels).save(file := io.BytesIO(), "PNG")
    return file.getvalue()


def test_bad_files_never_cost_good_ones() -> None:
    shelf = Shelf()
    shelf.take_in([("a.png", png(1)), ("b.png", b"not a picture"), ("c.png", png(2))])
    assert [held.name for held in shelf.basket] == ["a.png", "c.png"]
    assert shelf.picture.name == "a.png"
    assert len(shelf.complaints) == 1
    assert "b.png" in shelf.complaints[0]


def test_two_files_of_one_name_are_told_apart_and_one_file_twice_is_one() -> None:
    shelf = Shelf()
    shelf.take_in([("a.png", png(1)), ("a.png", png(2)), ("again.png", png(1))])
    assert [held.name for held in shelf.basket] == ["a.png", "a (2).png"]


def test_a_full_basket_names_what_was_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PICTURES_AT_ONCE", 2)
    shelf = Shelf()
    shelf.take_in([(f"{i}.png", png(i)) for i in range(3)])
    assert len(shelf.basket) == 2
    assert "2.png" in shelf.complaints[0]


def test_another_picture_or_model_forgets_the_chosen_classes() -> None:
    shelf = Shelf()
    shelf.target, shelf.contrast = 3, 4
    shelf.use("lite1")
    assert (shelf.target, shelf.contrast) == (None, None)
    shelf.target = 3
    shelf.take_in([("a.png", png(1))])
    assert shelf.target is None
    shelf.discard(shelf.picture)
    assert shelf.picture == Shelf().picture


@pytest.fixture
def browser() -> TestClient:
    return TestClient(Starlette(routes=media.routes()))


@pytest.fixture
def found(hub: Hub, picture: Picture) -> Explanation:
    params = methods()["gradient"].params()
    made: Explanation = hub.run(Explain("toy", picture, Framing.AS_TRAINED, 1, "gradient", params))
    return made


def test_addresses_give_what_they_were_made_for(browser: TestClient, found: Explanation) -> None:
    picture = found.request.picture
    photo = browser.get("/" + media.url("photo", picture))
    assert photo.headers["content-type"] == "image/jpeg"
    assert photo.headers["x-content-type-options"] == "nosniff"
    values = np.load(io.BytesIO(browser.get("/" + media.url("npy", found)).content))
    assert np.array_equal(values, found.values)
    sent = np.frombuffer(browser.get("/" + media.url("map", found)).content, "<i2").reshape(found.values.shape)
    assert np.allclose(sent / 32767 * np.abs(found.values).max(), found.values, atol=np.abs(found.values).max() / 32767)
    drawn = browser.get("/" + media.url("png", found) + "?opacity=0.7&colours=jet&smooth=0")
    assert Image.open(io.BytesIO(drawn.content)).size == (picture.width, picture.height)
    assert picture.digest[:8] in drawn.headers["content-disposition"]


def test_other_addresses_give_nothing(browser: TestClient, found: Explanation) -> None:
    address = media.url("npy", found)
    assert browser.get("/" + address[:-1] + ("0" if address[-1] != "0" else "1")).status_code == 404
    assert browser.get("/" + address.replace("npy", "map")).status_code == 404
    assert browser.get("/look/png/../../etc/passwd").status_code == 404
    assert browser.get("/" + media.url("png", found) + "?opacity=7").status_code == 400


def test_maps_of_equal_size_never_share_an_address(hub: Hub, found: Explanation) -> None:
    request = found.request
    other = hub.run(Explain("toy", request.picture, Framing.AS_TRAINED, 2, "gradient", request.params))
    assert media.url("npy", other) != media.url("npy", found)
    assert media.url("npy", found) == media.url("npy", found)
