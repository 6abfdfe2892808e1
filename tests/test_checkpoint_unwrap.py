"""However a training program wrapped its weights, the network that comes out answers as the one that went in."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save as safetensors_bytes
from torch import Tensor, nn
from torchvision import models

from checkpoint_files import legacy, saved
from xai_core.architecture import Architecture
from xai_core.checkpoints.checkpoint import Checkpoint, Refusal
from xai_core.checkpoints.child import clean
from xai_core.checkpoints.fitting import fit
from xai_core.checkpoints.kind import kind_of
from xai_core.checkpoints.unwrap import unwrapped
from xai_core.framing import Preprocess
from xai_core.own_model import WEIGHTS
from xai_core.progress import silent
from xai_core.simple_cnn import SimpleCNN

LABELS = tuple(f"class {number}" for number in range(7))
SMALL = Preprocess(64, 64, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
Table = dict[str, Tensor]


@pytest.fixture(scope="module")
def original() -> nn.Module:
    """torchvision's smallest network with random weights and statistics that some pictures gave it."""
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        network = models.shufflenet_v2_x0_5(num_classes=len(LABELS))
        with torch.no_grad():
            network.train()(torch.rand(4, 3, 64, 64))
    return network.eval()


def prefixed(table: Table, prefix: str) -> Table:
    return {prefix + name: value for name, value in table.items()}


def trained(network: nn.Module) -> dict[str, Any]:
    """What a training loop keeps, with a real optimiser that has taken a step."""
    copied = copy.deepcopy(network)
    optimiser = torch.optim.Adam(copied.parameters(), lr=0.0)
    copied(torch.rand(1, 3, 64, 64)).sum().backward()
    optimiser.step()
    return {"epoch": 3, "optimizer": optimiser.state_dict(), "model_state_dict": network.state_dict(), "best": 0.7}


def lightning(network: nn.Module) -> dict[str, Any]:
    """The state dict of a training object, which holds its loss and its counts beside the network."""
    training = nn.Module()
    training.net = network
    training.criterion = nn.CrossEntropyLoss(weight=torch.ones(7))
    training.register_buffer("confusion", torch.zeros(7, 7, dtype=torch.long))
    return {"state_dict": training.state_dict(), "pytorch-lightning_version": "2.5.0", "hparams_name": "kwargs"}


def averaged(network: nn.Module) -> Table:
    return torch.optim.swa_utils.AveragedModel(network).state_dict()


def other(network: nn.Module) -> Table:
    return {name: torch.zeros_like(value) for name, value in network.state_dict().items()}


def compiled(network: nn.Module) -> Table:
    """As `torch.compile(network).state_dict()`, with one block compiled by itself as well."""
    table = {f"_orig_mod.{name}": value for name, value in network.state_dict().items()}
    return {name.replace("stage3.", "stage3._orig_mod."): value for name, value in table.items()}


WAYS: dict[str, tuple[Callable[[nn.Module], bytes], tuple[str, ...]]] = {
    "plain": (lambda net: saved(net.state_dict()), ()),
    "older format": (lambda net: legacy(net.state_dict()), ()),
    "safetensors": (lambda net: safetensors_bytes(dict(net.state_dict())), ()),
    "with its optimiser": (lambda net: saved(trained(net)), ("entry model_state_dict",)),
    "DataParallel": (lambda net: saved(nn.DataParallel(net).state_dict()), ("began with module.",)),
    "twice wrapped": (
        lambda net: saved({"state": {"model": prefixed(net.state_dict(), "module.model.")}}),
        ("entry state > model", "began with module.", "began with model."),
    ),
    "an attribute of something": (lambda net: saved(prefixed(net.state_dict(), "my_network.")), ("with my_network.",)),
    "compiled": (lambda net: saved(compiled(net)), ("_orig_mod.",)),
    "compiled safetensors": (lambda net: safetensors_bytes(compiled(net)), ("_orig_mod.",)),
    "averaged by torch": (lambda net: saved(averaged(net)), ("began with module.", "n_averaged")),
    "averaged beside the last": (
        lambda net: saved({"state_dict": other(net), "state_dict_ema": net.state_dict()}),
        ("entry state_dict_ema", "averaged weights (EMA)"),
    ),
    "averaged in a training object": (
        lambda net: saved(prefixed(other(net), "net.") | prefixed(net.state_dict(), "net_ema.module.")),
        ("began with net_ema. (the averaged weights, EMA)", "began with module."),
    ),
    "Lightning": (lambda net: saved(lightning(net)), ("entry state_dict", "left out: confusion, criterion.weight")),
    "names beside numbers": (lambda net: saved(dict(net.state_dict()) | {"epoch": 3}), ("no weights: epoch",)),
    "without counters": (
        lambda net: saved({name: value for name, value in net.state_dict().items() if "num_batches" not in name}),
        (),
    ),
}


