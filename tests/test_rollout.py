"""Attention rollout: against the paper's recursion in plain loops, and attention computed from the projections."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torchvision
from maps import evidence_of, run
from numpy.typing import NDArray
from torch import nn

from conftest import make_toy
from xai_core import hooks
from xai_core.classifier import Classifier
from xai_core.errors import UnsupportedMethod
from xai_core.evidence import Evidence
from xai_core.explain import refusal
from xai_core.method import methods
from xai_core.methods.attention_rollout import rollout
from xai_core.picture import Picture


def transformer() -> Classifier:
    torch.manual_seed(0)
    module = torchvision.models.VisionTransformer(32, 8, 3, 2, 16, 32, num_classes=5)
    for block in module.encoder.layers:  # fresh attention is nearly even; this one has something to tell
        nn.init.normal_(block.self_attention.in_proj_weight, std=1.0)
    return make_toy(module, cam_layer="encoder.layers.encoder_layer_2.ln_1", name="vit")


@pytest.fixture
def evidence(picture: Picture) -> Evidence:
    return evidence_of(transformer(), picture)


def attention_by_hand(evidence: Evidence) -> list[NDArray[np.float64]]:
    """(heads, N, N) of each layer from the projections themselves: softmax(Q Kᵀ / √d) (Vaswani 2017, equation 1)."""
    module, found = evidence.classifier.module, []
    with torch.no_grad():
        tokens = module._process_input(evidence.x)
        tokens = torch.cat([module.class_token, tokens], dim=1) + module.encoder.pos_embedding
        for block in module.encoder.layers:
            inner, layer = block.ln_1(tokens)[0], block.self_attention
            query, key, _ = (inner @ layer.in_proj_weight.T + layer.in_proj_bias).chunk(3, dim=-1)
            heads = [
                (query[:, part] @ key[:, part].T / 8**0.5).softmax(dim=-1).double().numpy()
                for part in (slice(0, 8), slice(8, 16))
            ]
            found.append(np.stack(heads))
            tokens = block(tokens)
    return found


def naive(layers: list[NDArray[np.float64]], heads: str, discard: float) -> NDArray[np.float64]:
    """Abnar 2020, section 3: Ã(1) = A(1), Ã(i) = A(i) Ã(i - 1) with A = 0.5 W + 0.5 I."""
    before = None
    for weights in layers:
        count, size, _ = weights.shape
        joined = np.empty((size, size))
        for i in range(size):
            for j in range(size):
                seen = [weights[h, i, j] for h in range(count)]
                joined[i, j] = {"mean": sum(seen) / count, "max": max(seen), "min": min(seen)}[heads]
        limit = sorted(joined.flatten())[int(size * size * discard)]
        joined[joined < limit] = 0
        mixed = 0.5 * joined + 0.5 * np.eye(size)
        for i in range(size):
            mixed[i] /= mixed[i].sum()
        before = mixed if before is None else mixed @ before
    assert before is not None
    return before


def test_the_weights_asked_for_are_those_the_model_computes_with(evidence: Evidence) -> None:
    for ours, theirs in zip(evidence.attention(), attention_by_hand(evidence), strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs, atol=1e-5)


@pytest.mark.parametrize("heads", ["mean", "max", "min"])
@pytest.mark.parametrize("discard", [0.0, 0.3, 0.9])
def test_the_map_is_the_class_tokens_row_of_the_papers_recursion(
    evidence: Evidence, heads: str, discard: float
) -> None:
    weights = [w.double().numpy() for w in evidence.attention()]
    expected = naive(weights, heads, discard)[0, 1:].reshape(4, 4)
    np.testing.assert_allclose(
        run("attention_rollout", evidence, heads=heads, discard=discard).values.numpy(), expected, rtol=1e-4, atol=1e-7
    )


def test_the_paper_needs_no_normalisation_for_the_mean_of_heads(evidence: Evidence) -> None:
    layers = evidence.attention()
    total = torch.eye(17)
    for weights in layers:
        total = (0.5 * weights.mean(dim=0) + 0.5 * torch.eye(17)) @ total
    torch.testing.assert_close(rollout(layers, "mean", 0.0), total)
    torch.testing.assert_close(total.sum(dim=1), torch.ones(17))


def test_attention_to_oneself_leaves_everything_where_it_was() -> None:
    alone = [torch.eye(5).expand(3, 5, 5)] * 4
    torch.testing.assert_close(rollout(alone, "mean", 0.0), torch.eye(5))


def test_the_map_is_the_same_for_every_class_and_the_card_says_so(evidence: Evidence) -> None:
    other = Evidence(evidence.classifier, evidence.square, 3)
    assert torch.equal(run("attention_rollout", evidence).values, run("attention_rollout", other).values)
    assert "same for every class" in methods()["attention_rollout"].caution


def test_asking_for_weights_changes_no_score_and_leaves_no_hook(evidence: Evidence) -> None:
    module = evidence.classifier.module
    with torch.no_grad():
        before = module(evidence.x)
        with hooks.attention_weights(module):
            during = module(evidence.x)
        torch.testing.assert_close(before, during)
        assert torch.equal(before, module(evidence.x))
    assert hooks.count(module) == 0


def test_networks_without_attention_are_refused(toy: Classifier) -> None:
    assert "no attention layers" in str(refusal(methods()["attention_rollout"], toy))
    assert refusal(methods()["attention_rollout"], transformer()) is None


class Sequence(nn.Module):
    """Attention over all 32 rows of a picture: no class token, and no square."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(96, 2, batch_first=True)
        self.head = nn.Linear(96, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows = x.permute(0, 2, 1, 3).flatten(2)
        return self.head(self.attention(rows, rows, rows, need_weights=False)[0].mean(dim=1))


class Unused(Sequence):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(x.permute(0, 2, 1, 3).flatten(2).mean(dim=1))


@pytest.mark.parametrize(("kind", "words"), [(Sequence, "32 tokens"), (Unused, "does not use its attention")])
def test_tokens_that_are_no_picture_are_refused_in_words(kind: type[nn.Module], words: str, picture: Picture) -> None:
    classifier = make_toy(kind(), cam_layer="")
    with pytest.raises(UnsupportedMethod, match=words):
        run("attention_rollout", evidence_of(classifier, picture))
