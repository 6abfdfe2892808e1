"""One process answers for everyone: in order, stoppable, alive after a crash, and bit for bit the same."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from worker_requests import Crash, Fail, Order, Size
from xai_core.describe import Describe
from xai_core.explain import Explain
from xai_core.framing import Framing
from xai_core.jobs import Job, Worker
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.wire import Pictures

TESTS = str(Path(__file__).parent)
LONG = 240.0  # seconds; only a hang takes that long


def a_worker() -> Worker:
    return Worker({"PYTHONPATH": TESTS})


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    made = a_worker()
    yield made
    made.close()


def ended(job: Job) -> Job:
    assert job.ended.wait(LONG), f"{job.request} is still {job.state}"
    return job


def noise(seed: int, side: int = 40) -> Picture:
    return Picture.of(np.random.default_rng(seed).integers(0, 255, (side, side + 8, 3), np.uint8), f"noise {seed}")


def test_an_answer_comes_back_with_the_askers_own_picture(worker: Worker) -> None:
    picture = noise(1)
    job = ended(worker.submit(Size(picture)))
    assert job.state == "done"
    assert job.result == (48, 40, picture)
    assert job.result[2] is picture


def test_the_worker_forgets_the_longest_unused_picture() -> None:
    one, two = noise(1), noise(2)
    held = Pictures(room=one.pixels.nbytes)
    held.keep(one)
    held.keep(two)
    with pytest.raises(KeyError, match=one.digest):
        held.get(one.digest)
    assert held.get(two.digest) is two


def test_failures_come_back_in_words_and_surprises_stay_in_the_log(worker: Worker) -> None:
    jobs = {how: ended(worker.submit(Fail(how))) for how in ("refused", "kindly", "full", "surprise")}
    assert (jobs["refused"].state, jobs["refused"].message) == ("refused", "this method has no meaning here")
    assert (jobs["kindly"].state, jobs["kindly"].message) == ("refused", "cat.png is a dog")
    assert (jobs["full"].state, jobs["full"].message) == ("failed", "no room for one picture")
    assert jobs["surprise"].state == "failed"
    assert "secret" not in jobs["surprise"].message
    # asking once more can help where it was the device or a fault of ours, not where it is what was asked for
    assert {how: job.again for how, job in jobs.items()} == {
        "refused": False, "kindly": False, "full": True, "surprise": True,
    }  # fmt: skip


def test_an_urgent_request_goes_ahead_between_two_batches(worker: Worker, tmp_path: Path) -> None:
    log, gate = tmp_path / "log", tmp_path / "gate"
    slow = worker.submit(Order("slow", log, wait_for=gate))
    later = worker.submit(Order("later", log))
    ended(worker.submit(Order("urgent", log), urgent=True))
    gate.touch()
    ended(slow)
    ended(later)
    assert log.read_text().split() == ["urgent", "slow", "later"]


def test_nothing_goes_ahead_while_a_hook_is_open(worker: Worker, tmp_path: Path) -> None:
    log, gate = tmp_path / "log", tmp_path / "gate"
    slow = worker.submit(Order("slow", log, wait_for=gate, batches=3, hooked=True))
    while slow.state == "waiting":
        slow.ended.wait(0.01)
    urgent = worker.submit(Order("urgent", log), urgent=True)
    gate.touch()
    ended(slow)
    ended(urgent)
    assert log.read_text().split() == ["slow", "urgent"]


def test_a_stopped_request_ends_and_the_next_one_runs(worker: Worker, tmp_path: Path) -> None:
    log = tmp_path / "log"
    endless = worker.submit(Order("endless", log, wait_for=tmp_path / "never"))
    queued = worker.submit(Order("queued", log))
    worker.cancel(endless)
    assert ended(endless).state == "stopped"
    assert ended(queued).state == "done"
    worker.cancel(queued)  # too late: nothing happens
    assert queued.state == "done"


def test_a_crash_costs_one_request_and_what_waited_is_answered(tmp_path: Path) -> None:
    worker = a_worker()
    try:
        crash = worker.submit(Crash())
        waiting = worker.submit(Order("waiting", tmp_path / "log"))
        assert ended(crash).state == "failed"
        assert "exit code" in crash.message
        assert ended(waiting).state == "done"
        lucky = worker.submit(Crash(once=tmp_path / "once"))
        assert (ended(lucky).state, lucky.result) == ("done", "survived")
    finally:
        worker.close()


def test_eight_visitors_at_once_get_what_each_would_get_alone(worker: Worker, coffee: Picture) -> None:
    small = Picture.of(np.array(coffee.pixels[::2, ::2]), "small coffee")
    keys = ["gradcam", "guided_backprop"]
    requests = [
        Explain("lite0", picture, Framing.AS_TRAINED, target, key, methods()[key].params())
        for key in keys
        for target in (967, 968)
        for picture in (coffee, small)
    ]
    crowd = a_worker()
    try:
        weights = ended(crowd.submit(Describe("lite0"))).result.weights
        expected = [ended(worker.submit(request)).result.values for request in requests]
        with ThreadPoolExecutor(8) as visitors:
            orders = [np.random.default_rng(i).permutation(len(requests)) for i in range(8)]
            tasks = [
                visitors.submit(lambda o: {i: crowd.submit(requests[i], i % 3 == 0) for i in o}, o) for o in orders
            ]
        for task in tasks:
            for i, job in task.result().items():
                assert np.array_equal(ended(job).result.values, expected[i])
                assert job.result.provenance.weights == weights
    finally:
        crowd.close()
