"""What a network still says while it is being destroyed: its answer at every stage, and whether it is alive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xai_core.cascade import Cascade, Order, destroyed
from xai_core.framing import Framed, Framing, frame
from xai_core.picture import Picture
from xai_core.progress import Progress, part, silent
from xai_core.zoo import Block

if TYPE_CHECKING:
    from xai_core.evidence import Evidence
    from xai_core.hub import Hub

RESOLUTION = 2**-24  # of float32, relative


@dataclass(frozen=True)
class Survey:
    """The request: every stage of a cascade, asked about one picture and class."""

    cascade: Cascade
    picture: Picture
    framing: Framing
    target: int  # class index of the trained model
    repredict: bool = False  # explain each stage's own answer instead of the trained model's class

    def answer(self, hub: Hub, progress: Progress = silent) -> Surveyed:
        progress(0.0, "building the randomised networks")
        ladder = hub.ladder(self.cascade)
        original = ladder.original
        framed = frame(self.picture.pixels, original.preprocess, self.framing)
        square = framed.square
        tops: dict[int, int] = {}
        for stage in range(ladder.stages + 1):
            progress(0.4 * stage / (ladder.stages + 1), f"asking the network at stage {stage}")
            tops[stage] = int(hub.evidence(self.cascade.at(stage), square, self.target).logits.nan_to_num().argmax())
        targets = {stage: top if self.repredict else self.target for stage, top in tops.items()}
        facts = []
        later = {stage: target for stage, target in targets.items() if stage}
        with ladder.ahead(later, part(progress, 0.4, 0.9)):
            for stage, target in targets.items():
                evidence = hub.evidence(self.cascade.at(stage), square, target)
                asked = hub.evidence(self.cascade.at(stage), square, self.target)
                facts.append(
                    Stage(
                        number=stage,
                        name=stage_name(original.blocks, self.cascade.order, stage),
                        top=tops[stage],
                        top_label=original.labels[tops[stage]],
                        top_probability=float(asked.logits.softmax(0)[tops[stage]]),
                        probability=asked.probability,
                        target=target,
                        dead=_dead(evidence),
                    )
                )
        return Surveyed(self, original.labels[self.target], tuple(facts), framed)


@dataclass(frozen=True)
class Stage:
    """One network of the cascade in figures; stage 0 is the trained model."""

    number: int
    name: str  # of the block that was destroyed last; "" at stage 0
    top: int  # the class it finds likeliest
    top_label: str
    top_probability: float
    probability: float  # of the class that was asked about
    target: int  # the class to explain at this stage
    dead: str  # why the network can no longer be explained, or ""


@dataclass(frozen=True, eq=False)
class Surveyed:
    """All stages, the trained network first."""

    request: Survey
    label: str  # of the class that was asked about
    stages: tuple[Stage, ...]
    framed: Framed = field(repr=False)  # what the networks see of the picture

    @property
    def blocks(self) -> int:
        return len(self.stages) - 1


def stage_name(blocks: tuple[Block, ...], order: Order, stage: int) -> str:
    """The block that a stage destroys on top of the stage before it."""
    if not stage:
        return ""
    gone = destroyed(order, stage, len(blocks))
    newest = gone[-1] if order is Order.BOTTOM_UP else gone[0]
    return " + ".join(blocks[newest])


def _dead(evidence: Evidence) -> str:
    """Why a network that says the same whatever it sees, or numbers that are none, has no explanation."""
    logits, gradient = evidence.logits, evidence.gradient
    if not bool(logits.isfinite().all()) or not bool(gradient.isfinite().all()):
        return "its numbers grew beyond what the computer can hold"
    if not bool(gradient.any()):
        return "no change of any pixel changes its answer"
    # all pixels together could move it by this much, to first order; less than a number's last digit is nothing
    reach = float(gradient.abs().sum()) * float(evidence.x.max() - evidence.x.min())
    if reach < float(logits.abs().max()) * RESOLUTION:
        return "it gives every picture the same answer"
    return ""
