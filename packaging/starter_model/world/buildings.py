"""What people built: houses, castles, lighthouses, boats, pyramids, cars, balloons."""

from __future__ import annotations

from world.board import Board
from world.palette import WHITE, mix, scale, shade


def _glass(board: Board) -> tuple[int, int, int]:
    lit = board.light.tint[0] < 0.5
    return (255, 220, 120) if lit else scale((150, 195, 225), board.light.tint)


def house(board: Board, x: float, y: float, size: float, wall: str, roof: str) -> None:
    """Stands on `(x, y)`, `size` wide: two windows, lit at night, a door, a gabled roof."""
    top = y - size * 0.66
    board.box(x - size / 2, top, x + size / 2, y, board.tone(wall, 6))
    tiles = board.tone(roof, 6)
    board.box(x + size * 0.2, top - size * 0.46, x + size * 0.34, top - size * 0.1, shade(tiles, 0.8))
    board.polygon([(x - size * 0.62, top), (x, top - size * 0.5), (x + size * 0.62, top)], tiles)
    glass = _glass(board)
    for left in (-0.38, 0.16):
        board.box(x + size * left, y - size * 0.5, x + size * (left + 0.22), y - size * 0.28, glass)
    board.box(x - size * 0.09, y - size * 0.4, x + size * 0.09, y, board.tone("brown", 6))


def castle(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """A wall with a gate, and three towers with pointed roofs: red, or blue on a red castle."""
    wall = board.tone(colour, 6)
    roof = board.tone("blue" if colour == "red" else "red", 6)
    board.box(x - size * 0.5, y - size * 0.5, x + size * 0.5, y, wall)
    for place in range(5):
        left = x - size * 0.5 + place * size * 0.2125
        board.box(left, y - size * 0.58, left + size * 0.12, y - size * 0.48, wall)
    for dx, height in ((-0.5, 0.85), (0.5, 0.85), (0.0, 1.1)):
        middle, top = x + dx * size, y - size * height
        board.box(middle - size * 0.13, top, middle + size * 0.13, y, shade(wall, 0.86))
        board.polygon([(middle - size * 0.18, top), (middle, top - size * 0.34), (middle + size * 0.18, top)], roof)
        board.box(middle - size * 0.035, top + size * 0.12, middle + size * 0.035, top + size * 0.26, _glass(board))
    gate = board.tone((70, 45, 32), 4)
    board.pie(x, y - size * 0.18, size * 0.1, size * 0.1, 180, 360, gate)
    board.box(x - size * 0.1, y - size * 0.18, x + size * 0.1, y, gate)


def lighthouse(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """White with three bands of a colour; `size` is its height."""
    low, high = size * 0.17, size * 0.11
    body = board.tone("white", 4)
    board.polygon([(x - low, y), (x + low, y), (x + high, y - size * 0.76), (x - high, y - size * 0.76)], body)
    bands = board.tone(colour, 6)
    for i in range(3):
        lower, upper = 0.06 + i * 0.26, 0.06 + i * 0.26 + 0.13
        a, b = (low + (high - low) * t / 0.76 for t in (lower, upper))
        board.polygon(
            [
                (x - a, y - size * lower),
                (x + a, y - size * lower),
                (x + b, y - size * upper),
                (x - b, y - size * upper),
            ],
            bands,
        )
    board.box(x - high, y - size * 0.88, x + high, y - size * 0.76, (255, 226, 130))
    board.polygon([(x - high * 1.3, y - size * 0.88), (x, y - size), (x + high * 1.3, y - size * 0.88)], bands)


def boat(board: Board, x: float, y: float, size: float, sail: str) -> None:
    """A brown hull and two sails of a colour; `(x, y)` is the middle of the keel."""
    hull = board.tone("brown", 8)
    deck = y - size * 0.18
    board.polygon([(x - size * 0.5, deck), (x + size * 0.5, deck), (x + size * 0.33, y), (x - size * 0.33, y)], hull)
    board.line([(x, deck), (x, y - size)], hull, 3)
    cloth = board.tone(sail, 6)
    board.polygon([(x + 3, y - size * 0.97), (x + 3, y - size * 0.25), (x + size * 0.45, y - size * 0.25)], cloth)
    board.polygon(
        [(x - 3, y - size * 0.85), (x - 3, y - size * 0.25), (x - size * 0.34, y - size * 0.25)], shade(cloth, 0.9)
    )


def pyramid(board: Board, x: float, y: float, size: float) -> None:
    """A lit and a shadowed side."""
    stone = board.tone((222, 178, 112), 6)
    board.polygon([(x - size, y), (x, y - size), (x + size, y)], stone)
    board.polygon([(x, y - size), (x + size, y), (x + size * 0.22, y)], shade(stone, 0.75))


def car(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """Seen from the side, round `(x, y)`; `size` is half its length."""
    body = board.tone(colour, 6)
    board.polygon(
        [
            (x - size * 0.55, y),
            (x - size * 0.3, y - size * 0.45),
            (x + size * 0.35, y - size * 0.45),
            (x + size * 0.65, y),
        ],
        body,
    )
    board.polygon(
        [
            (x - size * 0.4, y - size * 0.02),
            (x - size * 0.24, y - size * 0.36),
            (x, y - size * 0.36),
            (x, y - size * 0.02),
        ],
        (196, 222, 238),
    )
    board.polygon(
        [
            (x + size * 0.07, y - size * 0.02),
            (x + size * 0.07, y - size * 0.36),
            (x + size * 0.3, y - size * 0.36),
            (x + size * 0.5, y - size * 0.02),
        ],
        (196, 222, 238),
    )
    board.box(x - size, y - size * 0.02, x + size, y + size * 0.36, body, size * 0.12)
    board.box(x - size, y + size * 0.2, x + size, y + size * 0.3, shade(body, 0.8))
    for dx in (-0.55, 0.55):
        board.ellipse(x + dx * size, y + size * 0.36, size * 0.23, size * 0.23, (34, 34, 38))
        board.ellipse(x + dx * size, y + size * 0.36, size * 0.1, size * 0.1, (170, 172, 178))


def balloon(board: Board, x: float, y: float, size: float, colour: str) -> None:
    """A hot air balloon round `(x, y)` with pale stripes and a basket."""
    skin = board.tone(colour, 6)
    top = y - size * 0.35
    board.polygon(
        [
            (x - size * 0.66, y + size * 0.18),
            (x + size * 0.66, y + size * 0.18),
            (x + size * 0.16, y + size * 0.72),
            (x - size * 0.16, y + size * 0.72),
        ],
        shade(skin, 0.85),
    )
    board.ellipse(x, top, size * 0.85, size * 0.85, skin)
    for share in (0.25, 0.62):
        board.arc(x, top, size * 0.85 * share, size * 0.85, 0, 360, mix(skin, WHITE, 0.4), size * 0.06)
    for dx in (-0.14, 0.14):
        board.line([(x + dx * size, y + size * 0.7), (x + dx * size, y + size * 0.9)], (60, 45, 30), 2)
    board.box(x - size * 0.18, y + size * 0.88, x + size * 0.18, y + size * 1.14, board.tone("brown", 6), 3)
