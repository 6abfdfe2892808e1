"""What a lasso on the map leads to, without a browser: explain ten, compare two, what sets them apart, a concept."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
import torch
from planted_maps import world
from streamlit.testing.v1 import AppTest

from conftest import make_toy
from pages.ui import links, places, work
from pages.ui.compare import panels
from pages.ui.compare.comparison import TABS, Comparison
from pages.ui.components.gallery import PanelView, Reply
from pages.ui.concepts.study import Study
from pages.ui.map import asking, reading
from pages.ui.map.looking import APART, EXPLAIN, TWO, Looking
from pages.ui.map.state import Atlas
from pages.ui.shelf import Shelf
from xai_core import build, limits
from xai_core.concepts.concept import concept
from xai_core.datasets.dataset import Dataset
from xai_core.describe import Describe
from xai_core.desk import Desk
from xai_core.embedding.picture_map import PictureMap
from xai_core.embedding.request import DrawMap, Source
from xai_core.embedding.settings import Settings
from xai_core.explain import Explain
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.jobs import Inline, Job
from xai_core.library.home import VARIABLE
from xai_core.method import methods
from xai_core.predict import Predict
from xai_core.store import Store

REDS = list(range(0, 30, 3))


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(tmp_path_factory.mktemp("library")))
        yield


@pytest.fixture(scope="module")
def data() -> Dataset:
    return world()


@pytest.fixture(scope="module")
def hub() -> Hub:
    made = Hub(build.load, torch.device("cpu"))
    made.adopt(make_toy())
    return made


@pytest.fixture(scope="module")
def shown(hub: Hub, data: Dataset) -> PictureMap:
    found = hub.run(DrawMap("toy", (Source(data.key, data.revision),), settings=Settings(layout="pca")))
    assert isinstance(found, PictureMap)
    return found


@pytest.fixture
def went(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that were opened."""
    found: list[str] = []

    def go(page: str) -> None:
        found.append(page)
        st.stop()

    monkeypatch.setattr(links, "go", go)
    return found


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, hub: Hub) -> dict[str, Sequence[PanelView]]:
    """Every answer at once; the panels that were drawn last, by the grid's key."""
    desk, found = Desk(Inline(hub)), dict[str, Sequence[PanelView]]()

    def gallery(views: Sequence[PanelView], *, key: str, display: object, **_others: object) -> Reply:
        found[key] = views
        return Reply(None, display)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "desk", lambda: desk)
    monkeypatch.setattr(work, "owner", lambda: "ann")
    monkeypatch.setattr(panels, "gallery", gallery)
    monkeypatch.setattr(reading, "_held", Store(2**20))
    return found


def page() -> None:
    import streamlit as st

    from pages.ui import work
    from pages.ui.map import detail, selected
    from pages.ui.map.state import atlas
    from pages.ui.shelf import shelf

    with work.page("map"):
        if st.session_state.get("beside"):
            detail.column(shelf(), atlas(), atlas().drawn)
        selected.drawer(shelf(), atlas(), atlas().drawn, None)


def opened(shown: PictureMap, rows: Sequence[int], **marks: object) -> AppTest:
    """The drawer with these rows selected."""
    app = AppTest.from_function(page, default_timeout=60)
    kept = Atlas(drawn=shown, rows=np.array(rows, np.intp))
    for name, value in marks.items():
        setattr(kept, name, value)
    app.session_state["map-state"] = kept
    app.session_state["shelf"] = Shelf(model="toy")
    return app


def look(app: AppTest, view: str) -> AppTest:
    app.run()
    app.segmented_control[0].set_value(view)
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return " ".join(each.value for each in app.markdown)


def test_ten_are_explained_the_typical_first_each_for_its_own_answer(
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]], hub: Hub, data: Dataset
) -> None:
    app = look(opened(shown, list(range(0, 48, 2))), EXPLAIN)
    assert "**10 of 24**, the most typical first" in words(app)
    views = drawn["map-explained"]
    assert len(views) == 10
    assert {view.state for view in views} == {"done"}
    first = next(item for item in data.items if views[0].key.endswith(item.digest[:12]))
    said = hub.run(Predict("toy", data.picture(first), Framing.AS_TRAINED)).top(1)[0]
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
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]], hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(Inline):
        """Takes for ever over RISE."""

        def submit(self, request: Hashable, urgent: bool = False) -> Job:
            slow = isinstance(request, Explain) and request.method == "rise"
            return Job(request, urgent) if slow else super().submit(request, urgent)

    desk = Desk(Slow(hub))
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


