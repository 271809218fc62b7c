"""Trees, flowers, cacti."""

from __future__ import annotations

import math

from world.board import Board
from world.palette import LEAF, PINE, RGB, WHITE, mix, shade

CROWNS: dict[str, RGB] = {"green tree": (70, 140, 60), "autumn tree": (220, 120, 40), "cherry tree": (246, 165, 195)}


def tree(board: Board, kind: str, x: float, y: float, height: float) -> None:
    """Stands on `(x, y)`. `kind` is pine, palm, bare, green, autumn or cherry tree."""
    if kind == "pine tree":
        _pine(board, x, y, height)
    elif kind == "palm tree":
        _palm(board, x, y, height)
    elif kind == "bare tree":
        _bare(board, x, y, height)
    else:
        _round(board, x, y, height, board.tone(CROWNS[kind]))


def _round(board: Board, x: float, y: float, height: float, crown: RGB) -> None:
    trunk = board.tone("brown", 8)
    board.polygon(
        [
            (x - height * 0.06, y),
            (x + height * 0.06, y),
            (x + height * 0.04, y - height * 0.5),
            (x - height * 0.04, y - height * 0.5),
        ],
        trunk,
    )
    for dx, dy, size, tone in (
        (0.0, 0.56, 0.25, 0.82),
        (-0.19, 0.58, 0.2, 0.9),
        (0.19, 0.58, 0.2, 0.88),
        (0.1, 0.75, 0.2, 1.0),
        (-0.1, 0.76, 0.2, 1.05),
        (0.0, 0.66, 0.2, 1.06),
    ):
        colour = shade(crown, tone) if tone < 1 else mix(crown, WHITE, (tone - 1) * 2.4)
        board.ellipse(x + dx * height, y - dy * height, size * height, size * height * 0.9, colour)


def _pine(board: Board, x: float, y: float, height: float) -> None:
    green = board.tone(PINE)
    board.box(x - height * 0.05, y - height * 0.22, x + height * 0.05, y, board.tone("brown", 8))
    for tier in range(3):
        low, half = y - height * (0.15 + 0.25 * tier), height * (0.29 - 0.065 * tier)
        board.polygon([(x - half, low), (x, low - height * 0.37), (x + half, low)], mix(green, WHITE, 0.07 * tier))


def _palm(board: Board, x: float, y: float, height: float) -> None:
    trunk, green = board.tone("brown"), board.tone((60, 145, 60))
    top_x, top_y = x + height * 0.13, y - height * 0.8
    board.polygon(
        [
            (x - height * 0.04, y),
            (x + height * 0.05, y),
            (top_x + height * 0.03, top_y),
            (top_x - height * 0.03, top_y),
        ],
        trunk,
    )
    for angle in (-2.9, -2.2, -1.5, -0.8, -0.2):
        dx, dy = math.cos(angle), math.sin(angle)
        points = [
            (top_x, top_y),
            (top_x + dx * height * 0.3, top_y + dy * height * 0.18),
            (top_x + dx * height * 0.46, top_y + dy * height * 0.1 + height * 0.14),
        ]
        board.line(points, green, height * 0.075)


def _bare(board: Board, x: float, y: float, height: float) -> None:
    trunk = board.tone((95, 68, 48), 8)
    board.line([(x, y), (x, y - height * 0.45)], trunk, height * 0.08)
    for angle, length in ((0, 0.75), (-0.5, 0.6), (0.5, 0.62), (-0.95, 0.4), (0.95, 0.4)):
        fork = y - height * (0.35 if length > 0.5 else 0.42)
        tip = (x + math.sin(angle) * height * length * 0.75, fork - math.cos(angle) * height * length * 0.75)
        board.line([(x, fork), tip], trunk, height * 0.04)


def flower(board: Board, x: float, y: float, radius: float, colour: str, petals: int = 6) -> None:
    """Round petals about a heart: yellow, or brown where the petals are yellow."""
    tone = board.tone(colour, 8)
    for i in range(petals):
        angle = 2 * math.pi * i / petals - math.pi / 2
        place = x + math.cos(angle) * radius * 0.6, y + math.sin(angle) * radius * 0.6
        board.ellipse(*place, radius * 0.42, radius * 0.42, tone)
    board.ellipse(x, y, radius * 0.34, radius * 0.34, board.tone("brown" if colour == "yellow" else "yellow", 6))


def stem(board: Board, x: float, y: float, to: tuple[float, float], width: float) -> None:
    """A green line."""
    board.line([(x, y), to], board.tone(LEAF, 8), width)


def cactus(board: Board, x: float, y: float, height: float) -> None:
    """A column with two arms."""
    green, thick = board.tone((64, 135, 75), 8), height * 0.11
    board.box(x - thick, y - height, x + thick, y, green, thick)
    for side, low, high in ((1, 0.42, 0.78), (-1, 0.55, 0.88)):
        reach = side * height * 0.33
        board.line(
            [(x, y - height * low), (x + reach, y - height * low), (x + reach, y - height * high)], green, thick * 1.3
        )
        board.ellipse(x + reach, y - height * high, thick * 0.65, thick * 0.65, green)
    board.line([(x - thick * 0.3, y - height * 0.9), (x - thick * 0.3, y - height * 0.1)], mix(green, WHITE, 0.25), 1.5)