def read(data: bytes, folder: Path) -> Checkpoint:
    upload = folder / "weights.pt"
    upload.write_bytes(data)
    found = clean(upload, kind_of(upload, upload.name), folder, silent)
    return Checkpoint(upload.name, folder / WEIGHTS, found["shapes"], found["notes"], found["sha256"], len(data))


def logits(checkpoint: Checkpoint, pictures: Tensor) -> Tensor:
    fitted = fit(checkpoint, Architecture("torchvision", "shufflenet_v2_x0_5"), LABELS, SMALL)
    with torch.no_grad():
        answer: Tensor = fitted.classifier.module(pictures)
    return answer


@pytest.mark.parametrize("way", WAYS)
def test_a_wrapped_network_answers_as_the_original(way: str, original: nn.Module, tmp_path: Path) -> None:
    write, words = WAYS[way]
    checkpoint = read(write(original), tmp_path)
    said = " ".join(checkpoint.notes)
    assert all(word in said for word in words), said
    assert bool(words) == bool(checkpoint.notes)
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(logits(checkpoint, pictures), original(pictures), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("dtype", "words", "largest"),
    [
        (torch.float16, "half precision (float16)", 0.0),
        (torch.bfloat16, "bfloat16", 0.0),
        (torch.float64, "float64", 2.0**-24),
    ],
)
def test_other_precisions_are_cast_and_the_change_is_said(
    dtype: torch.dtype, words: str, largest: float, original: nn.Module, tmp_path: Path
) -> None:
    cast = copy.deepcopy(original).double()
    for value in cast.state_dict().values():
        if value.is_floating_point():
            value.mul_(1 + 3e-8)  # so that float64 holds what float32 cannot
    checkpoint = read(saved(cast.to(dtype).state_dict()), tmp_path)
    (note,) = checkpoint.notes
    assert note.startswith(f"Cast from {words} to float32")
    change = float(note.rstrip(".").split()[-1])
    assert largest / 4 <= change <= largest * 1.05
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(logits(checkpoint, pictures), cast.float()(pictures), rtol=1e-4, atol=1e-5)


def test_a_networks_own_names_are_left_alone() -> None:
    for network in (SimpleCNN(3), models.squeezenet1_1(num_classes=3), nn.Linear(2, 3)):
        own = dict(network.state_dict())
        table, notes = unwrapped(own)
        assert (list(table), notes) == (list(own), ())


def test_tensors_that_share_their_bytes_come_out_whole(tmp_path: Path) -> None:
    whole = torch.arange(12.0).reshape(3, 4)
    checkpoint = read(saved({"a.weight": whole.T, "b.weight": whole[1:], "c.bias": whole[0, ::2]}), tmp_path)
    from safetensors.torch import load_file

    found = load_file(checkpoint.path)
    assert torch.equal(found["a.weight"], whole.T)
    assert torch.equal(found["b.weight"], whole[1:])
    assert torch.equal(found["c.bias"], whole[0, ::2])


def test_names_that_become_equal_are_refused() -> None:
    with pytest.raises(Refusal, match="names several tensors alike"):
        unwrapped({"a.weight": torch.ones(2, 2), "a._orig_mod.weight": torch.ones(2, 2), "b.weight": torch.ones(2)})
