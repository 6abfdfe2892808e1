"""What a person decides before training: three kinds of training and their settings, each declared once."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from xai_core.knobs import Params, Setting, knob, settings

Kind = Literal["head", "fine-tune", "cnn"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TITLES: dict[Kind, str] = {
    "head": "Linear head",
    "fine-tune": "Fine-tuning",
    "cnn": "Small network from scratch",
}
HELP: dict[Kind, str] = {
    "head": "Keeps what the default model already sees and learns only how to tell your classes apart. "
    "The quickest; often the best with few pictures.",
    "fine-tune": "Starts from the linear head, then also adjusts the default model's last blocks. "
    "Slower; worth trying when the head confuses classes that look alike.",
    "cnn": "A small network that has seen nothing but your pictures, as in our first sources. "
    "Needs hundreds of pictures a class; easy to look into.",
}
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Recipe(Params):
    """One training, without its pictures. ValueError names a setting that is out of bounds."""

    kind: str = knob("head", choices=KINDS, label="what is trained", help="How much of the network learns.")
    seed: int = knob(0, 0, LARGEST_SEED, step=1, help="The same seed gives the same split and the same start.")
    epochs: int = knob(
        20, 1, 300, step=1, label="epochs at most", help="How many times all pictures are gone through, at most."
    )
    learning_rate: float = knob(
        1e-3, 1e-5, 1e-1, label="learning rate", help="How large the first steps are; too large never settles."
    )
    augmentation: bool = knob(
        False, help="Also learns from copies that are mirrored, shifted, cropped and slightly recoloured."
    )
    views: int = knob(
        4, 2, 16, step=1, label="copies per picture", help="How many versions of each picture the network sees first."
    )
    class_weights: bool = knob(
        True, label="balance the classes", help="A class with few pictures counts as much as one with many."
    )
    patience: int = knob(
        5, 1, 100, step=1, unit="epochs", help="Stops after so many epochs without progress on held-out pictures."
    )
    l2: float = knob(
        0.0,
        0.0,
        10.0,
        label="weight penalty (L2)",
        help="Holds the head's weights small. 0: chosen on held-out pictures.",
    )
    validation: float = knob(
        0.2, 0.05, 0.4, step=0.05, label="share for validation", help="Held out to decide when to stop."
    )
    test: float = knob(
        0.2, 0.05, 0.4, step=0.05, label="share for the test", help="Held out to the end, to say how good the model is."
    )

    @property
    def view_count(self) -> int:
        """Versions of each picture whose features are kept."""
        return self.views if self.augmentation else 1


_STARTS: dict[Kind, dict[str, Any]] = {
    "head": {},
    "fine-tune": {"epochs": 20, "learning_rate": 3e-4, "augmentation": True, "views": 3},
    "cnn": {"epochs": 60, "learning_rate": 2e-3, "augmentation": True, "patience": 12},
}
_WITHOUT: dict[Kind, tuple[str, ...]] = {
    "head": ("learning_rate",),  # its method chooses its own steps
    "fine-tune": ("l2",),
    "cnn": ("l2", "views"),  # a fresh version of each picture every epoch
}


def recipe(kind: Kind) -> Recipe:
    """The sensible defaults of that kind."""
    return Recipe(kind=kind, **_STARTS[kind])


def offered(of: Recipe) -> tuple[Setting, ...]:
    """The settings that mean something for this recipe's kind, without the kind itself."""
    unused = ("kind", *_WITHOUT[of.kind])  # type: ignore[index]
    return tuple(setting for setting in settings(of) if setting.name not in unused)


def as_json(of: Recipe) -> dict[str, Any]:
    """For a model's card: the settings that were used, by name."""
    unused = _WITHOUT[of.kind]  # type: ignore[index]
    return {item.name: getattr(of, item.name) for item in fields(of) if item.name not in unused}
