"""The same TCAV by Captum, from pictures to scores: on the same activations, splits and classifier settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from captum._utils.models.linear_model.model import SkLearnSGDClassifier
from captum.concept import TCAV, Concept
from captum.concept._utils import classifier as captums
from captum.concept._utils.common import concepts_to_str
from scipy.stats import ttest_ind
from torch import Tensor, nn
from torch.utils.data import DataLoader

from xai_core.tcav.cavs import random_cavs
from xai_core.tcav.draws import Draws, concept_draws
from xai_core.tcav.layer import Examined, examine
from xai_core.tcav.settings import SGD, Settings

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:captum", "ignore::UserWarning:test_tcav_captum")

LAYER, TARGET, SIZE, POOL, PICTURES, RUNS = "1", 2, 15, 60, 40, 5
HOW = Settings(runs=RUNS, random_concepts=19, classifier="sgd")


@dataclass(frozen=True, eq=False)
class Both:
    """The same concept by both."""

    ours: Examined
    sign_count: np.ndarray  # (RUNS, 2) of concept and counter-set
    magnitude: np.ndarray  # (RUNS, 2)
    lengths: np.ndarray  # (RUNS,) of Captum's CAVs, which it does not scale
    accuracies: np.ndarray  # (RUNS,)
    derivatives: np.ndarray  # (RUNS, PICTURES) along Captum's CAVs


class OurSeeds(captums.DefaultClassifier):
    """Captum's classifier, with the seeds that ours had."""

    def __init__(self, draws: Draws) -> None:
        super().__init__()
        self.seeds = iter(draws.seeds)

    def train_and_eval(self, dataloader: DataLoader, test_split_ratio: float = 0.33, **kwargs: object) -> dict | None:
        self.lm = SkLearnSGDClassifier(**SGD, random_state=int(next(self.seeds)))
        return super().train_and_eval(dataloader, test_split_ratio, **kwargs)


def network() -> nn.Sequential:
    """Bent enough that pictures have gradients of their own."""
    torch.manual_seed(0)
    made = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 8), nn.Tanh(), nn.Linear(8, 3))
    with torch.no_grad():
        for weights in made.parameters():
            weights *= 3
    return made


def split(draws: Draws) -> Iterator[tuple[list[int], list[int]]]:
    """Rows of a concept followed by its counter-set, as Captum reads them: to train on, and kept aside."""
    half, aside = draws.train.shape[1] // 2, draws.held.shape[1] // 2
    for train, held in zip(draws.train, draws.held, strict=True):
        counters = np.arange(SIZE, 2 * SIZE)
        yield [*train[:half], *counters[:half]], [*held[:aside], *counters[half:]]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    with pytest.MonkeyPatch.context() as patch:
        return made(tmp_path_factory.mktemp("captum"), patch)


def made(folder: Path, patch: pytest.MonkeyPatch) -> Both:
    model, rng = network(), np.random.default_rng(0)
    sets = ((0.6, SIZE), (0, POOL), (0, PICTURES))  # mean and number of pictures
    concept, pool, pictures = (torch.from_numpy(rng.normal(m, 1, (n, 6))).float() for m, n in sets)
    at, after = model[:2], model[2:]
    rows = [at(x).detach() for x in (concept, pool)]
    inner = at(pictures).detach().requires_grad_()
    gradients = torch.autograd.grad(after(inner)[:, TARGET].sum(), inner)[0]
    draws = concept_draws(np.arange(SIZE), SIZE + np.arange(POOL), RUNS, HOW.seed)
    randoms = random_cavs(rows[1].numpy(), SIZE, HOW)
    patch.setattr("xai_core.tcav.layer.unlearned", lambda *_: "")
    ours = examine(rows[0].numpy(), rows[1].numpy(), {TARGET: gradients.numpy()}, randoms, HOW)
    splits = split(draws)

    def our_split(x: Tensor, y: Tensor, test_split: float) -> tuple[Tensor, ...]:
        train, held = next(splits)
        return x[train], x[held], y[train], y[held]

    patch.setattr(captums, "_train_test_split", our_split)
    against = [Concept(n, f"set{n}", DataLoader(pool[each - SIZE], SIZE)) for n, each in enumerate(draws.counter_sets)]
    # Captum sorts a pair's CAVs by the concepts' numbers; scikit-learn's points to the higher one
    towards = Concept(RUNS, "concept", DataLoader(concept, SIZE))
    asked = [[towards, each] for each in against]
    tcav = TCAV(model, [LAYER], classifier=OurSeeds(draws), save_path=str(folder))
    scores = tcav.interpret(pictures, asked, target=TARGET)
    told = [scores[concepts_to_str(pair)][LAYER] for pair in asked]
    stats = [tcav.cavs[concepts_to_str(pair)][LAYER].stats for pair in asked]
    normals = np.stack([each["weights"][1].numpy() for each in stats])
    return Both(
        ours,
        np.stack([each["sign_count"].numpy() for each in told]),
        np.stack([each["magnitude"].numpy() for each in told]),
        np.linalg.norm(normals, axis=1),
        np.array([float(each["accs"]) for each in stats]),
        normals @ gradients.numpy().T,
    )


def test_scores_equal_captums(both: Both) -> None:
    ours = both.ours.classes[TARGET].scores
    assert np.allclose(ours, both.sign_count[:, 0], atol=1e-6)
    assert len(set(ours.tolist())) > 2  # not all 0 or 1, which would agree by itself


def test_mean_derivatives_equal_captums_where_its_cavs_have_length_one(both: Both) -> None:
    assert np.allclose(both.ours.classes[TARGET].means, both.magnitude[:, 0] / both.lengths, rtol=1e-4)
    assert both.lengths.max() > 1.2 * both.lengths.min()  # as it returns them, runs cannot be averaged


def test_captums_magnitude_is_that_mean_and_not_what_its_documentation_says(both: Both) -> None:
    # "magnitude_score = SUM(ABS(TCAV * (TCAV > 0))) / SUM(ABS(TCAV))", a share of 0 to 1: no negative one could be
    along = both.derivatives
    documented = np.abs(along * (along > 0)).sum(1) / np.abs(along).sum(1)
    assert np.allclose(both.magnitude[:, 0], along.mean(1), rtol=1e-4)
    assert not np.allclose(both.magnitude[:, 0], documented, atol=0.05)


def test_captums_two_scores_of_a_pair_are_one_number_twice(both: Both) -> None:
    # its tutorial compares them by a t-test: mirrored numbers, taken for twice as many independent ones
    assert np.allclose(both.sign_count.sum(1), 1)
    tutorial = ttest_ind(both.sign_count[:, 0], both.sign_count[:, 1]).pvalue
    assert tutorial < both.ours.classes[TARGET].p_half / 2


def test_captums_accuracy_of_a_pair_is_one_half_whatever_it_learned(both: Both) -> None:
    # the classifier's one output goes through an argmax, which can only be the first of the two
    assert (both.accuracies == 0.5).all()
    assert both.ours.classes[TARGET].accuracies.max() > 0.5
