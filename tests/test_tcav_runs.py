"""Past tests are kept, found again, and compared."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tcav_answers import cell, refused, result

from xai_core.errors import LibraryError
from xai_core.library.home import VARIABLE
from xai_core.tcav import runs
from xai_core.tcav.comparing import CHANGES, Comparison, compare
from xai_core.tcav.grid import Correction, Grid, grid
from xai_core.tcav.headline import headline
from xai_core.tcav.result import TcavResult
from xai_core.tcav.runs import Row, Run, answer, keep, remove, restore, run
from xai_core.tcav.settings import Settings
from xai_core.tcav.table import as_json
from xai_core.tcav.words import sentence


@pytest.fixture(autouse=True)
def own_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


TWO = [result("Stripes", [cell(), cell(0.4, 0.3, target=1, label="daisy")]), result("Dots", [refused()])]


def kept(*found: TcavResult, title: str = "My test", correction: Correction = "Holm") -> Run:
    return run(keep(grid(found, correction), title, "EfficientNet-Lite0"))


def test_a_kept_test_reads_as_it_was_though_model_and_pictures_are_not_there() -> None:
    found = grid(TWO)
    read = kept(*TWO)
    assert (read.title, read.model, read.headline) == ("My test", "EfficientNet-Lite0", headline(found).text)
    assert read.settings["weights"] == TWO[0].weights
    first, _, last = read.rows
    finding = found.findings[0]
    assert first == Row("Stripes", "zebra", "blocks.5", finding.cell.score, *finding.cell.interval, finding.p, "for",
                        finding.cell.accuracy, sentence(finding).text)  # fmt: skip
    assert (last.score, last.low, last.high, last.p, last.accuracy) == (None,) * 5
    assert last.sentence == "Dots have no score for zebra. Only 6 distinct pictures. Add 4 more."


def test_the_whole_answer_is_kept_beside_it() -> None:
    found = grid(TWO)
    key = keep(found, "My test", "EfficientNet-Lite0")
    assert answer(key) == as_json(found)
    assert json.loads(answer(key))["findings"][0]["random concepts"] == TWO[0].cells[0].random.tolist()


def test_the_same_test_is_kept_once_however_long_it_took_and_whatever_it_is_called() -> None:
    first = keep(grid([result(seconds=1.0)]), "Monday", "Lite0")
    assert keep(grid([result(seconds=2.0)]), "Tuesday", "Lite0") == first
    assert [each.title for each in runs.runs().runs] == ["Monday"]


@pytest.mark.parametrize(
    "other",
    [
        grid([result()], "Bonferroni"),
        grid([result(settings=Settings(seed=1))]),
        grid([result(revision=2)]),
        grid([result(cells=[cell(0.91)])]),
        grid([result(), result("Dots")]),
    ],
)
def test_another_test_is_another_entry(other: Grid) -> None:
    assert keep(grid([result()]), "Test", "Lite0") != keep(other, "Test", "Lite0")
    assert len(runs.runs().runs) == 2


def test_two_sessions_that_keep_the_same_test_at_once_keep_one() -> None:
    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(lambda _: keep(grid(TWO), "My test", "Lite0"), range(8)))
    assert len(keys) == len(runs.runs().runs) == 1


def test_the_newest_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    from xai_core.library import manifests

    for day, title in ((2, "second"), (3, "third"), (1, "first")):
        monkeypatch.setattr(manifests, "now", lambda day=day: datetime(2030, 1, day, tzinfo=UTC))
        keep(grid([result(title)]), title, "Lite0")
    assert [each.title for each in runs.runs().runs] == ["third", "second", "first"]


def test_beyond_the_most_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    from xai_core.library import manifests

    monkeypatch.setattr(runs, "KEPT", 3)
    for day in range(1, 6):
        monkeypatch.setattr(manifests, "now", lambda day=day: datetime(2030, 1, day, tzinfo=UTC))
        keep(grid([result(f"concept {day}")]), f"day {day}", "Lite0")
    assert [each.title for each in runs.runs().runs] == ["day 5", "day 4", "day 3"]


def test_a_removed_test_can_be_brought_back() -> None:
    key = kept(*TWO).key
    token = remove(key)
    assert runs.runs().runs == ()
    with pytest.raises(LibraryError, match="There is no kept test My test"):
        run(key)
    assert restore(token) == key
    assert run(key).rows[0].concept == "Stripes"


def test_a_damaged_one_does_not_hide_the_others(own_library: Path) -> None:
    broken, odd, odder, whole = (kept(result(title), title=title) for title in ("broken", "odd", "odder", "whole"))
    manifest = own_library / "runs" / broken.key / "manifest.json"
    manifest.write_text(manifest.read_text()[:-20])
    runs.entries.change("runs", odd.key, lambda content: {**content, "rows": [{"concept": "no more"}]})
    runs.entries.change("runs", odder.key, lambda content: {**content, "rows": ["no row"]})
    found = runs.runs()
    assert [each.key for each in found.runs] == [whole.key]
    assert len(found.messages) == 3
    assert any("The kept test odd cannot be read" in message for message in found.messages)
    assert any("The kept test broken" in message for message in found.messages)
    assert keep(grid([result("new")]), "new", "Lite0") == "new"


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_text("{}")])
def test_a_damaged_answer_is_refused_and_its_rows_are_still_there(own_library: Path, harm: object) -> None:
    key = kept(*TWO).key
    harm(own_library / "runs" / key / "answer.json")  # type: ignore[operator]
    with pytest.raises(LibraryError, match=r"The kept test My test cannot be read: its file .*Run the test again\."):
        answer(key)
    assert len(run(key).rows) == 3


def test_nothing_found_is_nothing_to_keep(own_library: Path) -> None:
    with pytest.raises(ValueError, match="nothing to keep"):
        keep(grid([]), "empty", "Lite0")
    assert not list(own_library.glob("runs/*"))


def test_an_odd_title_is_kept_safely(own_library: Path) -> None:
    read = kept(*TWO, title="../../=evil\u202e\n")
    assert "/" not in read.title
    assert (own_library / "runs" / read.key).parent == own_library / "runs"
    assert not list(own_library.parent.glob("*evil*"))


def changes(found: Comparison) -> list[tuple[str, str, str]]:
    return [(each.concept, each.label, each.change) for each in found.pairings]


def test_two_tests_are_matched_by_concept_class_and_layer() -> None:
    before = [cell(), cell(0.9, target=1, label="daisy"), cell(0.9, target=2, label="fox"), cell(0.7, 0.4, target=3,
              label="owl")]  # fmt: skip
    after = [cell(0.88), cell(0.52, 0.6, target=1, label="daisy"), cell(0.7, target=2, label="fox"),
             refused(target=3, label="owl"), cell(target=4, label="bee")]  # fmt: skip
    first = kept(result("Stripes", before), result("Dots", [cell(layer="blocks.3")]))
    second = kept(result("Stripes", after), result("Dots", [cell(layer="blocks.4")]))
    found = compare(first, second)
    assert changes(found) == [
        ("Stripes", "zebra", "same"),
        ("Stripes", "daisy", "verdict"),
        ("Stripes", "fox", "score"),
        ("Stripes", "owl", "verdict"),
        ("Dots", "zebra", "only first"),
        ("Stripes", "bee", "only second"),
        ("Dots", "zebra", "only second"),
    ]
    assert [each.words for each in found.pairings[1:6]] == [
        "for (0.90), then unclear (0.52)",
        "for (0.90), then for (0.70)",
        "unclear (0.70), then untestable",
        "for (0.90), then not asked",
        "not asked, then for (0.90)",
    ]
    assert found.sentence == "Of 4 questions in both, 3 have another answer."
    assert {each.change for each in found.pairings} == CHANGES.keys()


def test_a_score_that_left_only_one_of_the_intervals_has_not_clearly_moved() -> None:
    wide = cell(0.9, interval=(0.6, 1.0))
    assert changes(compare(kept(result(cells=[wide])), kept(result(cells=[cell(0.7)])))) == [
        ("Striped", "zebra", "same")
    ]


def test_concepts_of_one_name_are_matched_in_their_order() -> None:
    twins = [result("Red", [cell(score)], revision=n) for n, score in ((1, 0.9), (2, 0.2))]
    found = compare(kept(*twins), kept(*twins, correction="Bonferroni"))
    assert [each.name for each in found.differences] == ["correction"]
    assert [(each.first.score, each.second.score) for each in found.pairings if each.first and each.second] == [
        (pytest.approx(0.9), pytest.approx(0.9)),
        (pytest.approx(0.2), pytest.approx(0.2)),
    ]


def test_what_was_chosen_differently_is_listed() -> None:
    one = kept(result("Stripes"))
    other = kept(result("Stripes", settings=Settings(seed=3, classifier="ridge"), relative=True, model="resnet50",
                        revision=4), correction="Bonferroni")  # fmt: skip
    told = {each.name: (each.first, each.second) for each in compare(one, other).differences}
    assert told == {
        "model": ("lite0", "resnet50"),
        "correction": ("Holm", "Bonferroni"),
        "classifier": ("logistic", "ridge"),
        "seed": ("0", "3"),
        "Stripes: examples": ("stripes, revision 1", "stripes, revision 4"),
        "Stripes: held against the other concepts": ("no", "yes"),
    }
    assert compare(one, one).differences == ()


def test_tests_without_a_question_in_common_say_so() -> None:
    assert compare(kept(result("Red")), kept(result("Blue"))).sentence == "The two tests have no question in common."
    again = kept(result("Red"))
    assert compare(again, again).sentence == "Of one question in both, none have another answer."
