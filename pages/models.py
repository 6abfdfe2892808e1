"""Bring your own model and pictures: data sets, models, training, evaluation, and a small world with a known truth."""

from __future__ import annotations

from pages.ui import work
from pages.ui.models import evaluating, guide, models, pictures, rooms, training
from pages.ui.models.rooms import Room
from pages.ui.shelf import shelf

DRAWN = {
    Room.GUIDE: guide.room,
    Room.PICTURES: pictures.room,
    Room.MODELS: models.room,
    Room.TRAIN: training.room,
    Room.EVALUATE: evaluating.room,
}

with work.page("models"):
    kept = rooms.rooms()
    DRAWN[rooms.choose(kept)](shelf(), kept)
