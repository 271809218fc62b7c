import subprocess
import sys

import numpy as np
import pytest
from world import COLOURLESS, STYLES, Thing, caption, compose, draw
from world.indoors import BACKGROUNDS, MOTIFS
from world.outdoors import PLACES, TREES
from world.palette import COLOURS

MANY = range(1500)
OTHER_WORDS = {
    "sea": ("sea", "ocean"),
    "snowman": ("snowman", "snowmen"),
    "butterfly": ("butterfly", "butterflies"),
    "houses": ("houses", "village"),
    "orange": ("orange",),
    "lake": ("lake",),
    "green tree": ("tree",),
    "autumn tree": ("tree",),
    "cherry tree": ("tree",),
}


@pytest.fixture(scope="module")
def scenes():
    return [compose(seed) for seed in MANY]


@pytest.mark.parametrize("style", STYLES)
def test_the_same_seed_draws_the_same_bytes(style):
    for seed in (3, 4, 8):
        scene = compose(seed, style)
        assert np.array_equal(draw(scene, 64), draw(compose(seed, style), 64))
        assert not np.array_equal(draw(scene, 64), draw(compose(seed + 100, style), 64))


def test_a_seed_does_not_depend_on_the_process():
    code = (
        "import zlib; from world import *; s = [compose(i) for i in range(12)];"
        "print([zlib.crc32(draw(x, 48).tobytes()) for x in s], [caption(x) for x in s])"
    )
    found = []
    for salt in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(done.stdout)
    assert found[0] == found[1]


@pytest.mark.parametrize("side", [32, 128, 200])
def test_a_picture_has_the_size_asked_for(side):
    picture = draw(compose(5), side)
    assert picture.shape == (side, side, 3)
    assert picture.dtype == np.uint8


def test_a_caption_names_the_subject_and_its_colour(scenes):
    for scene in scenes:
        noun, colour = scene.subject.noun, scene.subject.colour
        for variant in range(3):
            words = caption(scene, variant)
            assert any(word in words for word in OTHER_WORDS.get(noun, (noun,))), (scene, words)
            if scene.coloured and colour and noun != "houses":
                assert colour in words, (scene, words)


def test_a_caption_of_a_colourless_picture_names_no_colour(scenes):
    named = set(COLOURS) - {"orange"}
    for scene in scenes:
        if scene.style in COLOURLESS and scene.subject.noun != "orange" and scene.weather != "rain":
            assert not named & set(caption(scene).replace(",", "").split()), (scene, caption(scene))


def test_variants_word_a_scene_differently(scenes):
    varied = [len({caption(scene, variant) for variant in range(6)}) for scene in scenes[:200]]
    assert np.mean(varied) > 3


def test_everything_the_world_knows_is_reached(scenes):
    assert {scene.style for scene in scenes} == set(STYLES)
    assert {scene.light for scene in scenes} == {"", "day", "sunset", "night", "dawn", "rain", "fog", "snow"}
    nouns = {scene.subject.noun for scene in scenes}
    assert nouns >= (set(PLACES) - {"tree"}) | set(MOTIFS) | set(TREES) | {"cup", "books"}
    assert {scene.subject.colour for scene in scenes if scene.kind == "object"} >= set(COLOURS)


def test_an_object_stands_out_from_its_ground(scenes):
    for scene in scenes:
        if scene.kind == "object":
            assert scene.background in BACKGROUNDS
            assert scene.background != scene.subject.colour


def test_the_subject_is_painted_in_its_colour():
    for colour in ("red", "green", "blue", "yellow", "purple"):
        scene = next(s for s in map(compose, range(40_000), ["flat"] * 40_000) if s.subject == Thing("square", colour))
        middle = draw(scene, 128)[64, 64].astype(int)
        assert np.abs(middle - COLOURS[colour]).max() < 20


def test_a_command_draws_a_sheet_and_says_how_fast(root, tmp_path):
    done = subprocess.run(
        [sys.executable, root / "packaging/starter_model/draw.py", "--count", "12", "--sheet", tmp_path / "sheet.png"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pictures/s" in done.stdout
    assert (tmp_path / "sheet.png").stat().st_size > 10_000
