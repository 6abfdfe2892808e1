"""The networks of a cascade: private, exact, and together no more than one set of new weights."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from conftest import make_toy, toy_network
from random_models import random_network
from xai_core import hooks, replay
from xai_core.cascade import Cascade, Law, Norms, Order, destroyed
from xai_core.classifier import Classifier, fingerprint
from xai_core.framing import Framing, frame
from xai_core.hub import Hub
from xai_core.ladder import Ladder
from xai_core.picture import Picture
from xai_core.progress import Cancelled, silent
from xai_core.zoo import MODELS

TOY = Cascade("toy")


def tensors(module: nn.Module) -> dict[str, Tensor]:
    return dict(module.state_dict())


def test_each_stage_differs_from_the_one_before_in_its_block_alone(toy: Classifier) -> None:
    ladder = Ladder(toy, TOY)
    stages = [tensors(toy.module), *(tensors(ladder.classifier(k).module) for k in range(1, 4))]
    for (earlier, later), block in zip(pairwise(stages), (("7",), ("3",), ("0", "1")), strict=True):
        changed = {name for name in later if not torch.equal(earlier[name], later[name])}
        assert changed
        assert all(name.split(".")[0] in block for name in changed)


@pytest.mark.parametrize("order", list(Order), ids=lambda order: order.name)
def test_the_order_says_which_blocks_are_gone(toy: Classifier, order: Order) -> None:
    ladder = Ladder(toy, Cascade("toy", order))
    wanted = {
        Order.TOP_DOWN: [{"7"}, {"7", "3"}, {"7", "3", "0"}],
        Order.BOTTOM_UP: [{"0"}, {"0", "3"}, {"0", "3", "7"}],
        Order.INDEPENDENT: [{"7"}, {"3"}, {"0"}],
    }[order]
    for stage, blocks in enumerate(wanted, start=1):
        own, trained = tensors(ladder.classifier(stage).module), tensors(toy.module)
        layers = {name.split(".")[0] for name in own if not torch.equal(own[name], trained[name])}
        assert layers - {"1"} == blocks


def test_stages_out_of_reach_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\[0, 3\]"):
        destroyed(Order.TOP_DOWN, 4, 3)


def test_the_trained_network_keeps_its_weights_and_has_no_hooks(toy: Classifier) -> None:
    before = fingerprint(toy.module)
    for law in Law:
        ladder = Ladder(toy, Cascade("toy", law=law, norms=Norms.KEPT if law is Law.SOURCE else Norms.RESET))
        for stage in (1, 2, 3):
            ladder.classifier(stage).gradient(toy.probe(), 0)
    assert fingerprint(toy.module) == before
    assert hooks.count(toy.module) == 0


def test_what_is_not_destroyed_yet_is_shared_and_not_copied(toy: Classifier) -> None:
    first = Ladder(toy, TOY).classifier(1).module
    assert first[0].weight is toy.module[0].weight
    assert first[7].weight is not toy.module[7].weight


def test_statistics_estimated_anew_are_those_of_the_pictures(toy: Classifier, picture: Picture) -> None:
    recipe = Cascade("toy", Order.BOTTOM_UP, norms=Norms.ESTIMATED, pictures=(picture,), framing=Framing.WHOLE)
    module = Ladder(toy, recipe).classifier(1).module
    x = toy.encode(frame(picture.pixels, toy.preprocess, Framing.WHOLE).square)
    seen = module[0](torch.cat([x, x.flip(3)]))
    torch.testing.assert_close(module[1].running_mean, seen.mean(dim=(0, 2, 3)))
    torch.testing.assert_close(module[1].running_var, seen.var(dim=(0, 2, 3)))
    assert not module[1].training


def test_a_recipe_that_contradicts_itself_is_refused(picture: Picture) -> None:
    with pytest.raises(ValueError, match="pictures"):
        Cascade("toy", norms=Norms.ESTIMATED)
    with pytest.raises(ValueError, match="pictures"):
        Cascade("toy", pictures=(picture,))
    with pytest.raises(ValueError, match="source"):
        Cascade("toy", law=Law.SOURCE)


def batch(classifier: Classifier, rows: int = 3) -> Tensor:
    side = classifier.preprocess.crop
    drawn = torch.randn(rows, 3, side, side, generator=torch.Generator().manual_seed(0))
    return drawn.contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("order", list(Order), ids=lambda order: order.name)
def test_gradients_computed_for_all_stages_at_once_have_the_bits_of_single_ones(toy: Classifier, order: Order) -> None:
    ladder, x = Ladder(toy, Cascade("toy", order)), batch(toy)
    targets = {1: 0, 2: 3, 3: 0}
    alone = {stage: Classifier.gradient(ladder.classifier(stage), x, of) for stage, of in targets.items()}
    told: list[float] = []
    with ladder.ahead(targets, lambda fraction, note="": told.append(fraction)):
        together = {stage: ladder.classifier(stage).gradient(x, of) for stage, of in targets.items()}
    assert len(told) == 3  # one batch, three networks: the later stages asked for nothing new
    assert all(torch.equal(alone[stage], together[stage]) for stage in targets)


@pytest.mark.parametrize(
    "key", ["lite0", "resnet50", "mobilenet_v3_large", "inception_v3", "vit_b_16", "convnext_tiny"]
)
def test_replayed_passes_are_those_of_the_tables_architectures(key: str) -> None:
    module, side = random_network(key), MODELS[key].preprocess.crop
    square = side if key == "vit_b_16" else 96
    original = Classifier(key, module.requires_grad_(False), (), MODELS[key].preprocess, "", MODELS[key].blocks)
    ladder = Ladder(original, Cascade(key))
    x = torch.randn(1, 3, square, square, generator=torch.Generator().manual_seed(0))
    stages = (1, len(original.blocks) // 2, len(original.blocks))
    networks = [ladder.classifier(stage).module for stage in stages]
    found = list(replay.gradients(module, networks, x, [1, 2, 3], lambda: None))
    for stage, target, gradient in zip(stages, (1, 2, 3), found, strict=True):
        alone = Classifier.gradient(ladder.classifier(stage), x, target)
        # on a busy machine two passes of one network may differ in the sixth digit already
        torch.testing.assert_close(gradient, alone, rtol=0, atol=1e-5 * float(alone.abs().max()))


def test_a_network_that_changes_what_it_shares_is_run_by_itself() -> None:
    class Overwriting(nn.Module):
        """Its second block adds in place to what the first made."""

        def __init__(self) -> None:
            super().__init__()
            self.first, self.second, self.head = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1), nn.Linear(4, 5)

        def forward(self, x: Tensor) -> Tensor:
            kept = self.first(x)
            kept += self.second(kept.clone())
            return self.head(kept.mean(dim=(2, 3)))

    torch.manual_seed(0)
    toy = make_toy(Overwriting(), cam_layer="")
    ladder, x = Ladder(toy, Cascade("toy")), batch(toy)
    alone = [Classifier.gradient(ladder.classifier(stage), x, 0) for stage in (1, 2, 3)]
    with ladder.ahead({1: 0, 2: 0, 3: 0}, silent):
        together = [ladder.classifier(stage).gradient(x, 0) for stage in (1, 2, 3)]
    assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))


def test_stopping_in_the_middle_of_a_batch_leaves_nothing_behind(toy: Classifier) -> None:
    ladder = Ladder(toy, TOY)

    def stop(fraction: float, note: str = "") -> None:
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled), ladder.ahead({1: 0, 2: 0, 3: 0}, stop):
        ladder.classifier(1).gradient(batch(toy), 0)
    assert not ladder._ahead
    assert torch.equal(
        ladder.classifier(1).gradient(batch(toy), 0), Classifier.gradient(ladder.classifier(1), batch(toy), 0)
    )


def test_gradients_held_for_later_stages_stay_within_their_room(
    toy: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = batch(toy)
    monkeypatch.setattr("xai_core.ladder.AHEAD_BYTES", 5 * x.nbytes)
    ladder = Ladder(toy, TOY)
    alone = [Classifier.gradient(ladder.classifier(stage), x + n, 0) for stage in (1, 2, 3) for n in range(4)]
    with ladder.ahead({1: 0, 2: 0, 3: 0}, silent):
        together = []
        for stage in (1, 2, 3):
            for n in range(4):
                together.append(ladder.classifier(stage).gradient(x + n, 0))
                assert sum(held.bytes for held in ladder._ahead) <= 5 * x.nbytes
    assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))


def test_a_hub_holds_few_cascades_and_drops_them_with_their_model(hub: Hub) -> None:
    ladders = [hub.ladder(Cascade("toy", seed=seed)) for seed in range(4)]
    assert len(hub._ladders) == 2
    assert hub.ladder(Cascade("toy", seed=3)) is ladders[3]
    square = np.zeros((32, 32, 3), np.uint8)
    hub.evidence(Cascade("toy", seed=3).at(1), square, 0)
    hub.adopt(make_toy())
    assert not hub._ladders
    assert not hub._evidence


def test_a_stage_is_named_by_its_recipe_and_fingerprinted_by_it(hub: Hub) -> None:
    first, other = (hub.classifier(Cascade("toy", seed=seed).at(2)) for seed in (0, 1))
    assert "stage 2" in first.name
    assert first.fingerprint != other.fingerprint
    assert first.fingerprint != hub.classifier("toy").fingerprint
    assert first.traits == hub.classifier("toy").traits


def test_a_cascade_of_the_toy_by_hand_is_the_same_network(hub: Hub) -> None:
    """The paper's recipe in plain torch: replace, in a copy, and ask."""
    ladder = hub.ladder(TOY)
    by_hand = toy_network().eval()
    by_hand.load_state_dict(ladder.classifier(2).module.state_dict())
    x = batch(hub.classifier("toy"))
    with torch.no_grad():
        torch.testing.assert_close(by_hand(x), ladder.classifier(2).module(x))
