"""How a test is done, step by step, for somebody who has its file, the pictures, and another program."""

from __future__ import annotations

from xai_core.tcav.sets import MOST_POOL
from xai_core.tcav.settings import PENALTY, SGD, Classifier, Settings
from xai_core.tcav.statistics import RESAMPLES

TEST = (
    "The larger of two two-sided ranks, (1 + random concepts as far) / (1 + random concepts): by |score - 0.5|, among "
    "equals by |derivative along one direction|, 1 for a score of 0.5; and by |derivative along one direction|. That "
    "direction is the mean of a concept's directions of all runs, made length 1."
)
_SPREAD = "lambda is {} times the mean squared distance of the training pictures from their mean"
_FITS: dict[Classifier, str] = {
    "logistic": "minimise sum log(1 + exp(-y f)) + lambda/2 |w|^2; " + _SPREAD.format(PENALTY["logistic"]),
    "ridge": "minimise sum (y - f)^2 + lambda |w|^2; " + _SPREAD.format(PENALTY["ridge"]),
    "sgd": f"scikit-learn's SGDClassifier with {SGD} and a seed drawn after all permutations of the runs: "
    "rng.integers(2**31, size=runs); its steps are made in coordinates of the same products, so scores agree nearly",
}


def recipe(settings: Settings, relative: bool) -> list[str]:
    """Whole sentences; what they call rng is a generator of NumPy."""
    pooled = "averaged over space" if settings.pooling == "average" else "flattened, channel by channel"
    summed = "added up over space" if settings.pooling == "average" else "flattened likewise"
    pool = "the concept's pictures, then the counter-examples" if relative else "the counter-examples"
    return [
        "Pictures of one digest count once, the first. Counter-examples: all sets held against, in the order of the "
        f"request, at most {MOST_POOL} of them; then without those that are the concept's, too.",
        f"n, the pictures of a set: the concept's, at most {settings.most}, and at most "
        f"{'all' if relative else 'half the'} counter-examples. At most {settings.examples} pictures of a class. Of "
        "more, rng.choice(count, most, replace=False) of default_rng(seed), in rising order.",
        "Where a class is what the model takes for it: the first in the order of default_rng(seed).permutation(count).",
        f"A picture's row: the layer's output, {pooled}. Its gradient: that of the class's logit by that output, "
        f"{summed}; pictures whose gradient is 0 are left out.",
        "The concept's runs: rng = default_rng((seed, 0)); against = rng.permuted(tile(counter-examples, (runs, 1)), "
        "axis=1)[:, :n]; towards = rng.permuted(tile(concept, (runs, 1)), axis=1).",
        f"Random concept m, from 0 on: rng = default_rng((seed, 1 + m)); order = rng.permutation(pool); the first n of "
        f"order are the concept, all others its counter-examples; then as above. The pool: {pool}"
        f"{'' if relative else ', those that are the concept’s, too, among them'}.",
        "Of each run's n and n the first round(n / 3) judge, the others train f = w x + b, b not penalised, y = 1 for "
        f"the concept and -1 for the others: {_FITS[settings.classifier]}. The direction is w / |w|.",
        "A run's score: the share of the class's pictures with gradient times direction above 0, 0 counting half; the "
        "score is the mean over the runs.",
        f"Intervals: percentiles of {RESAMPLES} draws of runs and class pictures, both at once; of a score never "
        "narrower than Wilson's of a share of the class's pictures. The concept's own pictures are not drawn anew.",
    ]
