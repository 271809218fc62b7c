"""What a job will take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.document import Rect
from scumble.generation import Region
from scumble.generation.forecast import BUILDS, KEPT, Pace, learned, memory, needed, seconds, value_bytes, work_of

MIB = 1 << 20


def square(side: int, first: int = 0) -> Region:
    return Region(Rect(0, 0, side, side), (side, side), (first, first))


def test_work_grows_with_all_that_costs() -> None:
    plain = work_of(square(512), {"steps": 20, "guidance": 1.0})
    assert work_of(square(512), {"steps": 40, "guidance": 1.0}).amount == 2 * plain.amount
    assert work_of(square(512), {"steps": 20, "guidance": 7.5}).amount == 2 * plain.amount
    assert work_of(square(512), {"steps": 20, "guidance": 1.0, "batch": 4}).amount == 4 * plain.amount
    assert work_of(square(512), {"steps": 20, "guidance": 1.0, "strength": 0.5}).amount == plain.amount / 2
    assert work_of(square(1024), {"steps": 20, "guidance": 1.0}).amount == 4 * plain.amount
    assert work_of(square(512), {}).amount == plain.load


def test_a_second_pass_costs_its_share_and_a_weak_job_has_no_first() -> None:
    params = {"steps": 20, "guidance": 5.0}
    both = work_of(square(2048, 640), params)
    first = work_of(square(640), params)
    assert both.amount > first.amount + 0.4 * work_of(square(2048), params).amount
    assert both.load == first.load
    weak = work_of(square(2048, 640), params | {"strength": 0.2})
    assert weak.amount < (both.amount - first.amount) * 0.51


def test_nothing_is_foretold_before_a_job_was_measured() -> None:
    assert seconds((), work_of(square(512), {})) is None


def test_a_measured_job_is_foretold_and_others_in_proportion() -> None:
    work = work_of(square(512), {"steps": 20, "guidance": 5.0})
    known = learned((), work, stepping=10.0, rest=2.0)
    assert seconds(known, work) == pytest.approx(12.0)
    twice = work_of(square(512), {"steps": 40, "guidance": 5.0})
    assert seconds(known, twice) == pytest.approx(22.0)


def test_the_nearest_size_counts_and_a_busy_moment_is_forgotten() -> None:
    small, large = (work_of(square(side), {"steps": 20}) for side in (256, 1024))
    known = learned(learned((), small, 4.0, 0.0), large, 50.0, 1.0)
    assert len(known) == 2
    for _ in range(8):
        known = learned(known, small, 1.0, 0.5)
    assert len(known) == 2
    assert seconds(known, small) == pytest.approx(1.5, rel=0.02)
    assert seconds(known, large) == pytest.approx(51.0)


def test_tiles_that_nothing_changes_in_cost_nothing() -> None:
    params = {"steps": 20, "guidance": 5.0}
    few = work_of(square(2048, 640), params, Rect(900, 900, 100, 100)).amount
    every = work_of(square(2048, 640), params).amount
    first = work_of(square(640), params).amount
    assert first < few < first + 0.2 * (every - first)


@given(st.lists(st.tuples(st.integers(64, 4096), st.floats(0.01, 1e4), st.floats(0.0, 1e4)), max_size=20))
def test_what_is_remembered_stays_small_and_positive(jobs: list[tuple[int, float, float]]) -> None:
    known: tuple[Pace, ...] = ()
    for side, stepping, besides in jobs:
        known = learned(known, work_of(square(side), {"steps": 7}), stepping, besides)
    assert len(known) <= KEPT
    expected = seconds(known, work_of(square(300), {"steps": 3}))
    assert expected is None if not jobs else expected > 0


@pytest.mark.parametrize(
    ("side", "batch", "measured"),
    [(128, 1, 545), (512, 1, 951), (1024, 1, 1705), (512, 4, 955)],
)
def test_memory_is_within_a_third_of_what_was_measured(side: int, batch: int, measured: int) -> None:
    """The engine's peak with the starter model on a processor, in MiB."""
    region = square(side)
    found = memory("small", work_of(region, {"guidance": 5.0, "batch": batch}), region, 4)
    assert found is not None
    assert 2 / 3 < found / MIB / measured < 4 / 3


def test_memory_follows_the_size_of_a_value_and_an_unknown_family_has_none() -> None:
    region = square(512)
    work = work_of(region, {"guidance": 5.0})
    whole, half = memory("sd1", work, region, 4), memory("sd1", work, region, 2)
    assert whole is not None
    assert half is not None
    assert 1.6 < whole / half < 2
    assert memory("else", work, region, 4) is None


def test_two_passes_need_no_more_than_the_first() -> None:
    params = {"steps": 20, "guidance": 5.0}
    first = memory("sd1", work_of(square(640), params), square(640), 4)
    both = memory("sd1", work_of(square(2048, 640), params), square(2048, 640), 4)
    assert first is not None
    assert both is not None
    assert both <= first


def need(family: str, side: int, bytes_each: int = 2, thrift: str = "", **params: float) -> int:
    found = memory(family, work_of(square(side), params), square(side), bytes_each, thrift=thrift)
    assert found is not None
    return found


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl", "sd3", "flux", "small"])
def test_pictures_and_guidance_cost_what_they_are_evaluated_with(family: str) -> None:
    one = need(family, 1024, guidance=1.0, batch=8)
    both = need(family, 1024, guidance=5.0, batch=8)
    assert both > one or family == "flux", "Flux is told the guidance scale, and evaluates one prompt"
    assert both == one or family != "flux"
    assert need(family, 1024, guidance=5.0, batch=16) > both
    frugal = need(family, 1024, thrift="frugal", guidance=5.0, batch=8)
    assert frugal == need(family, 1024, thrift="frugal", guidance=5.0, batch=16)
    build = BUILDS[family]
    aside = (1 - max(build.text, build.network) / build.parameters) * build.parameters * 2e6
    assert frugal - need(family, 1024, thrift="least", guidance=5.0, batch=8) == pytest.approx(aside, abs=2)


def test_weights_that_are_known_stand_in_for_those_of_the_family() -> None:
    published = BUILDS["sdxl"].parameters * 2e6
    assert needed("sdxl", 1024, 2, 0) == needed("sdxl", 1024, 2, round(published))
    more, plain = needed("sd3", 1024, 2, 15 << 30), needed("sd3", 1024, 2, 0)
    assert more is not None
    assert plain is not None
    assert more > plain + (8 << 30), "with T5"
    assert needed("else", 512, 2, 1 << 30) is None


@pytest.mark.parametrize(
    ("wanted", "device", "native", "expected"),
    [
        ("auto", "", 128, 4),
        ("auto", "cpu", 128, 4),
        ("auto", "cpu", 512, 2),
        ("auto", "cuda", 128, 2),
        ("float32", "cuda", 1024, 4),
        ("bfloat16", "cpu", 128, 2),
        ("float16", "cpu", 128, 4),
        ("float16", "mps", 128, 2),
    ],
)
def test_how_large_a_value_is_follows_the_setting(wanted: str, device: str, native: int, expected: int) -> None:
    assert value_bytes(wanted, device, native) == expected
