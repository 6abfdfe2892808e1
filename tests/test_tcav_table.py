"""The table and the file of a test, read back by other programs' rules."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tcav_answers import NAN, WEIGHTS, cell, refused, result

from xai_core.datasets.dataset import Dataset, dataset, save
from xai_core.library import entries
from xai_core.library.home import VARIABLE
from xai_core.picture import Picture
from xai_core.tcav.grid import Grid, grid
from xai_core.tcav.request import Examples, Tcav
from xai_core.tcav.result import TcavResult
from xai_core.tcav.settings import Settings
from xai_core.tcav.table import as_csv, as_json, rows


@pytest.fixture(autouse=True)
def own_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))


def read(found: Grid) -> list[dict[str, str]]:
    text = as_csv(found).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def loaded(found: Grid) -> dict[str, Any]:
    def never(text: str) -> None:
        raise AssertionError(f"{text} is no JSON")

    content: dict[str, Any] = json.loads(as_json(found), parse_constant=never)
    return content


TWO = [result("Stripes", [cell(0.91234567, 0.0123), cell(0.2, 0.3, target=1, label="daisy", steady=0.99)]),
       result("Dots", [refused()])]  # fmt: skip


def test_there_is_a_row_for_each_finding_in_the_order_of_the_grid() -> None:
    told = [(row["concept"], row["class"], row["layer"], row["verdict"]) for row in rows(grid(TWO))]
    assert told == [
        ("Stripes", "zebra", "blocks.5", "for"),
        ("Stripes", "daisy", "blocks.5", "unclear"),
        ("Dots", "zebra", "blocks.5", "untestable"),
    ]
    assert len({tuple(row) for row in rows(grid(TWO))}) == 1


def test_figures_come_back_from_the_table_with_all_their_digits() -> None:
    found = grid(TWO)
    for line, finding in zip(read(found)[:2], found.findings, strict=False):
        shown = finding.cell
        for name, value in {
            "score": shown.score,
            "score, 95 % from": shown.interval[0],
            "score, 95 % to": shown.interval[1],
            "p (Holm, 2 tests)": finding.p,
            "p (not corrected)": shown.p,
            "effect size": shown.effect,
            "mean derivative": shown.mean,
            "p of the mean score (not corrected)": shown.p_score,
            "p of the mean derivative (not corrected)": 0.013,
            "accuracy of the direction": shown.accuracy,
            "p, t-test of the runs against 0.5 (as in Kim et al. 2018)": shown.p_half,
            "p, t-test of the runs against random directions (as in TF-TCAV)": shown.p_random,
            "gradients alike": shown.steady,
            "real steps that follow": shown.follows,
        }.items():
            assert float(line[name]) == value, name
        assert int(line["random concepts with a weaker effect"]) == shown.beaten
        assert (line["random concepts"], line["runs"]) == ("400", "4")
    assert "blocks.5 is too late" in read(found)[1]["with care"]


def test_what_is_not_defined_is_an_empty_field_and_the_reason_stands_beside_it() -> None:
    line = read(grid(TWO))[2]
    assert line["score"] == line["p (not corrected)"] == line["gradients alike"] == ""
    assert line["random concepts with a weaker effect"] == ""
    assert line["sentence"].endswith("Only 6 distinct pictures. Add 4 more.")
    assert "nan" not in as_csv(grid(TWO)).decode("utf-8-sig").lower()


@pytest.mark.parametrize("name", ["=1+1", "+1+1", "-1-1", "@SUM(A1)", "\tx"])
def test_names_are_never_taken_for_formulas(name: str) -> None:
    (line,) = read(grid([result(name, [cell(label=name, layer=name)])]))
    assert line["concept"] == line["class"] == line["layer"] == f"'{name}"
    assert line["sentence"].startswith("'")


def test_awkward_names_come_back_as_they_were() -> None:
    for name in ('say "cheese", please', "two\nlines", "ünïcode ✓", "a;b|c"):
        (line,) = read(grid([result(name, [cell(label=name)])]))
        assert line["concept"] == line["class"] == name


def test_nothing_tested_is_an_empty_table() -> None:
    assert rows(grid([])) == []
    assert read(grid([])) == []
    assert loaded(grid([]))["findings"] == []


def test_the_file_holds_every_run_and_every_random_concept() -> None:
    found = grid(TWO)
    for told, finding in zip(loaded(found)["findings"], found.findings, strict=True):
        shown = finding.cell
        assert told["score"]["runs"] == shown.scores.tolist()
        assert told["derivative"]["runs"] == shown.means.tolist()
        assert told["derivative"]["p, not corrected"] == (None if shown.refusal else 0.013)
        assert told["accuracy"]["runs"] == shown.accuracies.tolist()
        assert told["accuracy"]["held-out pictures"] == shown.held_out
        assert told["random concepts"] == shown.random.tolist()
        assert told["derivative"]["along one direction"] == (None if shown.refusal else shown.along)
        assert told["random concepts, derivatives along one direction"] == shown.random_along.tolist()
        assert told["p"]["by score alone"] == (None if shown.refusal else shown.p_score)
        assert told["pictures of the class without a gradient"] == shown.silent
        assert told["class"] == {"number": shown.target, "label": shown.label, "pictures": shown.examples}
        assert told["why no score"] == shown.refusal
        assert told["verdict"] == finding.verdict


def test_the_file_names_the_sources_tests_and_how_often_they_are_wrong() -> None:
    sources = loaded(grid(TWO))["findings"][0]["tests of the sources"]
    wrong = "random concepts that it calls significant at 0.05"
    assert [(test["name"], test["p"], test[wrong]) for test in sources] == [
        ("as in Kim et al. 2018", 0.004, 0.48),
        ("as in TF-TCAV", 0.02, 0.33),
    ]


def test_the_file_holds_the_request_word_for_word() -> None:
    settings = Settings(runs=7, random_concepts=99, classifier="ridge", pooling="flatten", seed=5)
    found = grid([result("Stripes", settings=settings, relative=True, model="resnet50")], "Bonferroni", 0.01)
    content = loaded(found)
    (told,) = content["results"]
    asked = told["request"]
    entries_ = tuple(tuple(each) for each in asked["against"])
    classes = tuple(Examples(**each) for each in asked["classes"])
    again = Tcav(asked["model"], tuple(asked["concept"]), entries_, classes, tuple(asked["layers"]), asked["relative"],
                 Settings(**asked["settings"]))  # fmt: skip
    assert again == found.findings[0].result.request
    assert told["model SHA-256"] == WEIGHTS
    assert told["notes"] == ["One picture was met twice."]
    assert content["correction"] == {"name": "Bonferroni", "alpha": 0.01, "tests": 1}
    assert content["versions"]["torch"]
    assert content["versions"]["scikit-learn"]


def kept(title: str, shelf: str = "concepts") -> Dataset:
    pictures = [Picture.of(np.full((8, 8, 3), shade, np.uint8), f"{shade}.png") for shade in (10, 200)]
    given = [(picture, picture.name, 0, "") for picture in pictures]
    return save(title, ("animal",), given, {}, shelf=shelf)  # type: ignore[arg-type]


def asking(*sets: Dataset) -> TcavResult:
    concept, pool, animals = sets
    classes = (Examples(0, "datasets", animals.key, animals.revision, 0),)
    request = Tcav("lite0", (concept.key, 1), ((pool.key, 1),), classes, ("blocks.5",))
    return TcavResult(request, "Stripes", 2, 2, 0.1, WEIGHTS, (cell(),), (), 1.0)


def test_the_pictures_are_named_by_their_digests() -> None:
    sets = (kept("Stripes"), kept("Pool"), kept("Animals", "datasets"))
    told = loaded(grid([asking(*sets), asking(*sets)]))["sets"]
    assert [(each["shelf"], each["title"], each["revision"]) for each in told] == [
        ("concepts", "Stripes", 1),
        ("concepts", "Pool", 1),
        ("datasets", "Animals", 1),
    ]
    for each, found in zip(told, sets, strict=True):
        assert [(p["digest"], p["label"]) for p in each["pictures"]] == [(i.digest, i.label) for i in found.items]


def test_a_set_that_has_changed_or_gone_is_said_to_have() -> None:
    sets = (kept("Stripes"), kept("Pool"), kept("Animals", "datasets"))
    entries.remove("concepts", sets[0].key)
    entries.change("concepts", sets[1].key, lambda manifest: {**manifest, "title": "Larger pool"})
    gone, changed, there = loaded(grid([asking(*sets)]))["sets"]
    assert gone["pictures"] is None
    assert "There is no concept set Stripes" in gone["gone"]
    assert (changed["title"], changed["pictures"], changed["gone"]) == ("Larger pool", None, "now at revision 2")
    assert dataset(sets[2].key).items[0].digest == there["pictures"][0]["digest"]


def test_what_is_no_number_is_null_in_the_file() -> None:
    shown = cell(effect=float("inf"), steady=NAN, mean_interval=(NAN, NAN))
    (told,) = loaded(grid([result(cells=[shown], overlap=NAN)]))["findings"]
    assert told["effect size"] is told["gradients alike"] is None
    assert told["derivative"]["interval 95 %"] == [None, None]
