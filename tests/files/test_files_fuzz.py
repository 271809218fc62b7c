"""Files from nowhere: whatever bytes they hold, they are opened or refused with a sentence, soon and within bounds."""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from scumble.api import MESSAGES, ScumbleError
from scumble.document import BGRA8, RGBA16, Document
from scumble.document.edits import add_group, add_layer, add_mask, save_selection, select
from scumble.files import Limits, flattened, open_document, save_document

DATA = Path(__file__).parent / "data"
SMALL = Limits(side=2048, pixels=1 << 21, tiles=1 << 28, member=1 << 26, total=1 << 28)
BOUNDED = settings(max_examples=60, deadline=4000, suppress_health_check=list(HealthCheck))


def openraster(pixel_format):
    document = Document(40, 30, pixel_format)
    rng = np.random.default_rng(1)
    straight = rng.integers(0, 256, (30, 40, 4)).astype(np.uint8)
    layer = add_layer(document, "a", pixels=pixel_format.from_straight(straight))
    add_group(document, "g", above=layer)
    add_layer(document, "b", pixels=pixel_format.from_straight(straight[:9, :7]), clip=True)
    select(document, document.bounds, 90)
    add_mask(document, layer)
    save_selection(document, "kept")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.ora")
        save_document(document.snapshot(), path)
        return path.read_bytes()


def picture(kind, **options):
    out = io.BytesIO()
    rng = np.random.default_rng(2)
    Image.fromarray(rng.integers(0, 256, (20, 30, 3), np.uint8)).save(out, kind, **options)
    return out.getvalue()


def seeds():
    yield "ora", openraster(BGRA8)
    yield "ora-16", openraster(RGBA16)
    for name in ("gimp.psd", "gimp16.psd", "krita.psd"):
        yield name, (DATA / name).read_bytes()
    yield "png", picture("PNG")
    yield "jpeg", picture("JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0")
    yield "webp", picture("WEBP", lossless=True)
    yield "tiff", picture("TIFF", compression="tiff_lzw")
    yield "bmp", picture("BMP")


SEEDS = dict(seeds())


@st.composite
def mutated(draw, whole):
    """A file with bytes changed, runs moved, taken out or doubled, numbers made large, or its end cut off."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        size = draw(st.integers(1, 40))
        kind = draw(st.sampled_from(("set", "ones", "zeros", "cut", "drop", "double", "random")))
        if kind == "set":
            data[place : place + 1] = bytes((draw(st.integers(0, 255)),))
        elif kind in ("ones", "zeros"):
            data[place : place + 4] = (b"\xff" if kind == "ones" else b"\0") * 4
        elif kind == "cut":
            del data[max(place, 5) :]
        elif kind == "drop":
            del data[place : place + size]
        elif kind == "double":
            data[place:place] = data[place : place + size]
        else:
            data[place : place + size] = draw(st.binary(min_size=size, max_size=size))
    return bytes(data)


def attempt(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        path.write_bytes(data)
        refused = None
        try:
            opened = open_document(path, limits=SMALL)
        except ScumbleError as error:
            refused = error
        if refused is not None:
            assert refused.code in MESSAGES
            return
        document = opened.document
        assert document.width * document.height <= SMALL.pixels
        assert all(str(note) for note in opened.notes)
        assert document.memory <= SMALL.tiles
        if document.width * document.height < 1 << 16:
            flattened(document.snapshot())


@pytest.mark.parametrize("name", sorted(SEEDS))
def test_what_is_not_changed_opens(name, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(SEEDS[name])
    assert open_document(path, limits=SMALL).document.layers


@pytest.mark.parametrize("name", sorted(SEEDS))
def test_mutated(name):
    @BOUNDED
    @given(mutated(SEEDS[name]))
    def check(data):
        attempt(data)

    check()


@BOUNDED
@given(
    st.sampled_from((b"", b"PK\x03\x04", b"8BPS", b"8BPS\0\1", b"\x89PNG\r\n\x1a\n", b"II*\0", b"\xff\xd8\xff")),
    st.binary(max_size=400),
)
def test_noise_behind_a_beginning_that_looks_right(start, data):
    attempt(start + data)


SCRIPT = """
import random, resource, sys
from pathlib import Path
from scumble.api import ScumbleError
from scumble.files import Limits, open_document
import scumble.files.psd_read

path, work, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
whole, luck = path.read_bytes(), random.Random(5)
limits = Limits(side=2048, pixels=1 << 21, tiles=1 << 26, member=1 << 25, total=1 << 26)
open_document(path, limits=limits)
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (400 << 20),) * 2)
for _ in range(count):
    data = bytearray(whole)
    for _ in range(luck.choice((1, 2, 8))):
        place = luck.randrange(len(data) - 4)
        large = (b"\\xff\\xff\\xff\\xff", b"\\0\\0\\x7f\\xff", b"\\x7f\\xff\\xff\\xff")
        data[place : place + 4] = luck.choice((*large, luck.randbytes(4)))
    work.write_bytes(data)
    try:
        open_document(work, limits=limits)
    except ScumbleError as error:
        assert "not enough memory" not in str(error), str(error)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="asks the system of Linux for the memory in use")
@pytest.mark.parametrize("name", ["ora", "gimp.psd", "krita.psd", "png"])
def test_no_more_memory_than_is_allowed(name, tmp_path):
    (tmp_path / "seed").write_bytes(SEEDS[name])
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "seed"), str(tmp_path / "work"), "150"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
