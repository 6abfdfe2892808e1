"""Where in the network a concept can be read, and where it is used for a class."""

from __future__ import annotations

from dataclasses import dataclass

from xai_core.sentence import Headline, Piece
from xai_core.tcav.cautions import Caution, cautions
from xai_core.tcav.grid import Finding, Grid
from xai_core.tcav.rounding import p_words, score_words
from xai_core.tcav.words import concept_pieces, counts, sentence


@dataclass(frozen=True, eq=False)
class Step:
    """One layer of a path."""

    finding: Finding
    readable: bool  # the direction knows new pictures of the concept better than guessing does

    @property
    def layer(self) -> str:
        return self.finding.cell.layer

    @property
    def used(self) -> bool:
        """The score is told from random concepts."""
        return self.finding.significant

    @property
    def doubted(self) -> tuple[Caution, ...]:
        """What speaks against the layer itself."""
        return tuple(found for found in cautions(self.finding) if found.kind in ("late", "early"))


@dataclass(frozen=True, eq=False)
class Path:
    """One concept and one class through all layers that were tested, in the order that they were asked for."""

    steps: tuple[Step, ...]

    @property
    def title(self) -> str:
        return self.steps[0].finding.result.title

    @property
    def label(self) -> str:
        return self.steps[0].finding.cell.label

    def sentence(self) -> Headline:
        """Where it is readable, by accuracy; where it is used, by significance. Doubtful layers are the warning."""
        found = self.steps[0].finding
        readable = [step for step in self.steps if step.readable]
        name, label = concept_pieces(found.result), Piece(self.label, strong=True)
        if not readable:
            return self._unreadable()
        best = max(readable, key=lambda step: step.finding.cell.accuracy)
        pieces = [*name, Piece(f" can be read {_where(readable, self.steps)}")]
        if len(self.steps) > 1:
            pieces += [Piece(f", best at {best.layer}")]
        pieces += [Piece(f" (accuracy {best.finding.cell.accuracy:.2f}; guessing gives 0.50). ")]
        warning = " ".join(each.text for step in self.steps if step.used for each in step.doubted)
        return Headline((*pieces, *_use(self.steps, found.result.title, label)), warning)

    def _unreadable(self) -> Headline:
        tried = [step.finding for step in self.steps if step.finding.cell.accuracies.size]
        if not tried:
            return sentence(self.steps[0].finding)
        best, name = max(found.cell.accuracy for found in tried), concept_pieces(tried[0].result)
        where = _listed([found.cell.layer for found in tried], "or")
        return Headline((*name, Piece(f" cannot be read at {where} (accuracy {best:.2f}; guessing gives 0.50).")))


def paths(grid: Grid) -> tuple[Path, ...]:
    """A path for every concept and class, in the order of the grid."""
    return tuple(Path(tuple(Step(found, _readable(found)) for found in each)) for each in grid.pairs)


def _readable(found: Finding) -> bool:
    return bool(found.cell.accuracies.size and found.cell.p_accuracy <= found.alpha)


def _use(steps: tuple[Step, ...], title: str, label: Piece) -> list[Piece]:
    """The second sentence."""
    used = [step for step in steps if step.used]
    if all(step.finding.verdict == "untestable" for step in steps):
        reason = next((step.finding.cell.refusal for step in steps if step.readable), "")
        return [Piece("Whether it is used for "), label, Piece(f" could not be tested. {reason}".rstrip())]
    if not used:
        return [Piece("No use of it for "), label, Piece(" can be told from a random concept's.")]
    plural = counts(title) == "count"
    pieces: list[Piece] = []
    for verdict in dict.fromkeys(step.finding.verdict for step in used):
        alike = [step for step in used if step.finding.verdict == verdict]
        places = _listed([f"{step.layer} ({_figures(step.finding)})" for step in alike])
        first = [Piece(f"{'They count' if plural else 'It counts'} {verdict} "), label]
        pieces += [Piece(f", and {verdict} it")] if pieces else first
        pieces += [Piece(f" at {places}")]
    return [*pieces, Piece(".")]


def _figures(found: Finding) -> str:
    return f"{score_words(found.cell.score)}; {p_words(found.p, found.alpha)}"


def _where(readable: list[Step], steps: tuple[Step, ...]) -> str:
    if len(steps) == 1:
        return f"at {steps[0].layer}"
    if len(readable) == len(steps):
        return "at all layers tested"
    names = [step.layer for step in readable]
    first = [step.layer for step in steps].index(names[0])
    if first and len(readable) == len(steps) - first:
        return f"from {names[0]} on"
    return f"at {_listed(names)}"


def _listed(names: list[str], word: str = "and") -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
