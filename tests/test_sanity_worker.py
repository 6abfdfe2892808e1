"""A network is being destroyed on the device while others use it: what they get, and what a stop leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

from xai_core.cascade import Cascade
from xai_core.describe import Describe
from xai_core.explain import Explain
from xai_core.framing import Framing
from xai_core.jobs import Job, Worker
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.predict import Predict
from xai_core.sanity import Finished, SanityRun, SanityTest

ESPRESSO = 967
LONG = 480.0  # seconds; only a hang takes that long


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.close()


def ended(job: Job) -> Job:
    assert job.ended.wait(LONG), f"{job.request} is still {job.state}"
    return job


def destroying(coffee: Picture, method: str, seed: int, **settings: int) -> SanityTest:
    params = methods()[method].params(**settings)
    return SanityTest(Cascade("lite0", seed=seed), coffee, Framing.AS_TRAINED, ESPRESSO, method, params)


def noise(seed: int) -> Picture:
    return Picture.of(np.random.default_rng(seed).integers(0, 255, (60, 80, 3), np.uint8), f"noise {seed}")


def test_others_get_the_same_bits_while_a_copy_is_destroyed(worker: Worker, coffee: Picture) -> None:
    """Every other request is a new one, so that none is answered from memory."""
    before = ended(worker.submit(Describe("lite0"))).result.weights
    asked = [Predict("lite0", noise(number), Framing.WHOLE) for number in range(6)]
    gradient = methods()["gradient"].params()
    mapped = [Explain("lite0", noise(number), Framing.WHOLE, ESPRESSO, "gradient", gradient) for number in range(2)]

    long = worker.submit(destroying(coffee, "smoothgrad", seed=0, samples=4))
    while long.fraction < 0.2:  # in the midst of it
        assert not long.ended.wait(0.05), long.message
    meanwhile = [ended(worker.submit(request, urgent=True)).result for request in (*asked, *mapped)]
    assert not long.ended.is_set()
    assert isinstance(ended(long).result, SanityRun)

    alone = Worker()
    try:
        answers = [ended(alone.submit(request)).result for request in (*asked, *mapped)]
        assert ended(alone.submit(Describe("lite0"))).result.weights == before
    finally:
        alone.close()
    for mine, theirs in zip(meanwhile[:6], answers[:6], strict=True):
        np.testing.assert_array_equal(mine.probabilities, theirs.probabilities)
    for mine, theirs in zip(meanwhile[6:], answers[6:], strict=True):
        np.testing.assert_array_equal(mine.values, theirs.values)
        assert mine.provenance.weights == theirs.provenance.weights == before


def test_a_stop_is_heard_within_a_batch_and_what_was_finished_stays(worker: Worker, coffee: Picture) -> None:
    test = destroying(coffee, "occlusion", seed=1, window=112, stride=56)
    job = worker.submit(test)
    while not re.search(r"block [2-9]\b", job.note):
        assert not job.ended.wait(0.02), job.message
    worker.cancel(job)
    assert ended(job).state == "stopped"
    left = ended(worker.submit(Finished(test))).result
    assert isinstance(left, SanityRun)
    assert left.maps[0] is not None
    assert left.maps[-1] is None
    assert ended(worker.submit(Predict("lite0", noise(99), Framing.WHOLE))).state == "done"
