"""How a concept is tested: every choice, declared once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Classifier = Literal["logistic", "ridge", "sgd"]
CLASSIFIERS: tuple[Classifier, ...] = get_args(Classifier)
PENALTY: dict[Classifier, float] = {"logistic": 0.01, "ridge": 1.0}  # see `linear`
SGD = {"alpha": 0.01, "max_iter": 1000, "tol": 1e-3}  # of TF-TCAV and Captum
Pooling = Literal["average", "flatten"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)

LEAST = 10  # distinct pictures of a concept to test it
ENOUGH = 20  # below, a test sees strong effects only
LEAST_EXAMPLES = 5  # pictures of a class
ALPHA = 0.05


@dataclass(frozen=True)
class Settings:
    """Everything that changes a result, besides model, pictures, classes and layers."""

    runs: int = 20  # counter-sets, each with a CAV of its own
    random_concepts: int = 400  # the concept is ranked among so many
    most: int = 50  # pictures of a set; of more, a seeded choice
    examples: int = 50  # pictures of a class at most
    classifier: Classifier = "logistic"
    pooling: Pooling = "average"
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least in (("runs", 2), ("random_concepts", 19), ("most", LEAST), ("examples", LEAST_EXAMPLES)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)}")
        if self.classifier not in CLASSIFIERS:
            raise ValueError(f"classifier must be one of {', '.join(CLASSIFIERS)}, got {self.classifier!r}")
        if self.pooling not in POOLINGS:
            raise ValueError(f"pooling must be one of {', '.join(POOLINGS)}, got {self.pooling!r}")


USUAL = Settings()


def random_concepts(tests: int, alpha: float = ALPHA) -> int:
    """How many random concepts so that one of `tests` can still be significant after correction, in steps of 100."""
    needed = tests / alpha
    return max(100, -(-int(needed + 1) // 100) * 100)
