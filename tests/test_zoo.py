"""The table of models says what torchvision itself says, and every parameter has its block."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn
from torchvision.models import get_model_weights
from torchvision.transforms import InterpolationMode

from xai_core import build, hooks, zoo
from xai_core.errors import UnknownModel
from xai_core.weights import HubFile, digits
from xai_core.zoo import DEFAULT, MODELS, ModelSpec

SOURCE_FOUR = (  # the blocks that its cascade destroys, output first
    *("fc", "Mixed_7c", "Mixed_7b", "Mixed_7a", "Mixed_6e", "Mixed_6d", "Mixed_6c", "Mixed_6b", "Mixed_6a"),
    *("Mixed_5d", "Mixed_5c", "Mixed_5b", "Conv2d_4a_3x3", "Conv2d_3b_1x1", "Conv2d_2b_3x3", "Conv2d_2a_3x3"),
    "Conv2d_1a_3x3",
)
VERSIONS = {
    "vgg19": "IMAGENET1K_V1",
    "inception_v3": "IMAGENET1K_V1",
    "resnet50": "IMAGENET1K_V2",
    "mobilenet_v3_large": "IMAGENET1K_V2",
    "convnext_tiny": "IMAGENET1K_V1",
    "vit_b_16": "IMAGENET1K_V1",
}

every = pytest.mark.parametrize("line", MODELS.values(), ids=lambda line: line.key)
downloads = pytest.mark.parametrize("key", VERSIONS)


def hollow(line: ModelSpec) -> nn.Module:
    """The architecture without memory for its weights."""
    with torch.device("meta"):
        return build.build(line).eval()


def block_of(name: str, line: ModelSpec) -> list[int]:
    return [
        number
        for number, block in enumerate(line.blocks)
        if any(name == prefix or name.startswith(f"{prefix}.") for prefix in block)
    ]


@downloads
def test_every_figure_of_a_download_is_torchvisions_own(key: str) -> None:
    line, theirs = MODELS[key], get_model_weights(key)[VERSIONS[key]]
    transforms, ours = theirs.transforms(), line.preprocess
    assert isinstance(line.weights, HubFile)
    assert (line.weights.url, line.weights.megabytes) == (theirs.url, theirs.meta["_file_size"])
    assert ([ours.resize], [ours.crop]) == (transforms.resize_size, transforms.crop_size)
    assert (list(ours.mean), list(ours.std)) == (transforms.mean, transforms.std)
    assert InterpolationMode(ours.interpolation) is transforms.interpolation
    assert transforms.antialias  # Pillow, which frames our pictures, always does
    assert build.imagenet_labels() == tuple(theirs.meta["categories"])
    assert len(digits(line.weights)) == 8
    assert int(digits(line.weights), 16) > 0


@downloads
def test_a_network_has_as_many_parameters_as_torchvision_says(key: str) -> None:
    dropped = 3_326_696 if key == "inception_v3" else 0  # its training head
    wanted = get_model_weights(key)[VERSIONS[key]].meta["num_params"]
    assert sum(parameter.numel() for parameter in hollow(MODELS[key]).parameters()) == wanted - dropped


@every
def test_every_parameter_and_buffer_belongs_to_exactly_one_block(line: ModelSpec) -> None:
    names = list(hollow(line).state_dict())
    owners = {name: block_of(name, line) for name in names}
    assert {name: found for name, found in owners.items() if len(found) != 1} == {}
    assert {number for (number,) in owners.values()} == set(range(len(line.blocks)))


@every
def test_blocks_run_from_input_to_output(line: ModelSpec) -> None:
    module, side = hollow(line), line.preprocess.crop
    with torch.no_grad(), hooks.outputs_of(module) as seen:
        module(torch.zeros(1, 3, side, side, device="meta"))
    order = [found[0] for call in seen if (found := block_of(call[0], line))]
    # a normalisation is called after the layer that it goes with, so blocks never step back
    assert order == sorted(order)
    assert set(order) == set(range(len(line.blocks)))


def test_inception_is_cut_into_the_blocks_of_the_source() -> None:
    assert tuple(block for (block,) in reversed(MODELS["inception_v3"].blocks)) == SOURCE_FOUR


def test_batch_normalisation_never_stands_apart_from_its_layer() -> None:
    for line in MODELS.values():
        for name, child in hollow(line).named_modules():
            if isinstance(child, nn.BatchNorm2d):
                block = line.blocks[block_of(name, line)[0]]
                assert not any(prefix == name for prefix in block) or len(block) > 1


def test_sizes_are_told_in_words() -> None:
    assert MODELS["vgg19"].download == "548 MB"
    assert MODELS["mobilenet_v3_large"].download == "21 MB"
    assert MODELS[DEFAULT].download == ""


def test_a_model_of_a_package_is_offered_only_where_the_package_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [line.key for line in zoo.offered()] == list(MODELS)
    monkeypatch.setattr(zoo, "find_spec", lambda package: None)
    assert [line.key for line in zoo.offered()] == [DEFAULT, *(key for key in MODELS if "lite" not in key)]


def test_the_default_is_ready_without_a_download() -> None:
    assert zoo.ready(MODELS[DEFAULT])


def test_an_unknown_model_is_answered_with_what_there_is() -> None:
    with pytest.raises(UnknownModel, match=r"'vgg20'.*vgg19"):
        zoo.spec("vgg20")


def test_the_table_can_be_read_without_torch() -> None:
    program = "import sys, xai_core.zoo, xai_core.fetch; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
