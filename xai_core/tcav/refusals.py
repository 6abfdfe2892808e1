"""Why there is no score, in words: what was wrong, with numbers, and what to do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xai_core.tcav.rounding import p_words
from xai_core.tcav.settings import ALPHA, LEAST, LEAST_EXAMPLES
from xai_core.tcav.sizes import too_few

Floats = NDArray[np.float32]

NOT_FINITE = "The network's numbers at this layer are not all finite, so nothing can be measured. Choose another layer."
NO_DIRECTION = (
    "The network's numbers at this layer are the same for the concept and for its counter-examples, so there is no "
    "direction to test. Choose other pictures or another layer."
)


def unlike(concept: Floats, free: int) -> str:
    """Of activations (n, D) and the number of counter-examples that are not among them; "" where all is well."""
    size, distinct = len(concept), len({row.tobytes() for row in concept})
    if size < LEAST:
        return too_few(size, free, relative=False)
    if distinct < LEAST:
        return (
            f"At this layer the network tells only {distinct} of the concept's {size} pictures apart; at least {LEAST} "
            "are needed. Add more different pictures, or choose another layer."
        )
    if free < size:
        return (
            f"{'Only ' if free else ''}{free or 'No'} counter-example{' differs' if free < 2 else 's differ'} from the "
            f"concept's own {size} pictures; as many as the concept has are needed. Choose a larger pool."
        )
    return ""


def unlearned(accuracy: float, held_out: int, p: float) -> str:
    """Where CAVs are no better than chance on `held_out` pictures; "" where they are."""
    if p <= ALPHA:
        return ""
    return (
        f"The concept cannot be told from its counter-examples at this layer: {100 * accuracy:.0f} % of {held_out} "
        f"pictures kept aside are right, guessing gives 50 % ({p_words(p, ALPHA)}). "
        "Add clearer examples, or choose another layer."
    )


def ungraded(given: int, telling: int) -> str:
    """Of the number of a class's pictures, and of those among them with a gradient; "" where they are enough."""
    if given < LEAST_EXAMPLES:
        return f"A class needs at least {LEAST_EXAMPLES} pictures to be tested; this one has {given}. Add more."
    if not telling:
        return (
            f"None of the class's {given} pictures has a gradient at this layer: no small change makes a difference. "
            "Choose another layer, or other pictures of the class."
        )
    if telling < LEAST_EXAMPLES:
        return (
            f"Only {telling} of the class's {given} pictures have a gradient at this layer, and at least "
            f"{LEAST_EXAMPLES} are needed: for the others no small change makes a difference. Choose another layer, or "
            "other pictures of the class."
        )
    return ""
