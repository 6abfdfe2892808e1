"""One picture in a notebook: what a classifier makes of it, maps by any method, and whether a method can be trusted."""

from __future__ import annotations

from collections.abc import Sequence

from xai_core.cascade import Cascade, Law, Norms, Order
from xai_core.classifier import Classifier
from xai_core.explain import Explain, Explanation
from xai_core.framing import Framing
from xai_core.knobs import Params, changed
from xai_core.method import methods
from xai_core.notebook.models import hub
from xai_core.picture import Picture
from xai_core.predict import Predict, Prediction
from xai_core.progress import Progress, silent
from xai_core.sanity import SanityRun, SanityTest


def predict(classifier: Classifier, shown: Picture, framing: Framing = Framing.AS_TRAINED) -> Prediction:
    """What the classifier makes of the picture."""
    found: Prediction = hub().run(Predict(classifier.name, shown, framing))
    return found


def explain(
    classifier: Classifier,
    shown: Picture,
    method: str,
    *,
    target: int | None = None,
    framing: Framing = Framing.AS_TRAINED,
    progress: Progress = silent,
    **settings: object,
) -> Explanation:
    """One map; without a target, for the class that the classifier finds likeliest.

    KeyError names the methods there are; ValueError names a setting that is out of bounds.
    """
    params = _settings(method, settings)
    if target is None:
        target = predict(classifier, shown, framing).top(1)[0].index
    request = Explain(classifier.name, shown, framing, target, method, params)
    found: Explanation = hub().run(request, progress)
    return found


def compare(
    classifier: Classifier, shown: Picture, chosen: Sequence[str], *, target: int | None = None
) -> dict[str, Explanation]:
    """Several methods' maps of one picture and class, by method."""
    return {method: explain(classifier, shown, method, target=target) for method in chosen}


def sanity_check(
    classifier: Classifier,
    shown: Picture,
    method: str,
    *,
    target: int | None = None,
    order: Order = Order.TOP_DOWN,
    law: Law = Law.OWN,
    seed: int = 0,
    progress: Progress = silent,
    **settings: object,
) -> SanityRun:
    """Whether a method's map changes while a copy of the network is destroyed; `run.verdict.sentence` says it.

    Errors as `explain`; the classifier stays as it is.
    """
    params = _settings(method, settings)
    if target is None:
        target = predict(classifier, shown).top(1)[0].index
    norms = Norms.KEPT if law is Law.SOURCE else Norms.RESET
    recipe = Cascade(classifier.name, order, law, norms, seed)
    found: SanityRun = hub().run(SanityTest(recipe, shown, Framing.AS_TRAINED, target, method, params), progress)
    return found


def _settings(method: str, values: dict[str, object]) -> Params:
    if method not in methods():
        raise KeyError(f"no method {method!r}; there are {', '.join(methods())}")
    params = methods()[method].params()
    if unknown := values.keys() - {*params.__dataclass_fields__}:
        raise ValueError(f"{method} has no setting {', '.join(sorted(unknown))}")
    return changed(params, values)
