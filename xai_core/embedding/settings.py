"""How a map is drawn: every choice, declared once."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal, get_args

from xai_core.knobs import Params, Setting, knob, settings

Layout = Literal["tsne", "pca", "umap"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)
TITLES: dict[Layout, str] = {"tsne": "t-SNE", "pca": "PCA", "umap": "UMAP"}
Library = Literal["openTSNE", "scikit-learn"]
LIBRARIES: tuple[Library, ...] = get_args(Library)
STARTS = ("pca", "random", "spectral")
LARGEST_SEED = 2**31 - 1
AUTOMATIC = 0.0  # as a learning rate
EXPLORATION = 250  # of scikit-learn's iterations; its early exaggeration has no other length


@dataclass(frozen=True)
class Settings(Params):
    """Everything that changes a map besides model, layer and pictures. ValueError names what is out of bounds."""

    layout: str = knob("tsne", choices=LAYOUTS, help="t-SNE keeps neighbours together; PCA shows the largest spread.")
    library: str = knob(
        "openTSNE", choices=LIBRARIES, help="Who computes the t-SNE. scikit-learn is slower and cannot be interrupted."
    )
    perplexity: float = knob(30.0, 2.0, 500.0, help="About how many neighbours each picture should stay close to.")
    learning_rate: float = knob(
        AUTOMATIC, 0.0, 1e5, label="learning rate", help="How far points move in a step. 0: by the number of pictures."
    )
    exaggeration: float = knob(
        12.0, 1.0, 100.0, label="early exaggeration", help="How strongly neighbours attract each other at first."
    )
    early: int = knob(EXPLORATION, 0, 5000, step=50, label="early iterations", help="Steps with exaggeration.")
    iterations: int = knob(500, 0, 10000, step=50, help="Steps after that.")
    initialisation: str = knob(
        "pca", choices=STARTS, label="start from", help="Where the points are before the first step."
    )
    umap_neighbours: int = knob(
        15, 2, 500, step=1, label="neighbours", help="How many neighbours UMAP connects each picture with."
    )
    umap_distance: float = knob(
        0.1, 0.0, 0.99, label="smallest distance", help="How tightly UMAP may pack points together."
    )
    umap_epochs: int = knob(0, 0, 500, step=10, help="After how many steps UMAP is cut short. 0: not before its end.")
    seed: int = knob(42, 0, LARGEST_SEED, step=1, help="The same seed gives the same map.")


USUAL = Settings()
_TSNE = ("library", "perplexity", "learning_rate", "exaggeration", "iterations", "initialisation", "seed")
_MEANT: dict[str, tuple[str, ...]] = {"pca": (), "umap": ("umap_neighbours", "umap_distance", "seed"), "tsne": _TSNE}


def usual(layout: Layout = "tsne", library: Library = "openTSNE") -> Settings:
    """The defaults of that layout; scikit-learn's own are 250 and 750 iterations."""
    return Settings(layout, library, iterations=500 if library == "openTSNE" else 750)


def offered(of: Settings) -> tuple[Setting, ...]:
    """The settings that mean something for this layout, without the layout itself."""
    early = ("early",) if of.layout == "tsne" and of.library == "openTSNE" else ()
    return tuple(setting for setting in settings(of) if setting.name in (*_MEANT[of.layout], *early))


def layouts() -> tuple[Layout, ...]:
    """Those that can be drawn here: UMAP only where its package is installed."""
    return tuple(layout for layout in LAYOUTS if layout != "umap" or find_spec("umap") is not None)
