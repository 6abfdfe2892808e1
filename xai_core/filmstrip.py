"""A cascade to show elsewhere: one picture of all its maps (Adebayo 2018, figure 2), and a moving one."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from xai_core.filmstrip_page import page
from xai_core.lettering import font, height, wrapped, write
from xai_core.reel import ACCENT, INK, QUIET, TRACK, Reel, Row, at_size, drawn, numeral
from xai_core.render import Bytes, Display

__all__ = ["Reel", "Row", "gif", "page", "sheet"]

WHITE = "#FFFFFF"
MARGIN, GAP, BAR = 28, 12, 7  # pixels
CELL, LEFT = 176, 330  # pixels: a map of the sheet, the column of its titles
HOW_TO_READ = "Under each map: how much it is like the trained network’s map (1 is the same, 0 no relation)."
GIF_BYTES = 4_000_000
GIF_SIDES = (208, 176, 144, 112, 80)  # pixels of a map, the first that keeps the file small enough
STEP, LAST = 800, 2000  # milliseconds
_FIXED = (WHITE, INK, QUIET, ACCENT, TRACK)  # colours of text and frame, kept out of the photographs' palette


def sheet(reel: Reel, display: Display) -> bytes:
    """A PNG with a row per method and a column per stage, the picture before them, the numbers below the maps."""
    heading, small = font(36, bold=True), font(18)
    stages = range(len(reel.stages))
    lefts = [MARGIN + LEFT + GAP + i * (CELL + GAP) for i in range(len(reel.stages) + 1)]
    width = lefts[-1] + CELL + MARGIN
    title = wrapped(reel.title, heading, width - 2 * MARGIN, 2)
    says = [wrapped(text, small, CELL, 6) for text in reel.says]
    columns, tall = _columns(reel)
    top = MARGIN + height(len(title), heading) + GAP + tall + GAP // 2
    step = CELL + 2 * GAP + BAR + height(1, font(22))
    bottom = top + len(reel.rows) * step
    total = bottom + height(max(map(len, says)), small) + 2 * GAP + height(1, small) + MARGIN
    image = Image.new("RGB", (width, total), WHITE)
    draw = ImageDraw.Draw(image)
    write(draw, (MARGIN, MARGIN), title, heading, INK)
    for left, column in zip(lefts, columns, strict=True):
        image.paste(column, (left, top - GAP // 2 - tall))
    for number, row in enumerate(reel.rows):
        y = top + number * step
        _words(draw, (MARGIN, y), row, step - GAP)
        image.paste(at_size(reel.picture, CELL), (lefts[0], y))
        for i in stages:
            image.paste(drawn(reel, row, i, display, CELL), (lefts[i + 1], y))
            _number(draw, (lefts[i + 1], y + CELL + 4), row.numbers[i], CELL, 22)
    write(
        draw, (MARGIN, bottom), wrapped("What the network says", font(26, bold=True), LEFT, 2), font(26, bold=True), INK
    )
    for i in stages:
        write(draw, (lefts[i + 1], bottom), says[i], small, INK)
    write(draw, (MARGIN, total - MARGIN - height(1, small)), [HOW_TO_READ], small, QUIET)
    return _saved(image, "PNG", optimize=True)


def _columns(reel: Reel) -> tuple[list[Image.Image], int]:
    """What stands above the picture and every stage, each in a box as wide as a map, and how tall the boxes are."""
    bold, plain = font(22, bold=True), font(18)
    names = [wrapped(text, bold, CELL, 3) for text in ("the picture", *reel.stages)]
    counts = ["", *(reel.count(stage) for stage in range(len(reel.stages)))]
    tall = height(max(map(len, names)), bold) + height(1, plain)
    boxes = []
    for lines, count in zip(names, counts, strict=True):
        box = Image.new("RGB", (CELL, tall), WHITE)
        draw = ImageDraw.Draw(box)
        own = height(1, plain) if count else 0
        write(draw, (0, tall - own - height(len(lines), bold)), lines, bold, INK)
        write(draw, (0, tall - own), [count], plain, QUIET)
        boxes.append(box)
    return boxes, tall


def _words(draw: ImageDraw.ImageDraw, place: tuple[int, int], row: Row, room: int) -> None:
    """A method's name and verdict, within so many pixels of height."""
    name, note = font(26, bold=True), font(18)
    left, top = place
    lines = wrapped(row.title, name, LEFT, 3)
    write(draw, place, lines, name, INK)
    used = height(len(lines), name) + GAP // 2
    write(draw, (left, top + used), wrapped(row.verdict, note, LEFT, (room - used) // height(1, note)), note, QUIET)


def _number(draw: ImageDraw.ImageDraw, place: tuple[int, int], number: float | None, width: int, size: int) -> None:
    """A bar as long as the similarity, and the similarity below it."""
    left, top = place
    if number is not None:
        draw.rectangle((left, top, left + width - 1, top + BAR - 1), fill=TRACK)
        if number > 0:
            draw.rectangle((left, top, left + round(min(number, 1.0) * (width - 1)), top + BAR - 1), fill=ACCENT)
    write(draw, (left, top + BAR + 2), [numeral(number)], font(size, bold=number is not None), INK)


def gif(reel: Reel, display: Display) -> bytes:
    """A looping GIF, a frame per stage: 0.8 s each, the last 2 s. As large as stays under 4 MB."""
    found = b""
    for side in GIF_SIDES:
        frames = [_frame(reel, display, stage, _Stage.of(reel, side)) for stage in range(len(reel.stages))]
        colours = _palette(frames)
        indexed = [frame.quantize(palette=colours, dither=Image.Dither.FLOYDSTEINBERG) for frame in frames]
        durations = [*[STEP] * (len(frames) - 1), LAST]
        found = _saved(indexed[0], "GIF", save_all=True, append_images=indexed[1:], duration=durations, loop=0)
        if len(found) <= GIF_BYTES:
            break
    return found


@dataclass(frozen=True)
class _Stage:
    """Where things stand in every frame of a GIF, in pixels."""

    side: int
    columns: int
    title: tuple[str, ...]
    names: int  # lines that the longest method name takes
    says: int  # lines that the longest sentence takes
    width: int
    tiles: int  # the top of the first row of maps, with its titles

    @classmethod
    def of(cls, reel: Reel, side: int) -> _Stage:
        count = len(reel.rows)
        columns = math.ceil(count / math.ceil(count / 4))
        width = max(560, 2 * MARGIN + columns * (side + GAP) - GAP)
        title = wrapped(reel.title, font(24, bold=True), width - 2 * MARGIN, 3)
        names = max(len(wrapped(row.title, font(17, bold=True), side, 2)) for row in reel.rows)
        says = max(len(wrapped(text, font(20), width - 2 * MARGIN, 3)) for text in reel.says)
        tiles = MARGIN + height(len(title), font(24)) + GAP + 14 + height(1, font(20)) + GAP
        return cls(side, columns, tuple(title), names, says, width, tiles)

    @property
    def step(self) -> int:
        """From one row of maps to the next."""
        return height(self.names, font(17)) + self.side + BAR + 6 + height(1, font(20)) + GAP

    def place(self, number: int) -> tuple[int, int]:
        """The top left corner of a method's map."""
        row, column = divmod(number, self.columns)
        return MARGIN + column * (self.side + GAP), self.tiles + row * self.step + height(self.names, font(17))


def _frame(reel: Reel, display: Display, stage: int, plan: _Stage) -> Image.Image:
    bottom = plan.tiles + math.ceil(len(reel.rows) / plan.columns) * plan.step
    inner = plan.width - 2 * MARGIN
    image = Image.new("RGB", (plan.width, bottom + height(plan.says, font(20)) + MARGIN), WHITE)
    draw = ImageDraw.Draw(image)
    write(draw, (MARGIN, MARGIN), list(plan.title), font(24, bold=True), INK)
    y = MARGIN + height(len(plan.title), font(24)) + GAP
    for i in range(1, len(reel.stages)):
        ends = [MARGIN + round(at * (inner + 4) / (len(reel.stages) - 1)) for at in (i - 1, i)]
        draw.rectangle((ends[0], y, max(ends[0], ends[1] - 5), y + 6), fill=ACCENT if i <= stage else TRACK)
    write(draw, (MARGIN, y + 14), wrapped(reel.name(stage), font(20), inner, 1), font(20), ACCENT)
    for number, row in enumerate(reel.rows):
        left, top = plan.place(number)
        lines = wrapped(row.title, font(17, bold=True), plan.side, 2)
        write(draw, (left, top - height(len(lines), font(17))), lines, font(17, bold=True), INK)
        image.paste(drawn(reel, row, stage, display, plan.side), (left, top))
        _number(draw, (left, top + plan.side + 4), row.numbers[stage], plan.side, 20)
    write(draw, (MARGIN, bottom), wrapped(reel.says[stage], font(20), inner, 3), font(20), INK)
    return image


def _palette(frames: list[Image.Image]) -> Image.Image:
    """256 colours for all frames: the frame's own, and those that the photographs and maps need most."""
    pixels = np.concatenate([np.asarray(frame)[::3, ::3].reshape(-1, 3) for frame in frames])
    photo: Bytes = pixels[(pixels != 255).any(axis=1)]
    sample = Image.fromarray(photo[None])
    chosen = sample.quantize(256 - len(_FIXED), method=Image.Quantize.MEDIANCUT).getpalette() or []
    fixed = [int(colour[i : i + 2], 16) for colour in _FIXED for i in (1, 3, 5)]
    held = Image.new("P", (1, 1))
    held.putpalette(fixed + chosen[: 3 * (256 - len(_FIXED))])
    return held


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
