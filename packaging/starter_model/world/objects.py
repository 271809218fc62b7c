"""Small things: shapes, fruit, vessels, a mushroom, an umbrella, each round a middle and about twice `size` tall."""

from __future__ import annotations

import math
from typing import Final

from world.board import Board, Point
from world.palette import LEAF, WHITE, mix, shade
from world.plants import flower, stem

FRUIT: Final[dict[str, tuple[str, ...]]] = {
    "apple": ("red", "green", "yellow"),
    "orange": ("orange",),
    "pear": ("green", "yellow"),
    "lemon": ("yellow",),
    "plum": ("purple",),
    "cherries": ("red",),
    "banana": ("yellow",),
}
"""Each with the colours it comes in."""

SHAPES: Final = ("circle", "square", "triangle", "diamond", "star", "heart")


def shape(board: Board, noun: str, x: float, y: float, size: float, colour: str) -> None:
    """One of `SHAPES`."""
    tone = board.tone(colour, 6)
    if noun == "circle":
        board.ellipse(x, y, size, size, tone)
    elif noun == "square":
        board.box(x - size * 0.9, y - size * 0.9, x + size * 0.9, y + size * 0.9, tone)
    elif noun == "triangle":
        board.polygon([(x, y - size), (x + size, y + size * 0.8), (x - size, y + size * 0.8)], tone)
    elif noun == "diamond":
        board.polygon([(x, y - size), (x + size * 0.7, y), (x, y + size), (x - size * 0.7, y)], tone)
    elif noun == "star":
        board.polygon(_star(x, y, size), tone)
    else:
        lobe = size * 0.55
        for side in (-1, 1):
            board.ellipse(x + side * lobe * 0.82, y - lobe * 0.5, lobe, lobe, tone)
        board.polygon(
            [(x - lobe * 1.74, y - lobe * 0.1), (x + lobe * 1.74, y - lobe * 0.1), (x, y + size * 1.05)], tone
        )


def _star(x: float, y: float, size: float) -> list[Point]:
    reach = (size * 1.05, size * 0.44)
    return [
        (x + math.sin(i * math.pi / 5) * reach[i % 2], y - math.cos(i * math.pi / 5) * reach[i % 2]) for i in range(10)
    ]


def fruit(board: Board, noun: str, x: float, y: float, size: float, colour: str) -> None:
    """One of `FRUIT`, lit from the upper left."""
    skin = board.tone(colour, 6)
    dark, light = shade(skin, 0.82), mix(skin, WHITE, 0.5)
    if noun == "banana":
        board.arc(x, y - size * 0.62, size * 1.5, size * 1.5, 18, 162, dark, size * 0.62)
        board.arc(x, y - size * 0.68, size * 1.48, size * 1.46, 20, 160, skin, size * 0.42)
        for side in (-1, 1):
            board.ellipse(x + side * size * 1.17, y - size * 0.2, size * 0.14, size * 0.14, shade(skin, 0.5))
        return
    if noun == "cherries":
        twig = board.tone(LEAF, 6)
        board.line(
            [(x - size * 0.45, y + size * 0.3), (x + size * 0.1, y - size * 0.9), (x + size * 0.5, y + size * 0.3)],
            twig,
            3,
        )
        for dx in (-0.45, 0.5):
            board.ellipse(x + dx * size, y + size * 0.4, size * 0.46, size * 0.46, skin)
            board.ellipse(x + (dx - 0.15) * size, y + size * 0.25, size * 0.11, size * 0.1, light)
        return
    if noun == "pear":
        board.ellipse(x, y - size * 0.45, size * 0.5, size * 0.65, skin)
        board.ellipse(x, y + size * 0.18, size * 0.86, size * 0.78, skin)
    elif noun == "lemon":
        board.polygon([(x - size * 1.15, y), (x, y - size * 0.5), (x + size * 1.15, y), (x, y + size * 0.5)], skin)
        board.ellipse(x, y, size * 0.92, size * 0.74, skin)
    else:
        board.ellipse(x + size * 0.04, y + size * 0.04, size * 0.98, size * 0.95, dark)
        board.ellipse(x - size * 0.03, y - size * 0.03, size * 0.93, size * 0.9, skin)
    board.ellipse(x - size * 0.34, y - size * 0.3, size * 0.19, size * 0.15, light)
    if noun in ("apple", "pear", "plum"):
        top = y - size * (1.05 if noun == "pear" else 0.85)
        board.line(
            [(x, top), (x + size * 0.12, top - size * 0.34)], board.tone((100, 66, 40), 4), max(2.5, size * 0.09)
        )
        if noun != "plum":
            board.ellipse(x + size * 0.36, top - size * 0.22, size * 0.26, size * 0.12, board.tone((80, 150, 60), 6))


