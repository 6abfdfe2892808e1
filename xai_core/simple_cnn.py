"""A small convolutional network for small worlds: four convolutions, then one linear layer on what they average to."""

from __future__ import annotations

from torch import Tensor, nn

SIDE = 128  # pixels of its input; its last maps have an eighth of that


class SimpleCNN(nn.Module):
    """(B, 3, S, S) -> logits (B, classes); S a multiple of 8.

    The maps before the average are (B, 4 × width, S / 8, S / 8), so Grad-CAM on `block4` is exactly CAM
    (Zhou 2016, equation 2).
    """

    def __init__(self, classes: int, width: int = 32) -> None:
        super().__init__()
        self.block1 = _block(3, width)
        self.block2 = _block(width, 2 * width)
        self.block3 = _block(2 * width, 4 * width)
        self.block4 = _block(4 * width, 4 * width, pool=False)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(4 * width, classes)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.block4(self.block3(self.block2(self.block1(x))))
        logits: Tensor = self.classifier(self.pool(maps).flatten(1))
        return logits


def _block(inside: int, outside: int, pool: bool = True) -> nn.Sequential:
    layers = [nn.Conv2d(inside, outside, 3, padding=1, bias=False), nn.BatchNorm2d(outside), nn.ReLU()]
    return nn.Sequential(*layers, *([nn.MaxPool2d(2)] if pool else []))
