"""Loading is strict, and everything that does not agree is said with numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file
from skimage import data
from torch import Tensor, nn
from torchvision import models

from xai_core.architecture import SIMPLE_CNN, Architecture, create
from xai_core.checkpoints.architectures import available, own_preprocess
from xai_core.checkpoints.checkpoint import Checkpoint, shapes_of
from xai_core.checkpoints.fitting import fit
from xai_core.checkpoints.signatures import MARKER, outline, signature_of, signatures
from xai_core.checkpoints.suggest import classes_of, suggest
from xai_core.errors import UnknownModel, UnusableModel
from xai_core.framing import Framing, Preprocess, frame

SMALL = Preprocess(32, 32, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
LABELS = tuple("abcde")


def checkpoint_of(table: dict[str, Tensor], folder: Path) -> Checkpoint:
    save_file(table, folder / "clean.safetensors")
    return Checkpoint("my.pt", folder / "clean.safetensors", shapes_of(table), (), "0" * 64, 9)


def state(classes: int = 5, architecture: Architecture = SIMPLE_CNN) -> dict[str, Tensor]:
    with torch.random.fork_rng([]):
        torch.manual_seed(0)
        return dict(create(architecture, classes).state_dict())


def refusal(table: dict[str, Tensor], folder: Path, labels: tuple[str, ...] = LABELS, shape: Preprocess = SMALL) -> str:
    with pytest.raises(UnusableModel) as caught:
        fit(checkpoint_of(table, folder), SIMPLE_CNN, labels, shape)
    return str(caught.value)


def test_the_fitted_network_is_frozen_and_answers_with_its_weights(tmp_path: Path) -> None:
    fitted = fit(checkpoint_of(state(), tmp_path), SIMPLE_CNN, LABELS, SMALL)
    module = fitted.classifier.module
    assert not module.training
    assert not any(parameter.requires_grad for parameter in module.parameters())
    assert all(torch.equal(value, module.state_dict()[name]) for name, value in state().items())
    assert fitted.classifier.cam_layer == "block4"
    assert fitted.notes == ()


def test_fitting_moves_nobodys_random_numbers(tmp_path: Path) -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    fit(checkpoint_of(state(), tmp_path), SIMPLE_CNN, LABELS, SMALL)
    assert torch.equal(before, torch.get_rng_state())


def test_another_architecture_is_told_apart_in_few_lines(tmp_path: Path) -> None:
    checkpoint = checkpoint_of(state(5, Architecture("torchvision", "resnet18")), tmp_path)
    with pytest.raises(UnusableModel) as caught:
        fit(checkpoint, Architecture("torchvision", "resnet34"), LABELS, SMALL)
    lines = str(caught.value).splitlines()
    assert len(lines) <= 15
    expected = nn.Module.state_dict(models.resnet34(num_classes=5))
    missing = [name for name in expected if name not in checkpoint.table and not name.endswith("num_batches_tracked")]
    assert lines[0] == (
        f"my.pt does not fit resnet34 (torchvision): {len(missing)} of its tensors are missing in the file, "
        "0 in the file are none of its own, 0 have another size."
    )
    assert lines[1] == f"Missing: {', '.join(missing[:5])}, …"
    assert "resnet18 (torchvision)" in lines[-2]


def test_other_names_and_sizes_are_listed(tmp_path: Path) -> None:
    table = state()
    table["block9.0.weight"] = table.pop("block1.0.weight")
    table["block2.0.weight"] = table["block2.0.weight"][:, :1].contiguous()
    text = refusal(table, tmp_path)
    assert "1 of its tensors are missing in the file, 1 in the file are none of its own, 1 have another size" in text
    assert "Only in the file: block9.0.weight." in text
    assert "Another size: block2.0.weight (64 × 1 × 3 × 3 in the file, 64 × 32 × 3 × 3 in the network)." in text


def test_another_number_of_classes_is_said_with_both_numbers(tmp_path: Path) -> None:
    assert "my.pt answers 19 classes, and you named 5. Give 19 names" in refusal(state(19), tmp_path)


def exploding(table: dict[str, Tensor]) -> None:
    table["classifier.weight"].fill_(3e38)


def negative_variance(table: dict[str, Tensor]) -> None:
    table["block1.1.running_var"].fill_(-1.0)


@pytest.mark.parametrize("spoil", [exploding, negative_variance])
def test_answers_that_are_no_numbers_are_refused(spoil: Callable[[dict[str, Tensor]], None], tmp_path: Path) -> None:
    table = state()
    spoil(table)
    assert "no numbers (NaN or infinite) as soon as it sees a picture" in refusal(table, tmp_path)


def test_whole_numbers_in_the_place_of_weights_are_refused(tmp_path: Path) -> None:
    table = state()
    table["classifier.weight"] = table["classifier.weight"].long()
    assert "holds classifier.weight as whole numbers where weights belong" in refusal(table, tmp_path)


def test_a_network_that_sees_nothing_is_said(tmp_path: Path) -> None:
    table = {name: torch.zeros_like(value) for name, value in state().items()}
    fitted = fit(checkpoint_of(table, tmp_path), SIMPLE_CNN, LABELS, SMALL)
    assert "exactly the same answer to a grey picture and to noise" in fitted.notes[0]


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (Preprocess(8, 8, SMALL.mean, SMALL.std), "cannot be resized to 8 and cut to 8 pixels"),
        (Preprocess(32, 64, SMALL.mean, SMALL.std), "cannot be resized to 32 and cut to 64 pixels"),
        (Preprocess(9000, 64, SMALL.mean, SMALL.std), "cannot be resized to 9000"),
        (Preprocess(32, 32, SMALL.mean, (1.0, 0.0, 1.0)), "cannot be divided by"),
        (Preprocess(32, 32, SMALL.mean, (1.0, float("nan"), 1.0)), "cannot be divided by"),
        (Preprocess(32, 32, (float("inf"), 0.0, 0.0), SMALL.std), "is too large"),
    ],
)
def test_a_preprocessing_that_cannot_be_is_refused(shape: Preprocess, words: str, tmp_path: Path) -> None:
    assert words in refusal(state(), tmp_path, shape=shape)


def test_names_that_are_there_twice_are_refused(tmp_path: Path) -> None:
    assert "has a twice" in refusal(state(), tmp_path, tuple("abcda"))


def test_a_size_that_the_network_cannot_take_is_said_with_its_own(tmp_path: Path) -> None:
    vit = Architecture("timm", "vit_tiny_patch16_224")
    with pytest.raises(UnusableModel, match=r"cannot look at pictures of 64 × 64 pixels\. Its own are 224 pixels wide"):
        fit(checkpoint_of(state(5, vit), tmp_path), vit, LABELS, Preprocess(64, 64, SMALL.mean, SMALL.std))


def test_heads_that_only_training_uses_are_left_out(tmp_path: Path) -> None:
    net = Architecture("torchvision", "googlenet")
    with torch.random.fork_rng([]), torch.device("meta"):
        shapes = {
            name: value.shape
            for name, value in models.googlenet(num_classes=5, init_weights=False).state_dict().items()
        }
    table = {name: torch.full(shape, 0.01) if shape else torch.tensor(1) for name, shape in shapes.items()}
    fitted = fit(checkpoint_of(table, tmp_path), net, LABELS, Preprocess(64, 64, SMALL.mean, SMALL.std))
    left = sum(name.startswith(("aux1.", "aux2.")) for name in table)
    assert f"Left out: {left} tensors of heads that only training uses." in fitted.notes


@pytest.mark.parametrize(
    "architecture",
    [
        SIMPLE_CNN,
        Architecture("torchvision", "resnet18"),
        Architecture("torchvision", "squeezenet1_1"),
        Architecture("torchvision", "mobilenet_v3_small"),
        Architecture("timm", "resnet18"),
        Architecture("timm", "vit_tiny_patch16_224"),
        Architecture("timm", "mobilenetv2_100"),
        Architecture("timm", "swin_tiny_patch4_window7_224"),
        Architecture("timm", "vit_base_patch16_224"),
    ],
    ids=str,
)
def test_weights_find_their_network_and_their_number_of_classes(architecture: Architecture) -> None:
    with torch.random.fork_rng([]), torch.device("meta"):
        shapes = shapes_of(create(architecture, 13).state_dict())
    checkpoint = Checkpoint("my.pt", Path("nowhere"), shapes, (), "0" * 64, 9)
    best = suggest(checkpoint)
    assert architecture in best
    assert signature_of(best[0]) == signature_of(architecture)
    body = [pair for pair in outline(best[0]) if MARKER not in pair[1]]
    assert set(body) <= set(shapes), "the first suggestion fits exactly"
    assert classes_of(checkpoint, architecture) == 13


def test_a_network_with_another_head_still_finds_its_body() -> None:
    with torch.random.fork_rng([]), torch.device("meta"):
        network = models.resnet18()
        network.fc = nn.Sequential(nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 3))
    checkpoint = Checkpoint("my.pt", Path("nowhere"), shapes_of(network.state_dict()), (), "0" * 64, 9)
    assert suggest(checkpoint)[0] == Architecture("torchvision", "resnet18")
    assert classes_of(checkpoint, suggest(checkpoint)[0]) == 0


def test_weights_like_nothing_we_know_are_not_suggested_anything() -> None:
    shapes = tuple((f"layer{number}.weight", (3, number)) for number in range(1, 9))
    assert suggest(Checkpoint("my.pt", Path("nowhere"), shapes, (), "0" * 64, 9)) == ()


def test_every_signature_belongs_to_a_network_that_can_be_chosen() -> None:
    known = {one for each in signatures() for one in each.architectures}
    assert known <= set(available())
    assert len(known) > 0.95 * len(available())


def test_all_of_both_libraries_can_be_chosen() -> None:
    chosen = available()
    assert chosen[0] == SIMPLE_CNN
    assert {one.name for one in chosen if one.library == "torchvision"} == set(models.list_models(module=models))
    assert {one.name for one in chosen if one.library == "timm"} == set(timm.list_models())


@pytest.mark.parametrize("name", ["resnet50", "swin_t", "inception_v3", "vit_b_16"])
def test_torchvisions_preprocessing_is_the_one_of_its_default_weights(name: str) -> None:
    photo = data.astronaut()[:300]
    own = own_preprocess(Architecture("torchvision", name))
    theirs = models.get_model_weights(name).DEFAULT.transforms()(Image.fromarray(photo))
    assert_same_input(frame(photo, own, Framing.AS_TRAINED).square, own, theirs)


@pytest.mark.parametrize("name", ["mobilenetv2_100", "vit_tiny_patch16_224", "convnext_atto", "tf_efficientnet_lite0"])
def test_timms_preprocessing_is_the_one_of_its_own_card(name: str) -> None:
    photo = data.astronaut()[:300]
    own = own_preprocess(Architecture("timm", name))
    with torch.random.fork_rng([]), torch.device("meta"):
        network = timm.create_model(name)
    theirs = timm.data.create_transform(**timm.data.resolve_model_data_config(network))(Image.fromarray(photo))
    assert_same_input(frame(photo, own, Framing.AS_TRAINED).square, own, theirs)


def assert_same_input(square: object, own: Preprocess, theirs: Tensor) -> None:
    pixels = torch.tensor(square).permute(2, 0, 1) / 255
    mine = (pixels - torch.tensor(own.mean).view(3, 1, 1)) / torch.tensor(own.std).view(3, 1, 1)
    torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-5)


def test_our_own_small_network_has_its_own_preprocessing() -> None:
    assert own_preprocess(SIMPLE_CNN) == Preprocess(128, 128, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def test_an_unknown_network_is_named() -> None:
    with pytest.raises(UnknownModel, match=r"There is no network called resnet19 \(timm\)\."):
        own_preprocess(Architecture("timm", "resnet19"))
