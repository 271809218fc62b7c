"""When memory runs out in earnest: the address space of a process is limited, and the picture is made all the same."""

import subprocess
import sys

import numpy as np
import pytest

from scumble.engine.ladder import Ladder, Rung
from scumble.engine.models import ModelLibrary

SCRIPT = """
import resource, sys
import numpy as np, torch
from scumble.engine.ladder import Ladder, Rung
from scumble.engine.models import ModelLibrary

library, ladder = ModelLibrary(), Ladder()
model = library.load("starter_model", "cpu", "float32", lambda: None, ladder)
model.decode(torch.zeros(1, model.info.latent_channels, 16, 16))
pages = int(open("/proc/self/statm").read().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * 4096 + int(sys.argv[1]) * 2**20,) * 2)
side = 640
latent = torch.zeros(1, model.info.latent_channels, side // model.info.factor, side // model.info.factor)
picture = model.decode(latent)[0]
assert picture.shape == (side, side, 3)
assert model.encode(picture).shape == latent.shape
print(ladder.told)
"""


BATCH = """
import resource, sys
import torch
from scumble.engine.ladder import Ladder
from scumble.engine.models import ModelLibrary

library, ladder = ModelLibrary(), Ladder()
model = library.load("starter_model", "cpu", "float32", lambda: None, ladder)
prompt = model.encode_prompt("hills", "trees")

def run(seeds):
    return model.denoise(prompt, size=(256, 256), seeds=seeds, steps=1, guidance=3.0)

alone = run([7])
pages = int(open("/proc/self/statm").read().split()[0])
most = resource.getrlimit(resource.RLIMIT_AS)[1]
resource.setrlimit(resource.RLIMIT_AS, (pages * 4096 + int(sys.argv[1]) * 2**20, most))
batch = run(range(8))
resource.setrlimit(resource.RLIMIT_AS, (most, most))
assert float((batch[7] - alone[0]).abs().max()) < 1e-3
print(ladder.told)
"""


@pytest.fixture
def starter():
    """The starter model, loaded with a ladder."""
    library = ModelLibrary()
    return lambda ladder: library.load("starter_model", "cpu", "float32", lambda: None, ladder)


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited by Linux alone")
def test_a_picture_too_large_for_memory_is_decoded_and_encoded_in_tiles():
    done = subprocess.run([sys.executable, "-c", SCRIPT, "400"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{Rung.OTHERS.value}, {Rung.TILES.value}"


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited by Linux alone")
def test_a_batch_too_large_for_memory_is_made_one_after_the_other():
    done = subprocess.run([sys.executable, "-c", BATCH, "140"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{Rung.OTHERS.value}, {Rung.SINGLE.value}"


def test_tiles_show_the_picture_as_well_as_the_whole_does_and_no_seams(starter):
    model, frugal = starter(Ladder()), starter(Ladder(taken=(Rung.TILES,)))
    y, x = np.mgrid[0:320, 0:320].astype(np.float32) / 320
    picture = np.rint(np.dstack([255 * x, 255 * y, 127 + 80 * np.sin(9 * x)])).astype(np.uint8)
    whole, tiled = (made.decode(made.encode(picture))[0].astype(float) for made in (model, frugal))
    assert abs(tiled - picture).mean() < 1.1 * abs(whole - picture).mean()
    assert not np.array_equal(whole, tiled)
    steps = abs(np.diff(tiled, axis=1)).mean(axis=(0, 2))
    assert steps[150:280].max() < 4 * np.median(steps)


def test_each_rung_is_tried_once_and_what_fails_otherwise_is_raised():
    freed, tried = [], []
    ladder = Ladder(lambda: freed.append(1))

    def work():
        tried.append(ladder.told)
        raise MemoryError

    with pytest.raises(MemoryError):
        ladder.climb(work, Rung.SINGLE, Rung.TILES)
    assert tried == ["", "let go of other models", *(ladder.told.rsplit(", ", n)[0] for n in (1, 0))]
    assert len(freed) == 3
    with pytest.raises(ValueError, match="no memory of it"):
        Ladder().climb(lambda: (_ for _ in ()).throw(ValueError("no memory of it")), Rung.TILES)
    assert Ladder().climb(lambda: 7) == 7
