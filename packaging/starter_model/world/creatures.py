"""Animals and a snowman, large and simple, each round a middle and about twice `size` tall."""

from __future__ import annotations

from world.board import Board
from world.palette import WHITE, mix, shade

INK = (22, 20, 26)


def cat(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """Sitting, seen from the front."""
    fur = board.tone(colour, 6)
    line = (205, 205, 210) if colour == "black" else INK
    board.arc(x + size * 0.75, y + size * 0.55, size * 0.42, size * 0.42, -60, 130, shade(fur, 0.9), size * 0.17)
    board.ellipse(x, y + size * 0.6, size * 0.62, size * 0.62, shade(fur, 0.93))
    head = y - size * 0.3
    for side in (-1, 1):
        ear = [
            (x + side * size * 0.58, head - size * 0.1),
            (x + side * size * 0.55, head - size * 0.82),
            (x + side * size * 0.1, head - size * 0.45),
        ]
        board.polygon(ear, fur)
        inner = [
            (x + side * size * 0.5, head - size * 0.3),
            (x + side * size * 0.48, head - size * 0.66),
            (x + side * size * 0.24, head - size * 0.46),
        ]
        board.polygon(inner, board.tone("pink", 4))
    board.ellipse(x, head, size * 0.64, size * 0.54, fur)
    for side in (-1, 1):
        board.ellipse(x + side * size * 0.26, head - size * 0.04, size * 0.13, size * 0.15, (150, 205, 85))
        board.ellipse(x + side * size * 0.26, head - size * 0.04, size * 0.045, size * 0.13, INK)
        for drop in (0.12, 0.22, 0.32):
            board.line(
                [(x + side * size * 0.16, head + size * 0.2), (x + side * size * 0.74, head + size * drop)], line, 1.8
            )
    board.polygon(
        [(x - size * 0.07, head + size * 0.14), (x + size * 0.07, head + size * 0.14), (x, head + size * 0.23)],
        board.tone("pink", 4),
    )
    for side in (-1, 1):
        board.ellipse(x + side * size * 0.22, y + size * 1.14, size * 0.2, size * 0.11, fur)


def fish(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """Swims to the left."""
    skin = board.tone(colour, 6)
    fin = shade(skin, 0.8)
    board.polygon(
        [
            (x + size * 0.55, y),
            (x + size * 1.2, y - size * 0.52),
            (x + size * 1.02, y),
            (x + size * 1.2, y + size * 0.52),
        ],
        fin,
    )
    board.polygon(
        [(x - size * 0.2, y - size * 0.4), (x + size * 0.25, y - size * 0.82), (x + size * 0.42, y - size * 0.32)], fin
    )
    board.polygon(
        [(x - size * 0.05, y + size * 0.42), (x + size * 0.2, y + size * 0.74), (x + size * 0.35, y + size * 0.36)], fin
    )
    board.ellipse(x, y, size * 0.9, size * 0.52, skin)
    board.ellipse(x - size * 0.05, y + size * 0.2, size * 0.6, size * 0.22, mix(skin, WHITE, 0.3))
    board.arc(x - size * 0.3, y, size * 0.2, size * 0.34, -70, 70, fin, size * 0.05)
    board.ellipse(x - size * 0.56, y - size * 0.12, size * 0.13, size * 0.13, (250, 250, 250))
    board.ellipse(x - size * 0.58, y - size * 0.12, size * 0.065, size * 0.065, INK)


def butterfly(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """Wings open, seen from above."""
    wing = board.tone(colour, 6)
    for side in (-1, 1):
        board.ellipse(x + side * size * 0.42, y + size * 0.42, size * 0.36, size * 0.38, mix(wing, WHITE, 0.3))
        board.ellipse(x + side * size * 0.55, y - size * 0.33, size * 0.5, size * 0.48, wing)
        board.ellipse(x + side * size * 0.62, y - size * 0.36, size * 0.2, size * 0.2, shade(wing, 0.55))
        board.ellipse(x + side * size * 0.44, y + size * 0.44, size * 0.13, size * 0.13, shade(wing, 0.7))
        board.line([(x, y - size * 0.5), (x + side * size * 0.28, y - size * 0.96)], INK, 3)
    board.ellipse(x, y, size * 0.1, size * 0.62, (45, 38, 40))


def bird(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """Perched, looking left."""
    feather = board.tone(colour, 6)
    for dx in (-0.08, 0.16):
        board.line([(x + dx * size, y + size * 0.5), (x + dx * size, y + size * 0.98)], (150, 95, 45), 4)
    board.polygon(
        [(x + size * 0.35, y + size * 0.05), (x + size * 1.15, y + size * 0.3), (x + size * 0.4, y + size * 0.5)],
        shade(feather, 0.75),
    )
    board.ellipse(x, y + size * 0.15, size * 0.66, size * 0.5, feather)
    board.ellipse(x - size * 0.12, y + size * 0.32, size * 0.42, size * 0.28, mix(feather, WHITE, 0.4))
    board.polygon(
        [(x - size * 0.72, y - size * 0.46), (x - size * 1.08, y - size * 0.32), (x - size * 0.7, y - size * 0.24)],
        (238, 160, 50),
    )
    board.ellipse(x - size * 0.45, y - size * 0.36, size * 0.38, size * 0.36, feather)
    board.ellipse(
        x - size * 0.55, y - size * 0.42, size * 0.07, size * 0.07, (245, 245, 245) if colour == "black" else INK
    )
    board.pie(x + size * 0.2, y + size * 0.02, size * 0.46, size * 0.42, 0, 170, shade(feather, 0.8))


def snowman(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """Three balls, a hat, and a scarf of a colour."""
    snow = board.tone((246, 248, 252), 3)
    for radius, drop in ((0.6, 0.6), (0.45, -0.22), (0.33, -0.82)):
        board.ellipse(x + size * 0.03, y + size * (drop + 0.02), size * radius, size * radius, (196, 208, 228))
        board.ellipse(x - size * 0.02, y + size * (drop - 0.02), size * radius * 0.95, size * radius * 0.95, snow)
    for side in (-1, 1):
        board.ellipse(x + side * size * 0.12, y - size * 0.9, size * 0.05, size * 0.05, INK)
    for drop in (-0.3, -0.1):
        board.ellipse(x, y + size * drop, size * 0.05, size * 0.05, INK)
    board.polygon([(x, y - size * 0.82), (x + size * 0.36, y - size * 0.74), (x, y - size * 0.7)], (238, 140, 45))
    cloth = board.tone(colour, 6)
    board.box(x - size * 0.34, y - size * 0.58, x + size * 0.34, y - size * 0.42, cloth, 4)
    board.box(x + size * 0.14, y - size * 0.5, x + size * 0.3, y - size * 0.1, cloth, 3)
    board.box(x - size * 0.36, y - size * 1.14, x + size * 0.36, y - size * 1.05, INK)
    board.box(x - size * 0.22, y - size * 1.5, x + size * 0.22, y - size * 1.1, INK)
