from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from scumble.cli import main
from scumble.files import open_document

PAINT = """
context.progress(1, 1)
seed = job.integer("seed")
def picture(number):
    level = (seed + number) % 200
    return np.full((job.size[1], job.size[0], 3), 255 - level if job.params["inverted"] else level, np.uint8)
return ToolResult(tuple(Candidate(picture(i), seed + i) for i in range(job.integer("count"))), {"kind": "flat"})
"""


@pytest.fixture
def paint(odd_plugin, work: Path) -> Path:
    assert main(["plugin", "install", str(odd_plugin(PAINT))]) == 0
    return work


def level(path: str) -> tuple[tuple[int, int], object]:
    with Image.open(path) as picture:
        return picture.size, picture.convert("RGB").getpixel((3, 3))


def test_a_picture_is_made_at_the_size_that_was_asked_for(paint: Path, scumble):
    done = scumble("run", "odd", "--seed", "7", "--width", "96", "--height", "64", "--out", "a.png")
    assert (done.returncode, done.stdout) == (0, "a.png  (seed 7)\n")
    assert level("a.png") == ((96, 64), (7, 7, 7))


def test_several_candidates_become_numbered_files_each_alone(paint: Path, scumble):
    done = scumble("run", "odd", "--seed", "7", "--count", "3", "--inverted", "--out", "a.png", "--open-raster")
    assert done.stdout.splitlines() == [
        "a-1.png  (seed 7)",
        "a-1.ora  (seed 7)",
        "a-2.png  (seed 8)",
        "a-2.ora  (seed 8)",
        "a-3.png  (seed 9)",
        "a-3.ora  (seed 9)",
    ]
    assert [level(f"a-{number}.png")[1] for number in (1, 2, 3)] == [(248,) * 3, (247,) * 3, (246,) * 3]
    document = open_document(paint / "a-2.ora").document
    assert len(document.layers) == 2


def test_an_openraster_file_keeps_layers_and_recipe(paint: Path, scumble):
    prompt = " ".join(f"word{number}" for number in range(400))
    done = scumble("run", "odd", "--seed", "7", "--prompt", prompt, "--out", "a.ora")
    assert done.returncode == 0
    recipe = open_document(paint / "a.ora").document.layers[-1].recipe
    assert (recipe.tool, recipe.plugin, recipe.plugin_version) == ("odd", "org.example.odd", "1.0")
    assert recipe.params == {
        "prompt": prompt,
        "width": 64,
        "height": 64,
        "seed": 7,
        "inverted": False,
        "count": 1,
    }
    assert recipe.notes["kind"] == "flat"
    assert recipe.crop.shape == (64, 64, 3)


def test_a_new_seed_is_told_so_that_the_picture_can_be_made_again(paint: Path, scumble):
    first = scumble("run", "odd", "--out", "a.png").stdout
    seed = first.partition("(seed ")[2].rstrip(")\n")
    assert 0 <= int(seed) < 2**31
    again = scumble("run", "odd", "--seed", seed, "--out", "b.png")
    assert again.returncode == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--width", "100"], 2, "“Width” is 100, but must be a multiple of 8 from 8 to 32768."),
        (["--width", "72", "--height", "56"], 2, "The size 72 × 56 does not work: both sides must be multiples of 8"),
        (["--count", "9"], 2, "“Count” is 9, but must be a whole number from 1 to 4."),
        (["--seed", "x"], 2, "“Seed” is x, but must be a whole number from 0 to 4294967295, or -1 for a new one."),
        (["--inverted", "perhaps"], 2, "“Inverted” is perhaps, but must be true or false."),
        (["--out", "a.gif"], 2, "“a.gif” has an ending that Scumble does not know."),
        (["--out", "none/a.png"], 1, "There is no folder “{work}/none” to write into."),
    ],
)
def test_wrong_values_get_a_sentence_and_nothing_is_written(
    paint: Path, arguments: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
):
    before = sorted(paint.iterdir())
    capsys.readouterr()
    assert main(["run", "odd", "--out", "a.png", *arguments]) == code
    assert capsys.readouterr().err.startswith("scumble: " + sentence.format(work=paint))
    assert sorted(paint.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--image", "none.png"], 1, "There is no file “none.png”."),
        (["--image", "note.png"], 1, "“note.png” is not a picture that Scumble can read."),
        (["--image", "picture.png", "--mask", "empty.png"], 1, "The mask is empty, so there is nothing to fill."),
        (
            ["--image", "picture.png", "--mask", "small.png"],
            1,
            "The mask is 120 × 50 but the picture is 120 × 90. They must have the same size.",
        ),
    ],
)
def test_files_that_do_not_do_get_a_sentence(
    work: Path, arguments: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
):
    Path("note.png").write_text("This is no picture.\n")
    main(["plugin", "install", str(Path(__file__).parents[1] / "community_plugin")])
    capsys.readouterr()
    assert main(["run", "glow", *arguments, "--out", "a.png"]) == code
    assert capsys.readouterr().err.startswith(f"scumble: {sentence}")
    assert not Path("a.png").exists()


def test_a_plugin_that_raises_fails_the_job_and_no_file_is_touched(odd_plugin, work: Path, scumble):
    main(["plugin", "install", str(odd_plugin("raise ValueError('no paint left')"))])
    Path("a.png").write_bytes(b"as it was")
    done = scumble("run", "odd", "--out", "a.png")
    assert done.returncode == 1
    assert done.stderr.startswith("scumble: The plugin “Odd” failed: ")
    assert "no paint left" in done.stderr
    assert Path("a.png").read_bytes() == b"as it was"


def test_ctrl_c_cancels_the_job(odd_plugin, work: Path):
    body = "for step in range(1000):\n    context.progress(step, 1000)\n    time.sleep(0.02)"
    main(["plugin", "install", str(odd_plugin(body))])
    command = [sys.executable, "-m", "scumble", "run", "odd", "--out", "a.png"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stderr.readline().startswith("step 0 of 1000")
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 1
    assert rest.splitlines()[-1] == "scumble: The job was cancelled."
    assert not Path("a.png").exists()


def test_a_plugin_that_cannot_be_imported_is_switched_off(odd_plugin, work: Path, scumble, capsys):
    folder = odd_plugin("pass")
    (folder / "scumble_odd" / "runtime.py").write_text("raise ImportError('no such brush')\n")
    main(["plugin", "install", str(folder)])
    done = scumble("run", "odd", "--out", "a.png")
    assert done.returncode == 1
    assert done.stderr.startswith("scumble: The plugin “Odd” could not be started (")
    assert "no such brush" in done.stderr
    capsys.readouterr()
    main(["plugin", "list"])
    assert "no such brush" in capsys.readouterr().out
    assert main(["run", "odd", "--out", "a.png"]) == 2


def test_a_plugin_that_takes_the_engine_down_twice_is_switched_off(odd_plugin, work: Path, scumble):
    main(["plugin", "install", str(odd_plugin("import os\nos._exit(3)"))])
    first = scumble("run", "odd", "--out", "a.png")
    assert first.returncode == 1
    assert first.stderr.startswith("scumble: The engine stopped while it worked on this job (")
    assert scumble("run", "odd", "--out", "a.png").returncode == 1
    assert main(["run", "odd", "--out", "a.png"]) == 2
    main(["plugin", "enable", "org.example.odd"])
    assert scumble("run", "odd", "--out", "a.png").returncode == 1
    assert not Path("a.png").exists()
