"""Several concepts judged together: the correction counts what was tested, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from tcav_answers import NAN, cell, refused, result

from xai_core.tcav.grid import Grid, grid
from xai_core.tcav.result import TcavResult

LABELS = ("zebra", "dalmatian", "daisy", "espresso")


def row(title: str, *p: float, score: float = 0.9) -> TcavResult:
    return result(title, [cell(score, each, target=n, label=LABELS[n]) for n, each in enumerate(p)])


def corrected(found: Grid) -> list[float]:
    return [finding.p for finding in found.findings]


def test_the_correction_runs_over_all_concepts_classes_and_layers() -> None:
    """Figures of Holm 1979 by hand: 4 × 0.01, 3 × 0.015, 2 × 0.02 (not less than the one before), 1 × 0.03 (nor)."""
    layers = result("Dots", [cell(p=0.02, layer="blocks.4"), cell(p=0.01, layer="blocks.5")])
    found = grid([row("Stripes", 0.03, 0.015), layers])
    assert found.tests == 4
    np.testing.assert_allclose(corrected(found), [0.045, 0.045, 0.045, 0.04])
    assert {finding.verdict for finding in found.findings} == {"for"}


def test_bonferroni_multiplies_by_the_number_of_tests() -> None:
    found = grid([row("Stripes", 0.01, 0.02), row("Dots", 0.4)], "Bonferroni")
    np.testing.assert_allclose(corrected(found), [0.03, 0.06, 1.0])
    assert [finding.verdict for finding in found.findings] == ["for", "unclear", "unclear"]


def test_what_has_no_score_is_not_counted_as_a_test() -> None:
    found = grid([row("Stripes", 0.04), result("Dots", [refused(), refused(target=1)])])
    assert found.tests == 1
    assert [finding.verdict for finding in found.findings] == ["for", "untestable", "untestable"]
    assert np.isnan(corrected(found)[1:]).all()
    assert [finding.cell.label for finding in found.testable] == ["zebra"]


@pytest.mark.parametrize("broken", [{"p": NAN}, {"scores": np.array([NAN, 0.5])}, {"scores": np.empty(0)}])
def test_a_score_or_a_p_that_is_no_number_is_no_test(broken: dict[str, object]) -> None:
    (finding,) = grid([result(cells=[cell(**{"random": 40, "nearer": 40, **broken})])]).findings  # type: ignore[arg-type]
    assert finding.verdict == "untestable"
    assert np.isnan(finding.p)


def test_the_order_is_that_of_the_results_and_of_their_cells() -> None:
    found = grid([row("Stripes", 0.5, 0.001), row("Dots", 0.01, 0.2)])
    told = [(finding.result.title, finding.cell.label) for finding in found.findings]
    assert told == [("Stripes", "zebra"), ("Stripes", "dalmatian"), ("Dots", "zebra"), ("Dots", "dalmatian")]


def test_findings_of_one_concept_and_class_stand_together_layer_by_layer() -> None:
    cells = [cell(layer=layer, target=target) for layer in ("blocks.4", "blocks.5") for target in (0, 1)]
    found = grid([result("Stripes", cells), row("Dots", 0.01)])
    told = [[(each.result.title, each.cell.target, each.cell.layer) for each in pair] for pair in found.pairs]
    assert told == [
        [("Stripes", 0, "blocks.4"), ("Stripes", 0, "blocks.5")],
        [("Stripes", 1, "blocks.4"), ("Stripes", 1, "blocks.5")],
        [("Dots", 0, "blocks.5")],
    ]
    assert found.layers == ("blocks.4", "blocks.5")


def test_one_class_with_two_sets_of_pictures_is_two_questions() -> None:
    cells = [cell(score, layer=layer) for layer in ("blocks.4", "blocks.5") for score in (0.9, 0.2)]
    pairs = grid([result("Stripes", cells)]).pairs
    assert [[each.cell.score for each in pair] for pair in pairs] == [
        [pytest.approx(0.9)] * 2,
        [pytest.approx(0.2)] * 2,
    ]


def test_the_same_result_shown_twice_counts_once() -> None:
    once, twice = grid([row("Stripes", 0.03)]), grid([row("Stripes", 0.03), row("Stripes", 0.03)])
    assert (once.tests, len(once.findings)) == (twice.tests, len(twice.findings)) == (1, 1)


@pytest.mark.parametrize(("score", "verdict"), [(0.93, "for"), (0.07, "against")])
def test_above_one_half_counts_for_and_below_counts_against(score: float, verdict: str) -> None:
    assert grid([row("Stripes", 0.01, score=score)]).findings[0].verdict == verdict


@pytest.mark.parametrize(("tests", "random"), [(1, 19), (3, 59), (18, 359), (31, 619)])
def test_a_p_exactly_at_the_level_is_significant(tests: int, random: int) -> None:
    cells = [cell(p=1 / (random + 1), random=random, target=number) for number in range(tests)]
    assert {finding.verdict for finding in grid([result(cells=cells)], "Bonferroni").findings} == {"for"}


def test_with_too_few_random_concepts_it_is_known_that_nothing_can_be_significant() -> None:
    def tested(random: int) -> Grid:
        return grid([result(cells=[cell(p=1 / (random + 1), random=random, target=n) for n in range(18)])])

    few, enough = tested(358), tested(359)
    assert few.needed == 400
    assert not any(finding.reachable or finding.significant for finding in few.findings)
    assert enough.needed == 0
    assert all(finding.reachable and finding.significant for finding in enough.findings)


def test_a_verdict_once_given_never_weakens_as_more_results_arrive() -> None:
    rng = np.random.default_rng(0)
    for correction in ("Holm", "Bonferroni"):
        for _ in range(200):
            p = rng.choice([0.0005, 0.002, 0.004, 0.02, 0.7], (4, 3))
            before = np.ones((4, 3))
            for count in range(1, 5):
                shown = [row(f"concept {n}", *p[n]) for n in range(count)]
                now = grid(shown, correction, pending=12 - 3 * count)  # type: ignore[arg-type]
                assert now.tests == 12
                after = np.array(corrected(now)).reshape(-1, 3)
                assert (after <= before[:count] + 1e-12).all()
                before[:count] = after
            np.testing.assert_allclose(before, after)


def test_nothing_yet_is_an_empty_grid() -> None:
    found = grid([])
    assert (found.findings, found.tests, found.needed, found.layers, found.pairs) == ((), 0, 0, (), ())


def test_a_correction_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="one of Holm, Bonferroni"):
        grid([], "none")  # type: ignore[arg-type]
    for alpha in (0.0, 1.0, NAN):
        with pytest.raises(ValueError, match="between 0 and 1"):
            grid([], alpha=alpha)
