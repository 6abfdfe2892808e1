"""How far several maps of the same pictures agree, in plain sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_core.embedding.words import share

if TYPE_CHECKING:
    from xai_core.embedding.request import DrawMap
    from xai_core.embedding.several import Agreement, Cohesion, Varied

MUCH, SOME = 0.5, 0.25  # of the neighbours shared, from which maps are said to agree largely, and in part
STAYS = 0.8  # times the share by features from which a selection is said to stay together on a map
GROUP = 3.0  # times chance below which pictures are no group by their features either
TURNED = "Each is turned, mirrored and sized to lie as much like the map above as it can: that changes no neighbours."
STARTS = "Each starts from other random places: from PCA, where maps usually start, all seeds give nearly the same one."


def called(wanted: DrawMap, varied: Varied) -> str:
    """What a map is called among its like: by that in which they differ."""
    chosen = wanted.settings
    if varied == "seed":
        return f"Seed {chosen.seed}{', random start' if chosen.initialisation == 'random' else ''}"
    return f"{chosen.umap_neighbours} neighbours" if chosen.layout == "umap" else f"Perplexity {chosen.perplexity:g}"


def agree(found: Agreement) -> tuple[str, str]:
    """Do these maps tell the same story? A verdict and what it rests on, two sentences."""
    if found.shared >= MUCH:
        verdict = "These maps largely agree on who lies next to whom."
    elif found.shared >= SOME:
        verdict = "These maps agree in part on who lies next to whom."
    else:
        verdict = "These maps hardly agree on who lies next to whom."
    least = f"; the two that differ most share {share(found.least)}" if found.maps > 2 else ""
    return verdict, (
        f"Of a picture’s {found.nearest} nearest on one, {share(found.shared)} are among its nearest on another "
        f"(chance: {share(found.chance)}{least})."
    )


def stay(found: Cohesion) -> tuple[str, str]:
    """Is the selection a cluster on every map, or only on one? As `agree`."""
    who, chance = f"The {found.rows:,} selected pictures", f"chance: {share(found.chance)}"
    measured = f"By the features, {share(found.by_features)} of their nearest are selected too"
    if found.by_features < min(GROUP * found.chance, (1 + found.chance) / 2):
        return f"{who} are no group to the model.", f"{measured} ({chance})."
    low, high = share(min(found.on_maps)), share(max(found.on_maps))
    apart = sum(each < STAYS * found.by_features for each in found.on_maps)
    if not apart:
        verdict = f"{who} stay together on every map."
    elif apart == len(found.on_maps):
        verdict = f"{who} are torn apart on every map."
    else:
        verdict = f"{who} are torn apart on {apart} of {len(found.on_maps)} maps."
    return verdict, f"{measured}; on the maps {low if low == high else f'{low} to {high}'} ({chance})."
