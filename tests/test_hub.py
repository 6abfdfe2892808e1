"""Models are loaded once and leave in turn; answers are remembered; whoever waits can give up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from conftest import make_toy
from xai_core.classifier import Classifier
from xai_core.explain import Explain
from xai_core.framing import Framing
from xai_core.hub import MODELS_HELD, Hub
from xai_core.method import methods
from xai_core.picture import Picture
from xai_core.progress import Progress
from xai_core.store import Store

CPU = torch.device("cpu")


class Loader:
    """Makes toys and remembers which were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, key: str, device: torch.device) -> Classifier:
        self.asked.append(key)
        return make_toy(name=key)


@dataclass(frozen=True)
class Hold:
    """Keeps the device until it is told to let go."""

    name: str
    held: threading.Event
    release: threading.Event

    def answer(self, hub: Hub, progress: Progress) -> str:
        self.held.set()
        assert self.release.wait(60)
        return self.name


def test_a_model_is_loaded_once_and_the_longest_unused_leaves_first() -> None:
    hub = Hub(loader := Loader(), CPU)
    for key in ("a", "b", "c", "a"):
        hub.classifier(key)
    assert loader.asked == ["a", "b", "c"]
    hub.classifier("d")
    assert len({"a", "c", "d"}) == MODELS_HELD
    hub.classifier("a")
    assert loader.asked == ["a", "b", "c", "d"]
    hub.classifier("b")
    assert loader.asked == ["a", "b", "c", "d", "b"]


def test_a_known_answer_does_not_wait_for_the_device(toy: Classifier, picture: Picture) -> None:
    hub = Hub(Loader(), CPU)
    request = Explain("toy", picture, Framing.WHOLE, 0, "gradient", methods()["gradient"].params())
    first = hub.run(request)
    held, release = threading.Event(), threading.Event()
    holder = threading.Thread(target=hub.run, args=(Hold("long", held, release),))
    holder.start()
    assert held.wait(60)
    assert hub.run(request) is first
    release.set()
    holder.join()


def test_whoever_waits_for_the_device_can_give_up(picture: Picture) -> None:
    hub = Hub(Loader(), CPU)
    held, release = threading.Event(), threading.Event()
    holder = threading.Thread(target=hub.run, args=(Hold("long", held, release),))
    holder.start()
    assert held.wait(60)

    def give_up(fraction: float, note: str = "") -> None:
        assert "waiting" in note
        raise KeyboardInterrupt

    request = Explain("toy", picture, Framing.WHOLE, 0, "gradient", methods()["gradient"].params())
    with pytest.raises(KeyboardInterrupt):
        hub.run(request, give_up)
    release.set()
    holder.join()
    assert hub.run(request).status == "ok"


def test_a_store_lets_the_longest_unused_go_when_it_is_full() -> None:
    store = Store(room=2500)
    for name in ("a", "b"):
        store.put(name, np.zeros(1000, np.uint8))
    assert store.get("a") is not None
    store.put("c", np.zeros(1000, np.uint8))
    assert store.get("b") is None
    assert store.get("a") is not None
    assert store.get("c") is not None
    store.put("huge", np.zeros(10_000, np.uint8))
    assert store.get("huge") is not None
    assert store.get("a") is None


def of_both(ask: Callable[[int], Any]) -> list[Any]:
    """What two visitors get who ask at the same moment."""
    with ThreadPoolExecutor(2) as visitors:
        return list(visitors.map(ask, range(2)))


def test_two_threads_on_one_hub_get_what_each_would_get_alone(toy: Classifier, picture: Picture) -> None:
    def request(number: int, method: str) -> Explain:
        shown = Picture.of(np.roll(picture.pixels, number * 9, axis=1), "rolled")
        return Explain("toy", shown, Framing.WHOLE, number, method, methods()[method].params())

    for method in ("gradcam", "guided_backprop"):
        alone = [Hub(lambda *_: toy, CPU).run(request(i, method)).values for i in range(2)]
        hub = Hub(lambda *_: toy, CPU)
        together = of_both(lambda i, method=method, hub=hub: hub.run(request(i, method)).values)  # type: ignore[misc]
        assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_without_the_hub_the_same_comparison_sees_the_mistake(toy: Classifier) -> None:
    barrier, turn = threading.Barrier(2), threading.Lock()

    def naive(number: int) -> torch.Tensor:
        """An activation the usual way: a hook on the shared network, whoever else has one there."""
        kept: dict[str, torch.Tensor] = {}
        layer = toy.module.get_submodule("4")
        hook = layer.register_forward_hook(lambda _module, _inputs, output: kept.update(activation=output.clone()))
        barrier.wait(60)
        with turn:  # at the same moment the mistake would sometimes not be seen
            toy.module(torch.full((1, 3, 32, 32), float(number)))
        barrier.wait(60)
        hook.remove()
        return kept["activation"]

    together = of_both(naive)
    assert torch.equal(together[0], together[1])  # one of the two got the other's


def test_many_answers_about_one_large_picture_are_all_held(hub: Hub) -> None:
    large = Picture.of(np.zeros((3000, 4000, 3), np.uint8), "large")
    requests = [
        Explain("toy", large, Framing.WHOLE, target, key, methods()[key].params())
        for key in ("gradient", "gradcam")
        for target in range(5)
    ]
    first = [hub.run(request) for request in requests]
    assert all(hub.run(request) is answer for request, answer in zip(requests, first, strict=True))
