"""The sanity page without a browser and without a network: a desk whose checks end when the test says so."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from sanity_answers import FALLS, LABELS, run, surveyed
from streamlit.testing.v1 import AppTest
from test_desk import ByHand

from browser import ROOT
from pages.ui import verdicts, work
from pages.ui.components.gallery import Action
from pages.ui.components.player import Frame, Heard, Strip
from pages.ui.sanity import screen
from xai_core.describe import Describe, LookAtDevice, ModelCard
from xai_core.desk import Desk
from xai_core.edges import EdgeMap, Edges
from xai_core.framing import Framed
from xai_core.jobs import Job
from xai_core.predict import Predict, Prediction
from xai_core.sanity import SanityRun, SanityTest
from xai_core.sentence import Headline
from xai_core.survey import Survey, Surveyed

REFUSED = "This network has no attention to follow."
CARD = ModelCard("lite0", LABELS, (), "conv_head", (("rollout", REFUSED),), "0" * 64)
SQUARE = Framed(np.zeros((32, 32, 3), np.uint8), (0.0, 0.0, 32.0, 32.0))


class Prompt(ByHand):
    """Knows the model and its answer at once; surveys and tests wait for the test."""

    def __init__(self) -> None:
        super().__init__()
        shares = np.array((0.95, 0.03, 0.01, 0.01), np.float32)
        self.knows: dict[type, Callable[[Hashable], object]] = {
            Describe: lambda asked: replace(CARD, model=asked.model),  # type: ignore[attr-defined]
            LookAtDevice: lambda _: "CPU, 2 threads",
            Predict: lambda asked: Prediction(asked, shares, LABELS, SQUARE, 0.1),  # type: ignore[arg-type]
            Edges: lambda asked: EdgeMap(asked, np.ones((32, 32), np.float32), SQUARE.box),  # type: ignore[arg-type]
        }

    def submit(self, request: Hashable, urgent: bool = False) -> Job:
        job = super().submit(request, urgent)
        if type(request) in self.knows:
            job.end("done", self.knows[type(request)](request))
        return job

    def cancel(self, job: Job) -> None:
        super().cancel(job)
        job.end("stopped", "")

    @property
    def survey(self) -> Survey:
        """The latest that was asked for."""
        return [each for each in self.submitted if isinstance(each, Survey)][-1]

    @property
    def tests(self) -> dict[str, SanityTest]:
        """Of the latest survey's cascade, by method."""
        asked = [each for each in self.submitted if isinstance(each, SanityTest)]
        return {each.method: each for each in asked if each.survey == self.survey}

    def survey_ends(self) -> Surveyed:
        answer = surveyed(request=self.survey)
        self.jobs[self.survey].end("done", answer)
        return answer

    def test_ends(self, method: str, ranks: Sequence[float] = FALLS) -> SanityRun:
        asked = self.tests[method]
        answer = run(method, ranks, surveyed(request=asked.survey), request=asked)
        self.jobs[asked].end("done", answer)
        return answer


@dataclass
class Seen:
    """What the page gave its two components the last time, and what is pressed the next time."""

    headline: str = ""
    strips: dict[str, Strip] = field(default_factory=dict)
    frames: Sequence[Frame] = ()
    ends: tuple[str, str] = ("", "")
    alone: bool = False
    press: Action | None = None

    def answer(self, told: Headline, key: str) -> None:
        self.headline = told.text

    def player(
        self,
        strips: Sequence[Strip],
        frames: Sequence[Frame],
        photo: object,
        *,
        ends: tuple[str, str],
        alone: bool,
        on_action: Callable[[Action], None],
        **_others: object,
    ) -> Heard:
        self.strips, self.frames, self.ends, self.alone = {each.key: each for each in strips}, frames, ends, alone
        pressed, self.press = self.press, None
        if pressed is not None:
            on_action(pressed)
        return Heard(0, pressed)

    @property
    def states(self) -> dict[str, str]:
        return {key: strip.state for key, strip in self.strips.items()}


def opened() -> AppTest:
    return AppTest.from_file(str(ROOT / "pages" / "sanity.py"), default_timeout=60).run()


def by_hand(monkeypatch: pytest.MonkeyPatch) -> Prompt:
    """All pages ask this desk, and nobody has a verdict yet."""
    hand = Prompt()
    desk = Desk(hand)
    monkeypatch.setattr(work, "desk", lambda: desk)
    monkeypatch.setattr(work, "owner", lambda: "ann")
    monkeypatch.setattr(work, "PATIENCE", 0.0)
    monkeypatch.setattr(verdicts, "_latest", {})
    return hand


def watched(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """What the page gives its components is seen here instead of in a browser."""
    seen = Seen()
    monkeypatch.setattr(screen, "player", seen.player)
    monkeypatch.setattr(screen, "answer", seen.answer)
    return seen


def begun(hand: Prompt) -> AppTest:
    """The networks have answered, and every method waits for its turn."""
    page = opened()
    hand.survey_ends()
    return page.run()
