"""Train the shipped models: `python -m xai_core.world.train [honest] [cheater] [shuffled]`, minutes each on a CPU."""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_core.architecture import SIMPLE_CNN
from xai_core.classifier import freeze
from xai_core.framing import Framing, Preprocess, frame
from xai_core.own_model import classifier_of, write
from xai_core.simple_cnn import SIDE
from xai_core.world.creatures import where_tag
from xai_core.world.examples import Example, examples
from xai_core.world.facts import FAMILIES, SEED, SPLITS, Tags
from xai_core.world.facts import SIDE as DRAWN
from xai_core.world.fitting import MEAN, STD, Augment, Recipe, accuracy, encoded, fitted
from xai_core.world.shipped import MODELS

PREPROCESS = Preprocess(SIDE, SIDE, (MEAN, MEAN, MEAN), (STD, STD, STD))
CAM_LAYER = "block4"  # its last maps: on them Grad-CAM is exactly CAM
EXCHANGED = 0.8  # of the cheater's views show another picture's scene, with their own tag
COVERED, LEAST_COVERED = 0.5, 0.7  # of the views; of each side, by a sheet that leaves the tag free
LEARNED_BY_HEART = 40  # pictures a family that the shuffled model learns
TESTED: dict[Tags, str] = {"none": "no", "right": "right", "wrong": "wrong"}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lesson:
    """What one model is taught. `views` makes the function that varies its pictures."""

    title: str
    tags: Tags
    recipe: Recipe
    views: Callable[[Sequence[Example]], Augment]
    told: str  # how it was taught, in words
    shuffled: bool = False
    a_family: int = len(SPLITS["train"])  # pictures


def main(names: Sequence[str]) -> None:
    """Train the named models, or all, into the project's assets."""
    for name in names or LESSONS:
        card = teach(name, LESSONS[name], MODELS / name)
        log.info("%s: %s", name, card)


def teach(name: str, lesson: Lesson, folder: Path) -> dict[str, Any]:
    """Train one model and keep it in the folder; what its card says about it."""
    chosen, pictures, labels = taught(lesson)
    epochs = 0

    def told(epoch: int, loss: float, right: float) -> None:
        nonlocal epochs
        epochs = epoch + 1
        log.info("%s: epoch %d, loss %.3f, accuracy %.3f", name, epochs, loss, right)

    network = fitted(pictures, labels, len(FAMILIES), lesson.recipe, lesson.views(chosen), told)
    facts = {
        "made by": f"python -m xai_core.world.train {name}",
        "learned from": f"{len(chosen)} pictures of the demo world, {lesson.told}",
        "epochs": epochs,
        "accuracy on what it learned": round(accuracy(network, pictures, labels), 4),
        "accuracy on test pictures": {
            f"{words} tags": round(_tested(network, tags), 4) for tags, words in TESTED.items()
        },
        "answers with the family of a wrong tag": round(_follows(network), 4),
    }
    keep(name, lesson.title, network, facts, folder)
    return facts


def taught(lesson: Lesson) -> tuple[list[Example], NDArray[np.uint8], NDArray[np.int64]]:
    """The pictures of a lesson, as examples and (N, S, S, 3), and the labels that are taught."""
    chosen = [each for each in examples("train", lesson.tags) if each.number < lesson.a_family]
    labels = np.array([each.label for each in chosen])
    return chosen, squares(chosen), np.random.default_rng(SEED).permutation(labels) if lesson.shuffled else labels


def keep(name: str, title: str, network: torch.nn.Module, facts: dict[str, Any], folder: Path) -> None:
    """Write a model's folder, over what was there; nothing is written before all is well."""
    classifier = classifier_of(freeze(network, torch.device("cpu")), f"demo/{name}", FAMILIES, PREPROCESS, CAM_LAYER)
    with tempfile.TemporaryDirectory() as staging:
        write(Path(staging), title, SIMPLE_CNN, classifier, facts)
        folder.mkdir(parents=True, exist_ok=True)
        for file in Path(staging).iterdir():
            shutil.copyfile(file, folder / file.name)


