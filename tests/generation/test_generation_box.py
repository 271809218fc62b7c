"""The context box in a person's hand."""

from hypothesis import assume, given
from hypothesis import strategies as st

from scumble.document import Rect
from scumble.generation.box import held, moved, pulled

SIDES = st.sampled_from([0.0, 0.5, 1.0])
FAR = st.integers(-6000, 6000)


@st.composite
def places(draw: st.DrawFn) -> tuple[Rect, Rect, Rect]:
    """A canvas, what may change in it, and a box round that."""
    canvas = Rect(0, 0, draw(st.integers(1, 5000)), draw(st.integers(1, 5000)))
    x, y = draw(st.integers(0, canvas.width - 1)), draw(st.integers(0, canvas.height - 1))
    need = Rect(x, y, draw(st.integers(1, canvas.width - x)), draw(st.integers(1, canvas.height - y)))
    rough = Rect(draw(FAR), draw(FAR), draw(st.integers(1, 6000)), draw(st.integers(1, 6000)))
    return canvas, need, held(rough, need, canvas)


def fits(length: int, whole: int) -> bool:
    return length % 8 == 0 or length == whole


@given(places())
def test_any_box_comes_to_hold_what_may_change_inside_the_canvas(found: tuple[Rect, Rect, Rect]) -> None:
    canvas, need, box = found
    assert canvas.covers(box)
    assert box.covers(need)
    assert fits(box.width, canvas.width)
    assert fits(box.height, canvas.height)


@given(places(), FAR, FAR)
def test_moving_changes_no_side(found: tuple[Rect, Rect, Rect], dx: int, dy: int) -> None:
    canvas, need, box = found
    after = moved(box, dx, dy, need, canvas)
    assert canvas.covers(after)
    assert after.covers(need)
    assert (after.width, after.height) == (box.width, box.height)


@given(places(), SIDES, SIDES, FAR, FAR)
def test_pulling_leaves_the_other_edges(
    found: tuple[Rect, Rect, Rect], across: float, down: float, dx: int, dy: int
) -> None:
    canvas, need, box = found
    after = pulled(box, (across, down), dx, dy, need, canvas)
    assert canvas.covers(after)
    assert after.covers(need)
    assert after.x == box.x or across == 0.0
    assert after.right == box.right or across == 1.0
    assert after.y == box.y or down == 0.0
    assert after.bottom == box.bottom or down == 1.0


@given(places(), st.integers(-200, 200))
def test_a_side_that_has_room_is_a_multiple_of_eight(found: tuple[Rect, Rect, Rect], dx: int) -> None:
    canvas, need, box = found
    after = pulled(box, (1.0, 0.5), dx, 0, need, canvas)
    assume(after.right < canvas.right)
    assert after.width % 8 == 0


def test_a_pull_follows_the_hand() -> None:
    canvas, need, box = Rect(0, 0, 1000, 1000), Rect(500, 500, 40, 40), Rect(400, 400, 200, 200)
    assert pulled(box, (0.0, 0.5), -50, 7, need, canvas) == Rect(352, 400, 248, 200)
    assert pulled(box, (1.0, 1.0), 81, -300, need, canvas) == Rect(400, 400, 280, 144)
    assert moved(box, -30, 900, need, canvas) == Rect(370, 500, 200, 200)
