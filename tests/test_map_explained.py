"""Pictures that were lassoed on the map, explained ten at a time; without a browser."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import pytest
from drawer_app import REDS, at_once, look, opened, words
from planted_maps import seen_by_the_toy, world

from pages.ui import work
from pages.ui.components.gallery import PanelView
from pages.ui.map import asking
from pages.ui.map.looking import APART, EXPLAIN, TWO, Looking
from xai_core.datasets.dataset import Dataset
from xai_core.describe import Describe
from xai_core.desk import Desk
from xai_core.embedding.picture_map import PictureMap
from xai_core.explain import Explain
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.jobs import Inline, Job
from xai_core.method import methods
from xai_core.predict import Predict

pytest_plugins = ["fixtures_map"]
pytestmark = pytest.mark.usefixtures("data")  # the library of its own


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, shared: Hub) -> dict[str, Sequence[PanelView]]:
    return at_once(monkeypatch, shared)


def test_ten_are_explained_the_typical_first_each_for_its_own_answer(
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]], shared: Hub, data: Dataset
) -> None:
    app = look(opened(shown, list(range(0, 48, 2))), EXPLAIN)
    assert "**10 of 24**, the most typical first" in words(app)
    views = drawn["map-explained"]
    assert len(views) == 10
    assert {view.state for view in views} == {"done"}
    first = next(item for item in data.items if views[0].key.endswith(item.digest[:12]))
    said = shared.run(Predict("toy", data.picture(first), Framing.AS_TRAINED)).top(1)[0]
    assert views[0].title.startswith(f"{said.label} ")
    assert views[0].title.endswith("right" if said.label == data.classes[first.label or 0].lower() else
                                   f"wrong: it is {data.classes[first.label or 0]}")  # fmt: skip


def test_all_can_be_explained_for_one_class_by_another_method(
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]]
) -> None:
    app = look(opened(shown, REDS[:3]), EXPLAIN)
    asked = app.selectbox(key="map-explain-class")
    assert asked.options[0] == "what it says of each"
    app.selectbox(key="map-explain-method").set_value("gradient")
    app.run()
    app.selectbox(key="map-explain-class").set_value(2).run()
    assert not app.exception
    assert all(view.key.startswith("gradient-") for view in drawn["map-explained"])
    assert all("fox" in view.title for view in drawn["map-explained"])


def test_a_slow_method_says_how_slow_it_is(shown: PictureMap, drawn: dict[str, Sequence[PanelView]]) -> None:
    app = look(opened(shown, REDS), EXPLAIN)
    options = app.selectbox(key="map-explain-method").options
    assert options[0] == "Grad-CAM"
    assert "RISE · 880 × slower" in options
    assert not any(option.startswith("Attention rollout") for option in options), "the toy has no attention"


def test_a_slow_method_can_be_stopped_and_goes_on_where_it_was(
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]], shared: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Inline):
        """Takes for ever over RISE."""

        def submit(self, request: Hashable, urgent: bool = False) -> Job:
            slow = isinstance(request, Explain) and request.method == "rise"
            return Job(request, urgent) if slow else super().submit(request, urgent)

    desk = Desk(Slow(shared))
    monkeypatch.setattr(work, "desk", lambda: desk)
    app = look(opened(shown, REDS, looking=Looking(view=EXPLAIN, method="rise")), EXPLAIN)
    assert {view.state for view in drawn["map-explained"]} == {"waiting"}
    app.button(key="map-explained-stop").click().run()
    assert {view.state for view in drawn["map-explained"]} == {"stopped"}
    app.button(key="map-explained-go-on").click().run()
    assert not app.exception
    assert {view.state for view in drawn["map-explained"]} == {"waiting"}


def test_with_everything_selected_nothing_is_typical_and_that_is_said(
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]]
) -> None:
    app = look(opened(shown, range(len(shown))), EXPLAIN)
    assert "with everything selected there is nothing to be typical against" in words(app)
    assert len(drawn["map-explained"]) == 10
    look(app, APART)
    assert "nothing to set it apart from" in words(app)


def test_of_many_the_mistakes_can_be_explained(shown: PictureMap, drawn: dict[str, Sequence[PanelView]]) -> None:
    app = look(opened(shown, range(40)), EXPLAIN)
    app.selectbox(key="map-rule").set_value("mistakes").run()
    assert not app.exception
    assert "only what the model gets wrong" in words(app)
    assert all("wrong: it is" in view.title for view in drawn["map-explained"])
    assert len(drawn["map-explained"]) == min(10, int((~shown.right[:40]).sum()))


def test_where_grad_cam_has_no_meaning_another_method_looks(shared: Hub) -> None:
    told = shared.run(Describe("toy"))
    nowhere = tuple((key, "no places") for key, each in methods().items() if "spatial" in each.needs)
    assert asking.usual(told) == "gradcam"
    assert asking.usual(replace(told, refusals=(*told.refusals, *nowhere))) == "gradient"


def test_a_picture_whose_file_is_gone_is_said_and_the_others_are_explained(
    shared: Hub, drawn: dict[str, Sequence[PanelView]]
) -> None:
    data = world("brittle")
    found = seen_by_the_toy(shared, data)
    app = opened(found, REDS[:4], current=3)
    app.session_state["beside"] = True
    (data.folder / data.items[3].file).unlink()
    look(app, EXPLAIN)
    assert len(app.warning) == 2
    assert len(drawn["map-explained"]) == 3
    for view in (TWO, APART):
        look(app, view)
