"""The verdict that follows a method everywhere: from its own picture's sanity check, else from the latest known one."""

from __future__ import annotations

from threading import Lock

from pages.ui import work
from pages.ui.components.gallery import Badge
from xai_core.cascade import Cascade
from xai_core.explain import Explain
from xai_core.method import methods
from xai_core.sanity import SanityRun, SanityTest
from xai_core.verdict import Verdict

UNTESTED = "Not tested yet"


# by model and method; of all visitors, whose pictures' names are nobody else's business
_latest: dict[tuple[str, str], Verdict] = {}
_lock = Lock()


def test_of(request: Explain) -> SanityTest | None:
    """The usual sanity check of a map's method on its picture; None for a map of a network that is random already."""
    if not isinstance(request.model, str):
        return None
    asked = (request.picture, request.framing, request.target, request.method, request.params)
    return SanityTest(Cascade(request.model), *asked)


def keep(run: SanityRun) -> None:
    """Remember the verdict of a usual check for pictures on which the method was not tested."""
    recipe, method = run.request.cascade, run.request.method
    usual = methods()[method].params()
    if (
        recipe == Cascade(recipe.model)
        and run.request.params == usual
        and not run.request.repredict
        and run.verdict.kind != "none"
    ):
        with _lock:
            _latest[recipe.model, method] = run.verdict


def badge(request: Explain) -> Badge | None:
    """What to say of a map's method; a click leads to the evidence."""
    test = test_of(request)
    if test is None:
        return None
    run = work.desk().known(test)
    if isinstance(run, SanityRun):
        keep(run)
        return Badge(run.verdict.word, run.verdict.kind, run.verdict.sentence, evidence=True)
    told = _latest.get((test.cascade.model, test.method))
    if told is not None:
        why = f"Tested before, with another picture, class or settings. {told.sentence}"
        return Badge(told.word, told.kind, why, evidence=True)
    why = "Whether this map would change if the model had learned nothing has not been tested. Click to test it."
    return Badge(UNTESTED, "none", why, evidence=True)
