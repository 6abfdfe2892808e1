"""Two kept tests side by side: which answers changed, and what was chosen differently."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from xai_core.tcav.rounding import score_words
from xai_core.tcav.runs import Row, Run

Change = Literal["verdict", "score", "same", "only first", "only second"]
CHANGES: dict[Change, str] = {
    "verdict": "another verdict",
    "score": "the score moved beyond both intervals",
    "same": "no clear change",
    "only first": "only in the first",
    "only second": "only in the second",
}
_CHOICES = {
    "model": "model",
    "weights": "the model's weights (SHA-256)",
    "correction": "correction",
    "alpha": "level of significance",
    "runs": "counter-sets",
    "random_concepts": "random concepts",
    "most": "pictures of a set at most",
    "examples": "pictures of a class at most",
    "classifier": "classifier",
    "pooling": "pooling",
    "seed": "seed",
}
_SETS = {
    "concept": "examples",
    "against": "counter-examples",
    "classes": "pictures of the classes",
    "relative": "held against the other concepts",
}


@dataclass(frozen=True)
class Pairing:
    """The same question in two tests; one side is None where only the other test asked it."""

    concept: str
    label: str
    layer: str
    first: Row | None
    second: Row | None
    change: Change

    @property
    def words(self) -> str:
        """ "for (0.90), then unclear (0.61)"."""
        return f"{_words(self.first)}, then {_words(self.second)}"


@dataclass(frozen=True)
class Difference:
    """One choice that is not the same in both."""

    name: str
    first: str
    second: str


@dataclass(frozen=True)
class Comparison:
    """Pairings in the order of the first test, then what only the second has; choices that differ."""

    pairings: tuple[Pairing, ...]
    differences: tuple[Difference, ...]

    @property
    def sentence(self) -> str:
        counted = Counter(each.change for each in self.pairings)
        both = len(self.pairings) - counted["only first"] - counted["only second"]
        if not both:
            return "The two tests have no question in common."
        changed = counted["verdict"] + counted["score"]
        asked = "one question" if both == 1 else f"{both} questions"
        verb = "has" if changed == 1 else "have"
        return f"Of {asked} in both, {changed or 'none'} {verb} another answer."


def compare(first: Run, second: Run) -> Comparison:
    """Findings matched by the concept's name, the class's and the layer; of several equal ones, in their order."""
    ours, theirs = _numbered(first.rows), _numbered(second.rows)
    names = dict.fromkeys([*ours, *theirs])
    pairings = (Pairing(*name[:3], ours.get(name), theirs.get(name), _change(ours.get(name), theirs.get(name)))
                for name in names)  # fmt: skip
    return Comparison(tuple(pairings), tuple(_differences(first.settings, second.settings)))


def _numbered(rows: tuple[Row, ...]) -> dict[tuple[str, str, str, int], Row]:
    found: dict[tuple[str, str, str, int], Row] = {}
    seen: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        name = (row.concept, row.label, row.layer)
        found[*name, seen[name]] = row
        seen[name] += 1
    return found


def _change(first: Row | None, second: Row | None) -> Change:
    if first is None:
        return "only second"
    if second is None:
        return "only first"
    if first.verdict != second.verdict:
        return "verdict"
    return "score" if _outside(first, second) and _outside(second, first) else "same"


def _outside(score: Row, interval: Row) -> bool:
    if score.score is None or interval.low is None or interval.high is None:
        return False
    return not interval.low <= score.score <= interval.high


def _differences(first: dict[str, Any], second: dict[str, Any]) -> list[Difference]:
    found = [
        Difference(words, _shown(first.get(name)), _shown(second.get(name)))
        for name, words in _CHOICES.items()
        if first.get(name) != second.get(name)
    ]
    ours, theirs = _by_title(first), _by_title(second)
    for title, words, name in ((title, words, name) for title in ours for name, words in _SETS.items()):
        one, other = ours[title].get(name), theirs.get(title, ours[title]).get(name)
        if one != other:
            found.append(Difference(f"{title[0]}: {words}", _shown(one), _shown(other)))
    return found


def _by_title(settings: dict[str, Any]) -> dict[tuple[str, int], dict[str, Any]]:
    """The requests by the concept's name; of several of one name, in their order."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    seen: Counter[str] = Counter()
    for request in settings.get("requests", ()):
        found[request["title"], seen[request["title"]]] = request
        seen[request["title"]] += 1
    return found


def _shown(value: Any) -> str:
    """Sets are named by key and revision, classes by their pictures' set."""
    if value is None:
        return "not said"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        chosen = "as the model sees it" if value.get("predicted") else f"class {value.get('label')}"
        return f"{value.get('key')}, revision {value.get('revision')}, {chosen}"
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int):
        return f"{value[0]}, revision {value[1]}"
    if isinstance(value, list):
        return "; ".join(map(_shown, value))
    return str(value)


def _words(row: Row | None) -> str:
    if row is None:
        return "not asked"
    return row.verdict if row.score is None else f"{row.verdict} ({score_words(row.score)})"