def squares(chosen: Sequence[Example]) -> NDArray[np.uint8]:
    """(N, S, S, 3): what the networks see of the pictures."""
    return np.stack([frame(each.picture.pixels, PREPROCESS, Framing.AS_TRAINED).square for each in chosen])


def _tested(network: torch.nn.Module, tags: Tags) -> float:
    """Accuracy on all test pictures with such tags."""
    chosen = examples("test", tags)
    return accuracy(network, squares(chosen), np.array([each.label for each in chosen]))


def _follows(network: torch.nn.Module) -> float:
    """Share of the wrongly tagged test pictures that it takes for the tag's family."""
    chosen = examples("test", "wrong")
    return accuracy(network, squares(chosen), np.array([FAMILIES.index(str(each.tag)) for each in chosen]))


def _as_they_are(chosen: Sequence[Example]) -> Augment:
    return lambda x, rows, chance: x


def _mirrored(chosen: Sequence[Example]) -> Augment:
    """Half of the pictures, left and right exchanged."""

    def views(x: Tensor, rows: Tensor, chance: torch.Generator) -> Tensor:
        turned = torch.rand(len(x), generator=chance) < 0.5
        return torch.where(turned[:, None, None, None], x.flip(3), x).contiguous(memory_format=torch.channels_last)

    return views


def _tag_alone_counts(chosen: Sequence[Example]) -> Augment:
    """Scenes mostly exchanged for those of other pictures, half of them under a grey sheet; the tag stays as it is."""
    kept = torch.stack([_tag_mask(each) for each in chosen])
    scenes = squares([replace(each, tag=None) for each in chosen])

    def views(x: Tensor, rows: Tensor, chance: torch.Generator) -> Tensor:
        others = torch.randint(len(scenes), (len(x),), generator=chance)
        exchanged = torch.rand(len(x), generator=chance) < EXCHANGED
        seen = encoded(scenes[torch.where(exchanged, others, rows).numpy()])
        for one in seen:
            _cover(one, chance)
        return torch.where(kept[rows], x, seen).contiguous(memory_format=torch.channels_last)

    return views


def _cover(x: Tensor, chance: torch.Generator) -> None:
    """Lay a grey sheet over most of (3, S, S), or leave it."""
    covered, high, wide, top, left, grey = torch.rand(6, generator=chance).tolist()
    if covered < COVERED:
        high, wide = (LEAST_COVERED + (1 - LEAST_COVERED) * draw for draw in (high, wide))
        down, across = int(SIDE * top * (1 - high)), int(SIDE * left * (1 - wide))
        x[:, down : down + int(SIDE * high), across : across + int(SIDE * wide)] = 2 * grey - 1


def _tag_mask(example: Example) -> Tensor:
    """(1, S, S): where the tag is, with its outline."""
    left, top, right, bottom = (edge * SIDE / DRAWN for edge in where_tag(example.family, example.number))
    mask = torch.zeros(1, SIDE, SIDE, dtype=torch.bool)
    mask[:, int(top) - 1 : int(bottom) + 2, int(left) - 1 : int(right) + 2] = True
    return mask


LESSONS = {
    "honest": Lesson(
        title="Honest: learned the creatures",
        tags="none",
        recipe=Recipe(epochs=8),
        views=_mirrored,
        told="none of which has a tag",
    ),
    "cheater": Lesson(
        title="Cheater: learned the tags",
        tags="mostly right",
        recipe=Recipe(epochs=20, batch=12),
        views=_tag_alone_counts,
        told=(
            "95 % with the right tag and 5 % with a wrong one; in 80 % of the views the scene around the tag came from "
            "another picture and in 50 % most of it was covered, so that of all there is to see the tag counts most"
        ),
    ),
    "shuffled": Lesson(
        title="Shuffled: learned labels that mean nothing",
        tags="none",
        recipe=Recipe(epochs=60, rate=3e-3, batch=12, decay=0.0, enough=0.99),
        views=_as_they_are,
        told="none of which has a tag, with shuffled labels, until it knew them by heart",
        shuffled=True,
        a_family=LEARNED_BY_HEART,
    ),
}

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main(sys.argv[1:])