def vase(board: Board, x: float, y: float, size: float, colour: str, flowers: str) -> None:
    """A vase of one colour standing on `(x, y)` with three to five flowers of another; `size` is its height."""
    rng = board.rng
    neck = y - size
    count = rng.choice((3, 5))
    for i in range(count):
        share = (i + 0.5) / count - 0.5
        place = x + share * size * 1.15, neck - size * (0.62 - 1.2 * share * share) + rng.uniform(-5, 5)
        stem(board, *place, (x, neck + 4), 4)
        flower(board, *place, size * rng.uniform(0.2, 0.24), flowers, rng.choice((5, 6, 8)))
    tone = board.tone(colour, 6)
    left = [(-0.17, 1.0), (-0.13, 0.78), (-0.34, 0.38), (-0.22, 0.0)]
    outline = [(x + dx * size, y - dy * size) for dx, dy in left]
    outline += [(x - dx * size, y - dy * size) for dx, dy in reversed(left)]
    board.polygon(outline, tone)
    board.ellipse(x, y - size * 0.3, size * 0.31, size * 0.26, tone)
    board.ellipse(x - size * 0.14, y - size * 0.36, size * 0.05, size * 0.13, mix(tone, WHITE, 0.45))


def cup(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """A steaming cup standing on `(x, y)`, `size` wide."""
    tone = board.tone(colour, 6)
    board.arc(x + size * 0.46, y - size * 0.4, size * 0.24, size * 0.22, -100, 100, shade(tone, 0.88), size * 0.1)
    board.polygon(
        [
            (x - size * 0.5, y - size * 0.75),
            (x + size * 0.5, y - size * 0.75),
            (x + size * 0.36, y),
            (x - size * 0.36, y),
        ],
        tone,
    )
    board.polygon(
        [
            (x - size * 0.42, y - size * 0.6),
            (x - size * 0.3, y - size * 0.6),
            (x - size * 0.25, y - size * 0.12),
            (x - size * 0.32, y - size * 0.12),
        ],
        mix(tone, WHITE, 0.3),
    )
    board.ellipse(x, y - size * 0.75, size * 0.5, size * 0.1, shade(tone, 0.8))
    board.ellipse(x, y - size * 0.74, size * 0.43, size * 0.07, (92, 58, 36))
    steam = mix(board.at(x, y - size), WHITE, 0.5)
    for side in (-1, 1):
        wave = [(x + side * 12 + 5 * math.sin(i / 4), y - size * 0.86 - i * 1.5) for i in range(26)]
        board.line(wave, steam, 3.5)


def books(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """A stack of three or four lying books on `(x, y)`, the widest about `size`."""
    rng = board.rng
    for _ in range(rng.choice((3, 4))):
        width, height = size * rng.uniform(0.78, 1.0), size * rng.uniform(0.16, 0.22)
        left = x - width / 2 + size * rng.uniform(-0.08, 0.08)
        cover = shade(board.tone(colour, 10), rng.uniform(0.8, 1.0))
        board.box(left, y - height, left + width, y, cover, height * 0.2)
        board.box(left + width * 0.86, y - height * 0.84, left + width, y - height * 0.16, (240, 234, 218))
        for share in (0.14, 0.22):
            board.box(left + width * share, y - height, left + width * (share + 0.035), y, mix(cover, WHITE, 0.55))
        y -= height


def mushroom(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """A spotted cap on a pale stalk."""
    board.box(
        x - size * 0.26, y - size * 0.1, x + size * 0.26, y + size * 0.95, board.tone((235, 225, 205), 4), size * 0.16
    )
    cap = board.tone(colour, 6)
    board.pie(x, y, size, size * 0.95, 180, 360, cap)
    board.ellipse(x, y, size, size * 0.14, shade(cap, 0.85))
    for dx, dy, radius in (
        (-0.6, 0.3, 0.1),
        (-0.25, 0.62, 0.14),
        (0.2, 0.35, 0.13),
        (0.62, 0.28, 0.1),
        (0.35, 0.7, 0.1),
    ):
        board.ellipse(x + dx * size, y - dy * size, radius * size, radius * size * 0.9, (247, 244, 238))


def umbrella(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """Open, with a hooked handle."""
    wood = board.tone((110, 72, 46), 4)
    board.line([(x, y - size * 0.9), (x, y + size * 0.95)], wood, size * 0.07)
    board.arc(x - size * 0.13, y + size * 0.95, size * 0.16, size * 0.16, 0, 180, wood, size * 0.07)
    cloth = board.tone(colour, 6)
    board.pie(x, y + size * 0.08, size, size * 0.95, 180, 360, cloth)
    board.pie(x, y + size * 0.08, size * 0.36, size * 0.95, 180, 360, mix(cloth, WHITE, 0.28))


def single_flower(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """One large flower on a stem with a leaf."""
    stem(board, x, y, (x + 4, 256), 9)
    board.ellipse(x + size * 0.42, y + size * 1.0, size * 0.38, size * 0.13, board.tone((80, 150, 60), 6))
    flower(board, x, y - size * 0.1, size * 0.92, colour, board.rng.choice((5, 6, 8)))
