"""The ground of landscapes: ridges, hills, mountains, water, dunes, a city's towers."""

from __future__ import annotations

import itertools

from world.board import UNITS, Board, Point
from world.palette import RGB, mix, scale, shade

MOUNTAINS: dict[str, RGB] = {
    "snowy": (105, 120, 145),
    "red": (165, 80, 60),
    "green": (70, 115, 75),
    "purple": (110, 90, 145),
    "gray": (110, 112, 125),
}
SNOW: RGB = (244, 247, 252)


def ridge(board: Board, y: float, height: float, roughness: float) -> list[Point]:
    """A broken line from side to side by midpoint displacement; each halving is `roughness` times as high."""
    rng = board.rng
    line = [y + rng.uniform(-height, height) / 2 for _ in range(2)]
    reach = height
    for _ in range(6):
        longer = [line[0]]
        for left, right in itertools.pairwise(line):
            longer += [(left + right) / 2 + rng.uniform(-reach, reach), right]
        line, reach = longer, reach * roughness
    step = UNITS / (len(line) - 1)
    return [(i * step, value) for i, value in enumerate(line)]


def ground(board: Board, y: float, height: float, roughness: float, fill: RGB) -> None:
    """Everything below a ridge."""
    board.polygon([(0, UNITS), *ridge(board, y, height, roughness), (UNITS, UNITS)], fill)


def hills(board: Board, y: float, *, snow: bool) -> None:
    """Three rows of green, the nearer the darker; white where snow lies."""
    base = board.tone((232, 238, 245) if snow else "green", 8)
    for row in range(3):
        ground(board, y + row * 24, 15 - 3 * row, 0.4, mix(base, (30, 40, 40), 0.07 * row))


def mountains(board: Board, kind: str, y: float) -> None:
    """A far ridge and two or three peaks with a lit and a shadowed side, snow on the `snowy`."""
    rng, base = board.rng, MOUNTAINS[kind]
    ground(board, y - 42, 24, 0.55, scale(mix(base, board.light.bottom, 0.5), board.light.tint))
    count = rng.randint(2, 3)
    for i in range(count):
        x = (i + 0.5) * UNITS / count + rng.uniform(-20, 20)
        height = rng.uniform(66, 98)
        _peak(board, x, y + 4, height, height * rng.uniform(0.85, 1.1), base, capped=kind == "snowy")


def _peak(board: Board, x: float, y: float, height: float, width: float, base: RGB, *, capped: bool) -> None:
    colour = board.tone(base, 8)
    board.polygon([(x - width, y), (x, y - height), (x + width, y)], colour)
    board.polygon([(x, y - height), (x + width, y), (x + width * 0.12, y)], shade(colour, 0.78))
    if capped:
        k = 0.38
        left, right, low = x - width * k, x + width * k, y - height * (1 - k)
        zigzag = [(x + width * k * 0.45, low - height * 0.06), (x, low + height * 0.1), (x - width * k * 0.45, low - 6)]
        board.polygon([(left, low), (x, y - height), (right, low), *zigzag], board.tone(SNOW, 3))


def water(board: Board, y: float, colour: RGB) -> None:
    """From the horizon down: the sky's colour in it, darker towards the viewer, with short ripples."""
    rng, light = board.rng, board.light
    far = mix(light.bottom, colour, 0.6)
    near = scale(mix(far, (10, 30, 60), 0.5), [max(0.55, t) for t in light.tint])
    board.gradient(y, UNITS, far, near)
    for _ in range(rng.randint(14, 22)):
        place = rng.uniform(y + 4, UNITS - 3)
        depth = (place - y) / (UNITS - y)
        reach, x = 8 + 26 * depth * rng.random(), rng.uniform(0, UNITS)
        board.line([(x - reach, place), (x + reach, place)], mix(far, (255, 255, 255), 0.3), 1 + 1.5 * depth)


def dunes(board: Board, y: float) -> None:
    """Three rows of sand."""
    base = board.tone((228, 180, 105), 8)
    for row in range(3):
        ground(board, y + row * 30, 14, 0.35, mix(base, (150, 90, 50), 0.16 * row))


def river(board: Board, y: float) -> None:
    """A winding stream from the horizon to the lower edge."""
    rng = board.rng
    x, bend = rng.uniform(90, 166), rng.choice((-1, 1)) * rng.uniform(26, 44)
    left: list[Point] = []
    right: list[Point] = []
    for i in range(9):
        t = i / 8
        middle = x + bend * (1, 1.1, 0.4, -0.4, -0.7, -0.4, 0.3, 0.9, 1.2)[i] * (0.3 + t)
        half = 3 + 34 * t**1.4
        left.append((middle - half, y + (UNITS - y) * t))
        right.append((middle + half, y + (UNITS - y) * t))
    board.polygon([*left, *reversed(right)], scale(mix(board.light.bottom, (45, 115, 175), 0.65), board.light.tint))


def city(board: Board, y: float, *, lit: bool) -> None:
    """Two rows of towers, windows in the front one."""
    rng = board.rng
    for row in range(2):
        x = -5.0
        while x < UNITS:
            width, top = rng.uniform(22, 42), y + 30 - rng.uniform(50, 125) + row * 18
            colour = board.tone(rng.choice(("gray", "blue", "brown", "purple", "teal")), 12)
            colour = colour if row else mix(colour, board.light.bottom, 0.4)
            board.box(x, top, x + width, UNITS, colour)
            if row:
                glass = (255, 215, 110) if lit else mix(colour, (255, 255, 255), 0.4)
                _windows(board, x, top, width, glass)
            x += width + rng.uniform(0, 5)


def _windows(board: Board, x: float, top: float, width: float, glass: RGB) -> None:
    for row in range(int((UNITS - 26 - top) / 13)):
        for column in range(int((width - 8) / 10)):
            if board.rng.random() < 0.65:
                left, upper = x + 5 + column * 10, top + 7 + row * 13
                board.box(left, upper, left + 5, upper + 7, glass)
