"""The square equals torchvision's own, and its box says where in the picture it lies."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torchvision import models
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

from xai_core.framing import Framing, Preprocess, frame

WEIGHTS = {
    "vgg19": models.VGG19_Weights.IMAGENET1K_V1,
    "inception_v3": models.Inception_V3_Weights.IMAGENET1K_V1,
    "resnet50": models.ResNet50_Weights.IMAGENET1K_V2,
    "mobilenet_v3_large": models.MobileNet_V3_Large_Weights.IMAGENET1K_V2,
    "convnext_tiny": models.ConvNeXt_Tiny_Weights.IMAGENET1K_V1,
    "vit_b_16": models.ViT_B_16_Weights.IMAGENET1K_V1,
}
KERNELS = {InterpolationMode.BILINEAR: "bilinear", InterpolationMode.BICUBIC: "bicubic"}
LITE0 = Preprocess(256, 224, (127 / 255,) * 3, (128 / 255,) * 3, "bicubic")

SHAPES = [(480, 640), (640, 480), (300, 300), (256, 256), (224, 500), (333, 257), (257, 333), (5, 9), (1, 1), (20, 399)]


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", WEIGHTS)
def test_the_square_is_what_torchvision_gives_these_weights(name: str, shape: tuple[int, int]) -> None:
    published = WEIGHTS[name].transforms()
    (resize,), (crop,) = published.resize_size, published.crop_size
    mean, std = tuple(published.mean), tuple(published.std)
    preprocess = Preprocess(resize, crop, mean, std, KERNELS[published.interpolation])
    pixels = noise(*shape)

    square = frame(pixels, preprocess, Framing.AS_TRAINED).square
    x = (torch.from_numpy(square.copy()).permute(2, 0, 1) / 255 - torch.tensor(mean)[:, None, None]) / torch.tensor(
        std
    )[:, None, None]

    torch.testing.assert_close(x, published(Image.fromarray(pixels)), rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_bicubic_256_to_224_is_torchvisions_resize_and_centre_crop(shape: tuple[int, int]) -> None:
    pixels = noise(*shape)
    resized = F.resize(Image.fromarray(pixels), [256], InterpolationMode.BICUBIC)
    assert np.array_equal(frame(pixels, LITE0, Framing.AS_TRAINED).square, np.asarray(F.center_crop(resized, [224])))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_whole_picture_is_squeezed_as_torchvision_squeezes(shape: tuple[int, int]) -> None:
    pixels = noise(*shape)
    framed = frame(pixels, LITE0, Framing.WHOLE)
    squeezed = F.resize(Image.fromarray(pixels), [224, 224], InterpolationMode.BICUBIC)
    assert np.array_equal(framed.square, np.asarray(squeezed))
    assert framed.box == (0.0, 0.0, shape[1], shape[0])


@pytest.mark.parametrize("framing", list(Framing))
@pytest.mark.parametrize("shape", [(480, 640), (640, 480), (300, 300), (333, 257), (100, 900), (60, 80)], ids=str)
def test_a_block_of_the_picture_lands_where_the_box_says(shape: tuple[int, int], framing: Framing) -> None:
    height, width = shape
    side = min(shape) // 6
    across, down = width // 2 - side // 4, height // 2 + side // 3  # off the centre, inside every crop
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[down : down + side, across : across + side] = 255

    framed = frame(pixels, Preprocess(232, 224, (0, 0, 0), (1, 1, 1)), framing)
    left, top, right, bottom = framed.box
    light = framed.square[..., 0].astype(float)
    centres = (np.arange(224) + 0.5) / 224
    seen_across = left + (right - left) * (light.sum(0) @ centres) / light.sum()
    seen_down = top + (bottom - top) * (light.sum(1) @ centres) / light.sum()

    assert seen_across == pytest.approx(across + side / 2, abs=0.5)
    assert seen_down == pytest.approx(down + side / 2, abs=0.5)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_box_is_central_and_inside_the_picture(shape: tuple[int, int]) -> None:
    height, width = shape
    left, top, right, bottom = frame(noise(*shape), LITE0, Framing.AS_TRAINED).box
    step = min(shape) / 256  # one pixel of the resized picture
    assert left >= 0
    assert top >= 0
    assert right <= width + step
    assert bottom <= height + step
    assert left + right == pytest.approx(width, abs=2 * step)
    assert top + bottom == pytest.approx(height, abs=2 * step)


def test_framing_leaves_the_picture_as_it_was() -> None:
    pixels = noise(30, 40)
    before = pixels.copy()
    pixels.setflags(write=False)
    frame(pixels, LITE0, Framing.AS_TRAINED)
    assert np.array_equal(pixels, before)
