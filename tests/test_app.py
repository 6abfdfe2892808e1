"""The dashboard as a visitor meets it: the real app, the real model, a real browser."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect
from skimage import data

from browser import ROOT, streamlit_server, visit

pytestmark = pytest.mark.browser

SOON, LATE = 60_000, 240_000  # milliseconds; waits end as soon as what is awaited is there
FEW = "view=own&methods=gradcam,gradient"  # where it is not the methods that are tested
SHORT = "rise.masks=100&lime.samples=100&deep_explanation.epochs=50"


@pytest.fixture(scope="module")
def url(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("app")
    # no weights of earlier days, and a proxy that nobody runs: whatever wants the network fails at once
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    with streamlit_server(ROOT, folder / "log.txt", {"TORCH_HOME": str(folder / "torch"), **nowhere}) as address:
        yield address


def panel(page: Page, title: str) -> Locator:
    return page.locator("article.panel").filter(has=page.get_by_role("heading", name=title, exact=True)).first


def ready(page: Page, timeout: int = LATE) -> None:
    """Until the answer stands and every panel of the main grid has come to its end."""
    expect(page.locator("p.said")).to_contain_text(re.compile("says|leans"), timeout=timeout)
    expect(page.locator("article.panel").first).to_be_visible()
    unfinished = page.locator("article.panel[data-state=waiting], article.panel[data-state=running]")
    expect(unfinished).to_have_count(0, timeout=timeout)


def jpeg(pixels: np.ndarray) -> bytes:  # type: ignore[type-arg]
    Image.fromarray(pixels).save(file := io.BytesIO(), "JPEG", quality=92)
    return file.getvalue()


def drop(page: Page, *files: tuple[str, bytes]) -> None:
    payloads = [FilePayload(name=name, mimeType="application/octet-stream", buffer=sent) for name, sent in files]
    page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(payloads)


def test_it_opens_on_a_picture_already_explained(chromium: Browser, url: str) -> None:
    with visit(chromium, url) as (page, _):
        expect(page.get_by_role("heading", name="What did the model look at?")).to_be_visible(timeout=SOON)
        ready(page)
        expect(page.locator("p.said")).to_contain_text("It says tripod and is sure")
        expect(page.locator("p.said")).to_contain_text("hiding a random")
        states = page.locator("article.panel").evaluate_all("all => all.map(one => one.dataset.state)")
        assert len(states) >= 6
        assert set(states) == {"done"}
        expect(panel(page, "Grad-CAM").locator("canvas").first).to_be_visible()


def test_a_dropped_photograph_is_explained_by_every_method(chromium: Browser, url: str) -> None:
    # by the smallest model there is, the slowest shortened: their full length is the business of their own tests
    with visit(chromium, url, f"/?model=demo/honest&{SHORT}") as (page, _):
        ready(page)
        drop(page, ("breakfast.jpg", jpeg(data.coffee()[40:380, 60:560])))
        expect(page.get_by_role("button", name="breakfast.jpg", exact=True)).to_be_visible(timeout=SOON)
        page.get_by_text("Everything", exact=True).click()
        expect(panel(page, "LIME")).to_be_visible(timeout=SOON)
        expect(panel(page, "Deep explanation")).to_have_attribute("data-state", "done", timeout=LATE)
        ready(page)
        states = dict(
            page.locator("article.panel").evaluate_all(
                "all => all.map(one => [one.querySelector('h3').textContent, one.dataset.state])"
            )
        )
        assert len(states) >= 15
        refused = {title for title, state in states.items() if state == "refused"}
        assert refused == {"Attention rollout"}
        assert {state for title, state in states.items() if title not in refused} == {"done"}
        expect(panel(page, "Attention rollout")).to_contain_text("no attention")


def test_bad_files_are_told_by_name_and_good_ones_kept(chromium: Browser, url: str) -> None:
    with visit(chromium, url, f"/?{FEW}") as (page, _):
        ready(page)
        drop(page, ("notes.png", b"just some text, not a picture"), ("cat.jpg", jpeg(data.chelsea())))
        expect(page.get_by_role("alert").filter(has_text="notes.png")).to_be_visible(timeout=SOON)
        expect(page.get_by_role("button", name="cat.jpg", exact=True)).to_be_visible()
        ready(page)
        expect(page.locator("p.said")).to_contain_text("tiger cat")
        expect(page.locator("p.warning")).to_contain_text("with care")


def test_a_click_on_a_guess_asks_about_that_class(chromium: Browser, url: str) -> None:
    with visit(chromium, url, f"/?picture=cat&{FEW}") as (page, _):
        ready(page)
        page.get_by_role("button", name=re.compile("Egyptian cat")).click()
        expect(page.locator("p.said")).to_contain_text("You asked about Egyptian cat", timeout=SOON)
        ready(page)


def test_why_this_and_not_that_shows_both_maps_and_their_difference(chromium: Browser, url: str) -> None:
    with visit(chromium, url, f"/?picture=coffee&{FEW}") as (page, _):
        ready(page)
        page.get_by_role("combobox", name=re.compile("Why not")).click()
        page.keyboard.type("coffee mug")
        page.get_by_role("option", name="coffee mug", exact=True).click()
        expect(panel(page, "Grad-CAM").locator("canvas")).to_have_count(3, timeout=SOON)
        ready(page)
        expect(panel(page, "Grad-CAM")).to_contain_text("difference")
        expect(page.locator("p.said")).to_contain_text("and not coffee mug")


def test_a_slow_method_can_be_stopped_and_tried_again(chromium: Browser, url: str) -> None:
    with visit(chromium, url, f"/?picture=palace&{FEW}") as (page, _):
        ready(page)
        page.get_by_text("As in the sources", exact=True).click()
        deep = panel(page, "Deep explanation")
        expect(deep).to_have_attribute("data-state", re.compile("waiting|running"), timeout=SOON)
        deep.get_by_role("button", name="Stop").click()
        expect(deep).to_have_attribute("data-state", "stopped", timeout=SOON)
        deep.get_by_role("button", name="try again").click()
        expect(deep).to_have_attribute("data-state", re.compile("waiting|running"), timeout=SOON)
        deep.get_by_role("button", name="Stop").click()
        expect(deep).to_have_attribute("data-state", "stopped", timeout=SOON)


def test_new_settings_change_one_panel_only(chromium: Browser, url: str) -> None:
    with visit(chromium, url, f"/?{FEW}") as (page, _):
        ready(page)
        gradient = panel(page, "Gradient")
        gradient.get_by_role("button", name="settings").click()
        page.get_by_label("signed").first.check()
        page.get_by_role("button", name="Apply").click()
        expect(gradient).to_contain_text("−", timeout=SOON)  # the legend of a signed map begins below zero
        ready(page)


def test_a_link_with_nonsense_in_it_opens_the_usual_view(chromium: Browser, url: str) -> None:
    path = "/?model=../../etc/passwd&picture=/etc/passwd&class=nan&view=" + "x" * 10_000
    with visit(chromium, url, path) as (page, _):
        told = page.get_by_text(re.compile(r"The link asks for what we do not have here \(model, .*view\)"))
        expect(told.first).to_be_visible(timeout=SOON)
        ready(page)
        expect(page.locator("p.said")).to_contain_text("tripod")


def test_how_maps_are_drawn_is_in_the_address_without_a_step_of_the_history(chromium: Browser, url: str) -> None:
    with visit(chromium, url, f"/?model=demo/honest&{FEW}&opacity=0.7") as (page, _):
        ready(page)
        bar = page.get_by_role("group", name="How the maps are drawn")
        expect(bar.get_by_label("Opacity")).to_have_value("70")
        steps = page.evaluate("history.length")
        bar.get_by_label("Colours").select_option("viridis")
        expect(page).to_have_url(re.compile("colours=viridis"))
        assert "opacity=0.7" in page.url
        assert page.evaluate("history.length") == steps
        page.reload()
        expect(bar.get_by_label("Colours")).to_have_value("viridis", timeout=SOON)
        ready(page)


def test_a_model_that_cannot_be_fetched_leaves_the_page_working(chromium: Browser, url: str) -> None:
    with visit(chromium, url, f"/?{FEW}") as (page, _):
        ready(page)
        page.get_by_role("combobox", name="Model", exact=False).first.click()
        page.get_by_role("option", name=re.compile("ResNet-50")).click()
        page.get_by_role("button", name=re.compile("Download")).click()
        expect(page.get_by_role("alert").filter(has_text="resnet50-11ad3fa6.pth")).to_be_visible(timeout=SOON)
        expect(page.locator("p.said")).to_contain_text("tripod")


def test_another_model_answers_for_itself(chromium: Browser, url: str) -> None:
    with visit(chromium, url, f"/?model=lite1&picture=coffee&{FEW}") as (page, _):
        ready(page)
        expect(page.locator("p.said")).to_contain_text("espresso")
        expect(page.get_by_role("combobox", name="Model")).to_have_value(re.compile("Lite1"))


def test_two_visitors_each_see_their_own_picture(chromium: Browser, url: str) -> None:
    camera, cat = (f"/?picture={sample}&{FEW}" for sample in ("camera", "cat"))
    with visit(chromium, url, camera) as (one, _), visit(chromium, url, cat) as (two, _):
        ready(one)
        ready(two)
        expect(one.locator("p.said")).to_contain_text("tripod")
        expect(two.locator("p.said")).to_contain_text("tiger cat")


def test_every_tab_below_the_grid_has_something_to_show(chromium: Browser, url: str) -> None:
    with visit(chromium, url) as (page, _):
        ready(page)
        for tab in ("Do the methods agree?", "Two pictures", "Many pictures"):
            page.get_by_role("tab", name=tab).click()
            if tab == "Two pictures":
                page.get_by_role("group", name="The second picture").get_by_role("button", name="Cat").click()
                expect(page.get_by_text("tiger cat").first).to_be_visible(timeout=SOON)
            expect(page.locator("article.panel").nth(8)).to_be_visible(timeout=SOON)
            ready(page)


def test_the_measured_curves_appear_on_request(chromium: Browser, url: str) -> None:
    with visit(chromium, url, f"/?model=demo/honest&{FEW}") as (page, _):
        ready(page)
        page.get_by_role("button", name=re.compile("Measure")).click()
        expect(page.get_by_text("Hiding the strongest first: falling").first).to_be_visible(timeout=LATE)
