"""Skies: light, sun, moon, stars, clouds, rainbow, birds; and what falls from them."""

from __future__ import annotations

from world.board import UNITS, Board
from world.palette import COLOURS, LIGHTS, WHITE, jitter, mix
from world.scene import Scene

INK = (40, 38, 46)


def paint_sky(board: Board, scene: Scene) -> None:
    """The sky of the scene's light, with every extra that belongs to it."""
    light, rng = board.light, board.rng
    board.gradient(0, UNITS, jitter(light.top, rng, 8), jitter(light.bottom, rng, 8))
    if scene.time == "night" and not scene.weather:
        stars(board)
    names = {thing.noun for thing in scene.extras}
    if "sun" in names:
        sun(board, low=scene.time in ("sunset", "dawn"))
    if "full moon" in names or "crescent moon" in names:
        moon(board, crescent="crescent moon" in names)
    if "rainbow" in names:
        rainbow(board)
    if "clouds" in names:
        clouds(board)
    if "birds" in names:
        for _ in range(rng.randint(3, 5)):
            bird(board, rng.uniform(30, 226), rng.uniform(25, 85), rng.uniform(9, 14))


def sun(board: Board, *, low: bool) -> None:
    """High and pale, or low and orange."""
    rng = board.rng
    x, radius = rng.uniform(50, 206), rng.uniform(18, 27)
    y = rng.uniform(78, 108) if low else rng.uniform(32, 62)
    colour = (255, 214, 120) if low else (255, 240, 160)
    board.glow(x, y, radius * 2.4, mix(colour, (255, 190, 110), 0.4), 0.75)
    board.ellipse(x, y, radius, radius, colour)


def moon(board: Board, *, crescent: bool) -> None:
    """Full, or a crescent open to the right."""
    rng = board.rng
    x, y, radius = rng.uniform(50, 206), rng.uniform(34, 72), rng.uniform(17, 24)
    board.glow(x, y, radius * 2.2, (150, 165, 215), 0.5)
    behind = board.at(x + radius * 1.6, y)
    board.ellipse(x, y, radius, radius, (240, 238, 215))
    if crescent:
        board.ellipse(x + radius * 0.5, y - radius * 0.2, radius * 0.88, radius * 0.88, behind)


def stars(board: Board) -> None:
    """Small dots in the upper half."""
    rng = board.rng
    for _ in range(rng.randint(30, 55)):
        size = rng.uniform(0.7, 1.9)
        board.ellipse(rng.uniform(0, UNITS), rng.uniform(0, 130), size, size, (235, 235, 215))


def clouds(board: Board) -> None:
    """Two to four heaps with flat bases."""
    rng = board.rng
    for _ in range(rng.randint(2, 4)):
        x, y, width = rng.uniform(25, 231), rng.uniform(26, 82), rng.uniform(24, 38)
        for share in (-0.8, -0.4, 0.0, 0.4, 0.8):
            radius = width * (0.46 - 0.22 * abs(share)) * rng.uniform(0.85, 1.15)
            board.ellipse(
                x + share * width, y - radius * 0.5, radius * 1.15, radius * 0.8, jitter(board.light.cloud, rng, 4)
            )
        board.box(x - width * 1.05, y - 4, x + width * 1.05, y + 3, board.light.cloud, 3)


def rainbow(board: Board) -> None:
    """Six bands across the sky."""
    x, radius = board.rng.uniform(80, 176), board.rng.uniform(100, 125)
    for band, name in enumerate(("red", "orange", "yellow", "green", "blue", "purple")):
        reach = radius - band * 6
        board.arc(x, 165, reach, reach, 180, 360, mix(COLOURS[name], WHITE, 0.2), 7)


def bird(board: Board, x: float, y: float, size: float) -> None:
    """Two wings, far away."""
    board.arc(x - size / 2, y, size / 2, size * 0.45, 190, 350, INK, 2.4)
    board.arc(x + size / 2, y, size / 2, size * 0.45, 190, 350, INK, 2.4)


def paint_weather(board: Board, scene: Scene) -> None:
    """Rain, snow or fog in front of everything."""
    rng = board.rng
    if scene.weather == "fog":
        board.veil(LIGHTS["fog"].bottom, 0.25, 0.55)
    elif scene.weather == "rain":
        for _ in range(rng.randint(55, 80)):
            x, y, length = rng.uniform(0, UNITS), rng.uniform(-10, UNITS), rng.uniform(10, 18)
            board.line([(x, y), (x - length * 0.3, y + length)], (190, 202, 216), 1.6)
    elif scene.weather == "snow":
        for _ in range(rng.randint(60, 90)):
            size = rng.uniform(1.2, 2.8)
            board.ellipse(rng.uniform(0, UNITS), rng.uniform(0, UNITS), size, size, (250, 251, 255))