def test_two_are_compared_and_opened_together(
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]], went: list[str], data: Dataset
) -> None:
    clicked = max((row for row in range(20) if not shown.right[row]), key=lambda row: shown.confidence[row])
    app = look(opened(shown, range(20), current=clicked), TWO)
    one, other = drawn["map-two-0"], drawn["map-two-1"]
    assert one[0].key.endswith(data.items[clicked].digest[:12]), "the clicked one comes first"
    assert "To the model these two are" in words(app)
    assert "nearest" in words(app)
    app.button(key="map-two-open").click().run()
    assert not app.exception
    assert went == [places.COMPARE]
    kept: Comparison = app.session_state["comparison"]
    basket = app.session_state["shelf"].basket
    assert TABS[kept.tab] == "Two pictures"
    assert [picture.digest[:12] for picture in basket] == [other[0].key[-12:], one[0].key[-12:]]
    assert (kept.second, app.session_state["shelf"].picture) == (basket[0].digest, basket[1])


def test_a_full_basket_is_said_and_nobody_is_sent_away(
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]], went: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PICTURES_AT_ONCE", 0)
    app = look(opened(shown, REDS), TWO)
    app.button(key="map-two-open").click().run()
    assert "your basket is full" in app.error[0].value
    assert not went


def test_one_selected_picture_needs_a_second(shown: PictureMap, drawn: dict[str, Sequence[PanelView]]) -> None:
    app = look(opened(shown, [3]), TWO)
    assert "Select one more picture" in words(app)


def test_look_alikes_are_shown_and_can_be_added(shown: PictureMap, drawn: dict[str, Sequence[PanelView]]) -> None:
    app = look(opened(shown, REDS), APART)
    assert "The model keeps them" in words(app)
    assert "(by chance 50 %)" in words(app)
    app.button(key="map-alikes-add").click().run()
    rows = app.session_state["map-state"].rows
    added = set(rows.tolist()) - set(REDS)
    assert added
    assert {row % 3 for row in added} == {0}, "the other reds look like them"
    assert app.subheader[0].value == f"{len(rows)} pictures selected"


def test_the_clicked_picture_goes_in_and_out_of_the_selection(
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]]
) -> None:
    app = opened(shown, REDS, current=1)
    app.session_state["beside"] = True
    app.run()
    app.button(key="map-in-or-out-False").click().run()
    assert app.session_state["map-state"].rows.tolist() == sorted([1, *REDS])
    app.button(key="map-in-or-out-True").click().run()
    assert app.session_state["map-state"].rows.tolist() == REDS
    assert drawn["map-detail"][0].key.startswith("gradcam-")


def test_where_grad_cam_has_no_meaning_another_method_looks(hub: Hub) -> None:
    told = hub.run(Describe("toy"))
    nowhere = tuple((key, "no places") for key, each in methods().items() if "spatial" in each.needs)
    assert asking.usual(told) == "gradcam"
    assert asking.usual(replace(told, refusals=(*told.refusals, *nowhere))) == "gradient"


def test_a_selection_becomes_a_concept_in_question_for_what_the_model_mostly_says(
    shown: PictureMap, drawn: dict[str, Sequence[PanelView]], went: list[str], data: Dataset
) -> None:
    said = np.where(np.arange(len(shown)) == REDS[0], 1, 3).astype(np.int32)
    app = opened(replace(shown, predicted=said), REDS)
    app.run()
    app.text_input(key="map-concept-name").set_value("reds")
    app.button(key="map-concept").click().run()
    assert not app.exception
    assert went == [places.CONCEPTS]
    study: Study = app.session_state["concept-study"]
    made = concept(study.chosen[-1])
    assert made.title == "reds"
    assert [item.digest for item in made.items] == [data.items[row].digest for row in REDS]
    assert study.classes["toy"] == ["owl"]
    assert study.source == f"datasets/{data.key}"


def test_a_concept_of_two_data_sets_has_the_pictures_of_both(
    hub: Hub, drawn: dict[str, Sequence[PanelView]], went: list[str], data: Dataset
) -> None:
    other = world("more colours", range(60, 75))
    sources = (Source(data.key, data.revision), Source(other.key, other.revision))
    found = hub.run(DrawMap("toy", sources, settings=Settings(layout="pca")))
    app = opened(found, [2, 50, 3, 60])
    app.run()
    app.button(key="map-concept").click().run()
    made = concept(app.session_state["concept-study"].chosen[-1])
    wanted = [data.items[2], data.items[3], other.items[2], other.items[12]]
    assert [item.digest for item in made.items] == [item.digest for item in wanted]
    assert made.title == "4 from the map"
    assert made.origin == "from colours, more colours"


def test_a_picture_whose_file_is_gone_is_said_and_the_others_are_explained(
    hub: Hub, drawn: dict[str, Sequence[PanelView]]
) -> None:
    data = world("brittle")
    found = hub.run(DrawMap("toy", (Source(data.key, data.revision),), settings=Settings(layout="pca")))
    app = opened(found, REDS[:4], current=3)
    app.session_state["beside"] = True
    (data.folder / data.items[3].file).unlink()
    look(app, EXPLAIN)
    assert len(app.warning) == 2
    assert len(drawn["map-explained"]) == 3
    for view in (TWO, APART):
        look(app, view)
