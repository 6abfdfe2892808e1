"""Concepts in a notebook: does the model use them for a class, and where does one picture show one?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xai_core.bottlenecks import bottlenecks, usual
from xai_core.classifier import Classifier
from xai_core.concepts.concept import Concept, concept
from xai_core.datasets.dataset import Dataset
from xai_core.evaluation.matching import plain
from xai_core.framing import Framing
from xai_core.notebook.models import hub
from xai_core.picture import Picture
from xai_core.progress import Progress, part, silent
from xai_core.tcav.asking import asked, examples_of
from xai_core.tcav.grid import Correction, Finding, Grid, first_third, grid
from xai_core.tcav.headline import headline
from xai_core.tcav.heatmap import ConceptMap, ConceptMapped
from xai_core.tcav.request import Examples
from xai_core.tcav.settings import Settings
from xai_core.tcav.sorting import SortByConcept, Sorted
from xai_core.tcav.table import Figure, as_csv, as_json, rows
from xai_core.tcav.words import sentence
from xai_core.world.world import BuildWorld

WRITERS: dict[str, Callable[[Grid], bytes]] = {".csv": as_csv, ".json": lambda found: as_json(found).encode()}


@dataclass(frozen=True, eq=False)
class ConceptTest:
    """What came of `tcav`; `print` tells it in sentences."""

    grid: Grid

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One for each concept, class and layer, with every figure."""
        return self.grid.findings

    @property
    def rows(self) -> list[dict[str, Figure]]:
        """The table that the dashboard shows, to be made a data frame."""
        return rows(self.grid)

    def __str__(self) -> str:
        several = len(self.grid.layers) > 1
        told = (sentence(found, where=several).text for found in self.findings)
        return "\n".join([headline(self.grid).text, *(f"  {each}" for each in told)])

    def save(self, file: str | Path) -> None:
        """Write a .csv, or a .json with everything needed to repeat the test; ValueError for another ending."""
        path = Path(file)
        if path.suffix not in WRITERS:
            raise ValueError(f"the file must end in {' or '.join(WRITERS)}, got {path.name!r}")
        path.write_bytes(WRITERS[path.suffix](self.grid))


def tcav(
    classifier: Classifier,
    concepts: Concept | Sequence[Concept],
    classes: Sequence[str | int],
    pictures: Dataset | Mapping[str, Dataset],
    *,
    pools: Sequence[Concept] = (),
    layers: Sequence[str] = (),
    relative: bool = False,
    correction: Correction = "Holm",
    progress: Progress = silent,
    **settings: Any,
) -> ConceptTest:
    """Whether the classifier uses concepts for classes (names or numbers), corrected over all that is asked at once.

    `pictures` of a class: the data set's class of the same name, else those that the model takes for it; with a
    mapping, all pictures of the data set under the class's name. `pools`: counter-examples, the demo world's where none
    are given; with `relative` each concept is held against the others instead. `layers`: dotted names, the model's
    usual bottleneck layer where none are given. `settings`: see `xai_core.tcav.settings.Settings`. What cannot be
    tested says so in the result. ValueError for a class that the model does not have and for settings out of bounds;
    errors otherwise as `Tcav`.
    """
    chosen = (concepts,) if isinstance(concepts, Concept) else tuple(concepts)
    offered = bottlenecks(classifier)
    asked_layers = tuple(layers) or (usual(offered),)
    shown = tuple(_examples(classifier, name, pictures) for name in classes)
    against = [] if relative else list(pools) or [_demo_pool(progress)]
    tests = asked(classifier.name, chosen, shown, asked_layers, against, Settings(**settings), relative=relative)
    count = len(tests)
    results = [hub().run(each, part(progress, n / count, (n + 1) / count)) for n, each in enumerate(tests)]
    return ConceptTest(grid(results, correction, early=first_third([layer.name for layer in offered])))


def concept_map(finding: Finding, shown: Picture, framing: Framing = Framing.AS_TRAINED) -> ConceptMapped:
    """Where on a picture the activations point along the concept; errors as `ConceptMap`."""
    found: ConceptMapped = hub().run(ConceptMap(finding.direction, shown, framing))
    return found


def sort_by_concept(finding: Finding, pictures: Dataset) -> Sorted:
    """The pictures from most to least like the concept; errors as `SortByConcept`."""
    asked_for = SortByConcept(finding.direction, pictures.shelf, pictures.key, pictures.revision)
    found: Sorted = hub().run(asked_for)
    return found


def _demo_pool(progress: Progress) -> Concept:
    return concept(hub().run(BuildWorld(("pool",)), progress).pool)


def _examples(classifier: Classifier, name: str | int, pictures: Dataset | Mapping[str, Dataset]) -> Examples:
    target = name if isinstance(name, int) else _target(classifier, name)
    if not 0 <= target < len(classifier.labels):
        raise ValueError(f"the model has classes 0 to {len(classifier.labels) - 1}, got {target}")
    label = classifier.labels[target]
    if isinstance(pictures, Dataset):
        return examples_of(target, label, pictures)
    own = {plain(key): each for key, each in pictures.items()}
    if plain(label) not in own:
        raise ValueError(f"there are no pictures of {label}, only of {', '.join(pictures)}")
    data = own[plain(label)]
    return Examples(target, data.shelf, data.key, data.revision)


def _target(classifier: Classifier, name: str) -> int:
    """By the exact name, else by the only one that differs in case and separators."""
    if classifier.labels.count(name) == 1:
        return classifier.labels.index(name)
    alike = [number for number, label in enumerate(classifier.labels) if plain(label) == plain(name)]
    if len(alike) != 1:
        raise ValueError(f"{len(alike) or 'no'} classes of the model are called {name!r}; give its number")
    return alike[0]
