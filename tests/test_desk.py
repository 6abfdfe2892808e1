"""Requests of several visitors share one computation and end when the last of them leaves."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from types import SimpleNamespace

from xai_core.desk import Desk
from xai_core.explain import Explain, Explanation
from xai_core.framing import Framing
from xai_core.hub import Hub
from xai_core.jobs import Inline, Job
from xai_core.method import methods
from xai_core.picture import Picture


class ByHand:
    """An executor whose jobs end when the test says so."""

    def __init__(self) -> None:
        self.jobs: dict[Hashable, Job] = {}
        self.cancelled: list[Hashable] = []
        self.submitted: list[Hashable] = []
        self.a_cancel = threading.Event()

    def submit(self, request: Hashable, urgent: bool = False) -> Job:
        self.submitted.append(request)
        self.jobs[request] = Job(request)
        return self.jobs[request]

    def cancel(self, job: Job) -> None:
        self.cancelled.append(job.request)
        self.a_cancel.set()


def test_two_visitors_who_ask_the_same_wait_for_one_computation() -> None:
    hand = ByHand()
    desk = Desk(hand)
    assert desk.ask("map", "ann") is desk.ask("map", "bob")
    assert hand.submitted == ["map"]


def test_one_visitors_stop_does_not_stop_the_others() -> None:
    hand = ByHand()
    desk = Desk(hand)
    desk.ask("map", "ann")
    desk.ask("map", "bob")
    desk.stop("map", "ann")
    assert hand.cancelled == []
    assert desk.ask("map", "ann").state == "stopped"
    hand.jobs["map"].end("done", 7)
    assert desk.ask("map", "bob").result == 7


def test_the_last_stop_cancels_and_a_retry_begins_anew() -> None:
    hand = ByHand()
    desk = Desk(hand)
    desk.ask("map", "ann")
    desk.stop("map", "ann")
    assert hand.cancelled == ["map"]
    assert desk.ask("map", "ann").state == "stopped"
    desk.retry("map", "ann")
    assert desk.ask("map", "ann").state == "waiting"
    assert hand.submitted == ["map", "map"]


def test_a_finished_answer_is_found_without_asking_again() -> None:
    hand = ByHand()
    desk = Desk(hand)
    desk.ask("map", "ann")
    assert desk.known("map") is None
    hand.jobs["map"].end("done", 7)
    assert desk.known("map") == 7
    assert desk.ask("map", "bob").result == 7
    assert hand.submitted == ["map"]


def test_a_failure_is_told_to_everyone_who_waited_and_to_nobody_else() -> None:
    hand = ByHand()
    desk = Desk(hand)
    desk.ask("map", "ann")
    hand.jobs["map"].end("failed", "no luck")
    assert desk.ask("map", "ann").message == "no luck"
    assert desk.ask("map", "bob").state == "waiting"


def test_what_left_the_screen_is_dropped() -> None:
    hand = ByHand()
    desk = Desk(hand)
    for request in ("old", "new"):
        desk.ask(request, "ann")
    desk.keep_only({"new"}, "ann")
    assert hand.cancelled == ["old"]


def test_a_visitor_who_leaves_is_forgotten_but_one_who_returns_is_not() -> None:
    hand = ByHand()
    patient, hasty = Desk(hand, gone_after=60), Desk(hand, gone_after=0.01)
    patient.ask("map", "ann")
    patient.gone("ann")
    patient.here("ann")
    assert hand.cancelled == []
    hasty.ask("film", "bob")
    hasty.gone("bob")
    assert hand.a_cancel.wait(60)
    assert hand.cancelled == ["film"]


def test_without_a_worker_a_request_is_answered_on_the_spot(hub: Hub, picture: Picture) -> None:
    desk = Desk(Inline(hub))

    def ask(method: str) -> Job:
        return desk.ask(Explain("toy", picture, Framing.WHOLE, 1, method, methods()[method].params()), "ann")

    done, refused = ask("gradcam"), ask("attention_rollout")
    assert isinstance(done.result, Explanation)
    assert refused.state == "refused"
    assert "no attention" in refused.message


def test_what_one_visitor_cut_short_is_not_the_answer_to_the_next() -> None:
    hand = ByHand()
    desk = Desk(hand)
    job = desk.ask("map", "ann")
    job.end("done", SimpleNamespace(complete=False))
    assert desk.known("map") is None
    assert desk.ask("map", "bob").state == "waiting"
    assert hand.submitted == ["map", "map"]
