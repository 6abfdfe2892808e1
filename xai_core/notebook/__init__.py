"""Second Look in a notebook: explain pictures, test concepts, draw maps. The library is the dashboard's."""

from xai_core.concepts.generated import Recipe
from xai_core.notebook.bringing import concept, data_set, demo_world, picture
from xai_core.notebook.concepts import ConceptTest, concept_map, sort_by_concept, tcav
from xai_core.notebook.explaining import compare, explain, predict, sanity_check
from xai_core.notebook.maps import in_words, picture_map, place, save_map
from xai_core.notebook.models import load, wrap
from xai_core.notebook.telling import show_progress

__all__ = [
    "ConceptTest",
    "Recipe",
    "compare",
    "concept",
    "concept_map",
    "data_set",
    "demo_world",
    "explain",
    "in_words",
    "load",
    "picture",
    "picture_map",
    "place",
    "predict",
    "sanity_check",
    "save_map",
    "show_progress",
    "sort_by_concept",
    "tcav",
    "wrap",
]
