"""What a link cannot mean is told to the visitor, and the view stays as it is."""

from __future__ import annotations

import pytest

from pages.ui import links, places
from pages.ui.map.state import atlas
from pages.ui.query import Query
from xai_core.datasets.dataset import Dataset
from xai_core.method import methods

pytest_plugins = ["fixtures_links"]
pytestmark = pytest.mark.usefixtures("fresh_visitor")


def test_marks_of_another_revision_are_left_out_and_that_is_told(creatures: Dataset) -> None:
    told = {"pictures": f"datasets/{creatures.key}", "selected": "0-2", "revisions": str(creatures.revision + 1)}
    assert "have changed" in links.read(places.MAP, told)[0]
    assert not len(atlas().rows)


def test_a_layout_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.ui.map.address.layouts", lambda: ("tsne", "pca"))
    assert "not installed" in links.read(places.MAP, {"layout": "umap"})[0]
    assert atlas().settings.layout == "tsne"


@pytest.mark.parametrize(
    ("page", "name", "value"),
    [
        (places.COMPARE, "model", "../../etc/passwd"),
        (places.COMPARE, "picture", "/etc/passwd"),
        (places.COMPARE, "picture", "*" * 16),
        (places.COMPARE, "view", "x" * 10_000),
        (places.COMPARE, "framing", "<script>"),
        (places.COMPARE, "class", "nan"),
        (places.COMPARE, "class", "-1"),
        (places.COMPARE, "class", "9" * 5000),
        (places.COMPARE, "class", "²"),
        (places.COMPARE, "against", "1e3"),
        (places.COMPARE, "tab", "4"),
        (places.COMPARE, "opacity", "1.01"),
        (places.COMPARE, "opacity", "nan"),
        (places.COMPARE, "opacity", "9" * 5000),
        (places.COMPARE, "colours", "pink"),
        (places.COMPARE, "smooth", "maybe"),
        (places.COMPARE, "strongest", "0"),
        (places.COMPARE, "strongest", "1e400"),
        (places.COMPARE, "integrated_gradients.steps", "1e400"),
        (places.COMPARE, "integrated_gradients.steps", "many"),
        (places.SANITY, "order", "sideways"),
        (places.SANITY, "law", "OWN"),
        (places.SANITY, "seed", "10000"),
        (places.SANITY, "methods", "nonsense"),
        (places.CONCEPTS, "concepts", "../secrets"),
        (places.CONCEPTS, "pictures", "datasets/../x"),
        (places.CONCEPTS, "runs", "-5"),
        (places.CONCEPTS, "runs", "51"),
        (places.CONCEPTS, "random_concepts", "401"),
        (places.CONCEPTS, "classifier", "magic"),
        (places.CONCEPTS, "open", "nobody"),
        (places.MAP, "pictures", "datasets/nobody"),
        (places.MAP, "of", "nonsense"),
        (places.MAP, "perplexity", "nan"),
        (places.MAP, "seed", "9" * 400),
        (places.MAP, "stable", "sure"),
        (places.MODELS, "room", "cellar"),
        (places.MODELS, "data", ".."),
        (places.MODELS, "truth", "-1"),
    ],
)
def test_what_a_link_cannot_mean_is_told_and_changes_nothing(page: str, name: str, value: str) -> None:
    notices = links.read(page, {name: value})
    assert len(notices) == 1
    assert len(notices[0]) < 200
    assert links.values(page) == {}


def test_a_link_full_of_nonsense_is_told_in_one_notice() -> None:
    query = Query({"seed": "x", "tab": "99", "view": "all"})
    for name in query.values:
        query.number(name, 10, 0)
    assert query.told() == ["The link asks for what we do not have here (seed, tab, view); the usual is shown."]


def test_of_a_list_what_is_known_is_kept() -> None:
    query = Query({"methods": "lime,nonsense,rise,lime"})
    assert query.several("methods", methods(), ()) == ("lime", "rise")
    (notice,) = query.told()
    assert notice.endswith("are not all here; the others are shown.")
