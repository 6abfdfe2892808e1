"""Many pictures are read at once: in order, a few ahead, and the large ones one after the other."""

from __future__ import annotations

import threading

from xai_core.datasets.reading import Budget, in_order


def test_results_come_in_order_whichever_is_ready_first() -> None:
    second_is_ready = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert second_is_ready.wait(60)
        if number == 1:
            second_is_ready.set()
        return number

    assert list(in_order(work, range(40), threads=2)) == list(range(40))


def test_never_many_more_are_under_way_than_are_asked_for() -> None:
    taken: list[int] = []

    def things():  # type: ignore[no-untyped-def]
        for number in range(1000):
            taken.append(number)
            yield number

    results = in_order(lambda number: number, things(), threads=2)
    assert next(results) == 0
    assert len(taken) < 10
    results.close()


def test_large_pictures_wait_for_each_other() -> None:
    budget, entered = Budget(100), threading.Event()

    def second() -> None:
        with budget.taken(60):
            entered.set()

    with budget.taken(60):
        thread = threading.Thread(target=second)
        thread.start()
        with budget.taken(40):  # still fits
            assert not entered.is_set()
    thread.join()
    assert entered.is_set()
