"""What a map says, how far to trust it, and how not to read it, in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_core.details import Figure
from xai_core.embedding.mixing import Mixing, Pair, mixing
from xai_core.embedding.settings import TITLES
from xai_core.sentence import Headline, Piece

if TYPE_CHECKING:
    from xai_core.embedding.picture_map import PictureMap
    from xai_core.embedding.quality import Quality

HONESTY = "Distances between clusters and their sizes mean nothing."
POOR = 0.1  # of the neighbours kept: below, the map hardly shows the features
HOW_NOT = (
    "Two clusters far apart are not more different than two that are close: only who lies next to whom was kept.",
    "A wide cluster is not more varied than a tight one: the layout evens densities out.",
    "One class in two clusters may be an accident of the layout: look whether another seed or perplexity agrees.",
    "A point in the wrong crowd is a reason to look at the picture, not a proof: see its neighbours by features.",
)
HOW_NOT_PCA = (
    "Points that lie on each other may differ in every direction that is not shown.",
    "The axes are mixtures of all features and have no names; turning or mirroring the map changes nothing.",
)


def headline(shown: PictureMap) -> Headline:
    """What to look at first, counted from the predictions and from each picture's neighbours by features."""
    return Headline(_pieces(mixing(shown), len(shown)), _warning(shown.quality))


def _pieces(found: Mixing, total: int) -> tuple[Piece, ...]:
    if found.by == "prediction":
        return (Piece(f"The model puts these {total:,} pictures into {_classes(len(found.names))}; {_named(found)}."),)
    if len(found.names) < 2:
        return (Piece(_of_one(found, total)), Piece(found.names[0], True), Piece("."))
    pairs = found.pairs
    if found.by == "label":
        return _foreign(found, pairs)
    if not pairs:
        return (Piece(_clean(found, total)),)
    first = pairs[0]
    if first.taken:
        told = f": {_pictures(first.taken)} of one {_are(first.taken)} taken for the other"
        also = f", and {first.among:,} {_lie(first.among)} among the other’s" if first.among else ""
        return (Piece("The model mixes up "), *_both(first), Piece(f" most{told}{also}."))
    start = Piece("No two of these classes are taken for each other; closest are ")
    return (start, *_both(first), Piece(f": {_among(first)}."))


def _of_one(found: Mixing, total: int) -> str:
    """Where there is one class only, or the model knows only one of them."""
    if found.pictures == total:
        return f"All {total:,} pictures are of one class, "
    known = "a class that the model knows" if found.by == "truth" else "a class that is known"
    return f"Of these {total:,} pictures only {found.pictures:,} {_are(found.pictures)} of {known}, "


def _named(found: Mixing) -> str:
    """Where no class is known at all."""
    if found.astray:
        return f"{_pictures(found.astray)} {_lie(found.astray)} among pictures that it names otherwise"
    return "each lies among its like" if found.settled else "none lies among those of another class"


def _foreign(found: Mixing, pairs: tuple[Pair, ...]) -> tuple[Piece, ...]:
    """Where the model has no such classes, and can only be asked who looks like whom."""
    start = f"The model has no words for these {_classes(len(found.names))}"
    if pairs:
        return (Piece(f"{start}; to its eye "), *_both(pairs[0]), Piece(f" lie closest: {_among(pairs[0])}."))
    every = "each picture lies among its own" if found.settled else "no picture lies among those of another"
    return (Piece(f"{start}, and yet keeps them apart: {every}."),)


def _clean(found: Mixing, total: int) -> str:
    """Where no two classes are mixed up."""
    count = _classes(len(found.names))
    if found.wrong:
        which = count if found.pictures == total else f"{count} that the model knows"
        return f"The {which} lie apart, but the model takes {_pictures(found.wrong)} for something else."
    which = count if found.pictures == total else f"{count} that it knows"
    where = "lies among its own" if found.settled else "none lies among those of another class"
    return f"The model keeps the {which} apart: each of the {found.pictures:,} pictures is named rightly and {where}."


def _both(pair: Pair) -> tuple[Piece, ...]:
    return (Piece(pair.one, True), Piece(" and "), Piece(pair.other, True))


def _among(pair: Pair) -> str:
    return f"{_pictures(pair.among)} of one {_lie(pair.among)} among the other’s"


def _warning(judged: Quality) -> str:
    if judged.kept >= POOR:
        return ""
    return f"This map keeps only {share(judged.kept)} of the neighbours: trust the neighbour lists, not the picture."


def kept(judged: Quality) -> str:
    """One sentence on how much of the neighbourhoods is left, with what chance would leave."""
    part = f", measured on {judged.looked_at:,} of them" if judged.looked_at < judged.of else ""
    return (
        f"Of every picture’s {judged.nearest} nearest neighbours, {share(judged.kept)} are still its neighbours on "
        f"the map (chance: {share(judged.chance)}{part})."
    )


def honesty(shown: PictureMap) -> str:
    """The one sentence that always stands under the map."""
    if shown.request.settings.layout != "pca":
        return HONESTY
    held = float(shown.explained[:2].sum())
    return f"These two directions hold {share(held)} of what differs between the pictures; the rest is not shown."


def how_not(shown: PictureMap) -> tuple[str, ...]:
    """Sentences on what a map like this seems to say and does not."""
    return HOW_NOT_PCA if shown.request.settings.layout == "pca" else HOW_NOT


def figures(shown: PictureMap) -> tuple[Figure, ...]:
    """Figures of trust, each with its meaning."""
    judged = shown.quality
    layout = TITLES[shown.request.settings.layout]  # type: ignore[index]
    return (
        Figure("Neighbours kept", share(judged.kept), kept(judged)),
        Figure("Trustworthiness", f"{judged.trustworthiness:.3f}", "1: nobody is a neighbour on the map only."),
        Figure("Continuity", f"{judged.continuity:.3f}", "1: no neighbour was torn away on the map."),
        Figure(
            "Variance laid out",
            share(shown.projection.share),
            f"Of what differs between the pictures, in the {len(shown.explained)} components that {layout} was given.",
        ),
    )


def share(part: float) -> str:
    """Percents, with one digit where they are few."""
    if part >= 0.9995:
        return "100 %" if part == 1 else "over 99.9 %"
    return f"{100 * part:.0f} %" if part >= 0.0995 else f"{100 * part:.1f} %"


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"


def _classes(count: int) -> str:
    return "1 class" if count == 1 else f"{count:,} classes"


def _lie(count: int) -> str:
    return "lies" if count == 1 else "lie"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
