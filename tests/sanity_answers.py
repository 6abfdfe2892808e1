"""Sanity checks made by hand: every figure in them is the test's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from known import marked

from xai_core.cascade import Cascade, Order
from xai_core.framing import Framed, Framing
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.sanity import SanityRun, SanityTest
from xai_core.similarity import MEASURES, RANKS
from xai_core.survey import Stage, Survey, Surveyed, stage_name

BLOCKS = (("conv_stem", "bn1"), ("blocks.0",), ("blocks.1",), ("classifier",))  # from the input to the output
LABELS = ("espresso", "coffee mug", "velvet", "web site")
FORGETS = (0.95, 0.02, 0.01, 0.004, 0.004)  # of the first class, the trained model first
SIDE = 32  # pixels; the least that the measures can compare
PICTURE = Picture.of(np.full((SIDE, SIDE, 3), 255, np.uint8), "white.png")


def surveyed(
    probabilities: Sequence[float] = FORGETS,
    *,
    cascade: Cascade | None = None,
    label: str = LABELS[0],
    dead: Mapping[int, str] | None = None,
    request: Survey | None = None,
) -> Surveyed:
    """A network of four blocks; where the class asked about has under a half, "velvet" has what is left."""
    request = request or Survey(cascade or Cascade("lite0"), PICTURE, Framing.WHOLE, 0)
    stages = []
    for number, share in enumerate(probabilities):
        top = 2 if share < 0.5 else request.target
        told = (label if top == request.target else LABELS[top], 1 - share if share < 0.5 else share)
        stages.append(
            Stage(
                number=number,
                name=stage_name(BLOCKS, request.cascade.order, number),
                top=top,
                top_label=told[0],
                top_probability=told[1],
                probability=share,
                target=top if request.repredict else request.target,
                dead=(dead or {}).get(number, ""),
            )
        )
    square = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
    return Surveyed(request, label, tuple(stages), Framed(square, (0.0, 0.0, SIDE, SIDE)))


def run(
    method: str, ranks: Sequence[float], survey: Surveyed | None = None, *, request: SanityTest | None = None
) -> SanityRun:
    """`ranks` after each of the four blocks; NaN where there is no map. Unrelated maps share up to 0.1."""
    survey = survey or surveyed()
    asked = survey.request
    if request is None:
        parts = (asked.cascade, asked.picture, asked.framing, asked.target, method, methods()[method].params())
        request = SanityTest(*parts, asked.repredict)
    similarity = np.full((1 + len(ranks), len(MEASURES)), 0.25)
    similarity[:, RANKS] = (1.0, *ranks)
    similarity[np.isnan(similarity[:, RANKS])] = np.nan
    noise = np.random.default_rng(len(method))
    maps = [
        None
        if np.isnan(share)
        else marked(noise.normal(size=(7, 7)), request.explain(stage, asked.target), signed=True, label=survey.label)
        for stage, share in enumerate(similarity[:, RANKS])
    ]
    reasons = tuple("" if found is not None else "There is no map at this stage." for found in maps)
    floor = np.tile([-0.1, 0.1], (len(MEASURES), 1))
    edges = np.where(np.isnan(similarity[:, RANKS]), np.nan, 0.3)
    return SanityRun(request, survey, tuple(maps), reasons, similarity, floor, edges)


STAYS = (0.99, 0.98, 0.9, 0.7)  # not about the model
FALLS = (0.2, 0.1, 0.05, 0.0)  # about the model
HALF = (0.7, 0.6, 0.3, 0.1)  # with care
GONE = (float("nan"),) * 4  # no verdict


def one_at_a_time(probabilities: Sequence[float] = FORGETS) -> Surveyed:
    return surveyed(probabilities, cascade=Cascade("lite0", Order.INDEPENDENT))
