"""Own pictures and own models as a visitor meets them: the real app, a real browser, and a server that starts anew."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect
from torchvision import models

from browser import ROOT, at_rest, streamlit_server, visit
from xai_core.world.creatures import creature
from xai_core.world.facts import FAMILIES

pytestmark = pytest.mark.browser

SOON, LATE = 90_000, 240_000  # milliseconds; waits end as soon as what is awaited is there
EACH = 10  # pictures a family


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library's folder, which outlives a server."""
    return tmp_path_factory.mktemp("home")


@contextmanager
def served(home: Path, folder: Path) -> Iterator[str]:
    with streamlit_server(ROOT, folder / "log.txt", {"SECOND_LOOK_HOME": str(home)}) as address:
        yield address


@pytest.fixture(scope="module")
def new_server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One that starts when another has been at work with the same library."""
    with served(home, tmp_path_factory.mktemp("new")) as address:
        yield address


@contextmanager
def models_page(chromium: Browser, url: str) -> Iterator[Page]:
    with visit(chromium, url, "/models") as (page, _):
        expect(page.get_by_role("heading", name="Which of these two models would you trust?")).to_be_visible(
            timeout=LATE
        )
        yield page


def enter(page: Page, room: str) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text(room, exact=True).click()


def png(pixels: np.ndarray) -> bytes:  # type: ignore[type-arg]
    Image.fromarray(pixels).save(file := io.BytesIO(), "PNG")
    return file.getvalue()


def archive() -> bytes:
    """Folders of creatures, one picture twice, one file that is no picture."""
    with zipfile.ZipFile(file := io.BytesIO(), "w") as zipped:
        for family in FAMILIES:
            for number in range(EACH):
                zipped.writestr(f"zoo/{family}/{number}.png", png(creature(family, number).pixels))
        zipped.writestr(f"zoo/{FAMILIES[0]}/again.png", png(creature(FAMILIES[0], 0).pixels))
        zipped.writestr(f"zoo/{FAMILIES[0]}/broken.png", b"\x89PNG no picture")
    return file.getvalue()


def drop(page: Page, name: str, data: bytes) -> None:
    payload = FilePayload(name=name, mimeType="application/octet-stream", buffer=data)
    page.locator("[data-testid=stFileUploader] input[type=file]").first.set_input_files(payload)


def table(page: Page) -> Locator:
    return page.locator("td button:not([disabled])")


def test_pictures_become_a_model_and_its_answers_lead_to_explanations(
    chromium: Browser, home: Path, tmp_path: Path
) -> None:
    with served(home, tmp_path) as url, models_page(chromium, url) as page:
        enter(page, "Pictures")
        page.get_by_role("button", name="Bring pictures").click()
        drop(page, "zoo.zip", archive())
        page.get_by_role("button", name="Bring them in").click()
        expect(page.get_by_text(f"{3 * EACH} pictures are in; 1 duplicate left out")).to_be_visible(timeout=SOON)
        at_rest(page)
        page.get_by_text("1 file could not be used").click()
        expect(page.get_by_text("broken.png")).to_be_visible()
        expect(page.locator(".album button")).to_have_count(3 * EACH)

        enter(page, "Train")
        page.get_by_role("button", name="Train", exact=True).click()
        expect(page.locator("p.said")).to_contain_text("zoo: linear head, 3 classes", timeout=LATE)
        page.get_by_role("button", name="Where is it wrong?").click()
        expect(page.locator("p.said")).to_contain_text("held-out pictures", timeout=LATE)
        table(page).first.click()
        expect(page.get_by_text(re.compile(r"pictures? of Emberling"))).to_be_visible(timeout=SOON)
        page.locator(".album button").first.click()

        expect(page.get_by_role("heading", name="What did the model look at?")).to_be_visible(timeout=SOON)
        expect(page.locator("p.said")).to_contain_text(re.compile("Emberling|Mosskin|Tidelet"), timeout=LATE)
        expect(page.locator("article.panel[data-state=done]").first).to_be_visible(timeout=LATE)


def test_a_new_server_still_has_everything_and_takes_a_model_from_elsewhere(chromium: Browser, new_server: str) -> None:
    torch.manual_seed(0)
    network = models.mobilenet_v3_small(num_classes=3)
    torch.save(
        {"state_dict": {f"module.{name}": value for name, value in network.state_dict().items()}}, file := io.BytesIO()
    )

    with models_page(chromium, new_server) as page:
        enter(page, "Pictures")
        expect(page.get_by_text(f"{3 * EACH} pictures of 3 classes")).to_be_visible(timeout=SOON)
        enter(page, "Models")
        expect(page.get_by_text(re.compile("^zoo:.* linear head$"))).to_be_visible(timeout=SOON)

        page.get_by_role("button", name="Bring a model").click()
        drop(page, "mine.pth", file.getvalue())
        expect(page.get_by_text("Its weights fit mobilenet_v3_small (torchvision).")).to_be_visible(timeout=LATE)
        page.get_by_label("In the order of the network's answers").fill("ember, moss, tide")
        page.get_by_label("In the order of the network's answers").press("Control+Enter")
        page.get_by_role("button", name="Bring it in").click()
        expect(page.get_by_text("mine is in, and in use on every page.")).to_be_visible(timeout=LATE)

        page.get_by_role("link", name="Compare").click()
        expect(page.locator("p.said")).to_contain_text(re.compile("ember|moss|tide"), timeout=LATE)


def test_the_guided_example_leads_from_the_question_to_the_maps(chromium: Browser, new_server: str) -> None:
    with models_page(chromium, new_server) as page:
        honest, cheater = (page.locator("article.panel").nth(at) for at in (0, 1))
        for panel in (honest, cheater):
            expect(panel).to_have_attribute("data-state", "done", timeout=LATE)
        page.get_by_text("another family's tag", exact=True).click()
        expect(page.locator("p.said")).to_contain_text("model A is right on all of them", timeout=SOON)
        expect(honest.get_by_role("heading")).to_contain_text("Model A says Emberling", timeout=SOON)
        expect(cheater.get_by_role("heading")).to_contain_text("Model B says Mosskin", timeout=SOON)

        page.get_by_role("button", name="Explain model B").click()

        expect(page.locator("p.said")).to_contain_text("Mosskin", timeout=LATE)
        expect(page.get_by_text("on the small tag in the corner")).to_be_visible()
        page.get_by_role("button", name="Show model A").click()
        expect(page.locator("p.said")).to_contain_text("Emberling", timeout=LATE)
        page.get_by_role("button", name="Back to the question").click()

        page.get_by_role("button", name="Does it notice shuffled labels?").click()
        expect(page.get_by_role("heading", name="if the labels had meant nothing?")).to_be_visible(timeout=SOON)
        first = page.locator("article.panel").first
        expect(first).to_have_attribute("data-state", "done", timeout=LATE)
        expect(first).to_contain_text("maps of different pictures")
        expect(first.locator("canvas")).to_have_count(2)
