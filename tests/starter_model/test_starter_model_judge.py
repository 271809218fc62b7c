"""The judge of starter models, at a size at which it learns little, and what it counts."""

import csv
import importlib.util
import itertools
import json
import sys

import numpy as np
import pytest
import torch
from judging import changes
from judging.changes import Hand, fills, restyles
from judging.evaluation import Bench, Sizes
from judging.learning import FIRST, HELD_OUT, load_judge, roughened, train_judge
from judging.measures import Share, kernel_distance, nearer, spread
from judging.network import SIDE, Judge, shrunk
from judging.pictures import CASES, OTHERS, Subject, cases, drawn
from judging.readings import MISSING, NAMES, UNREAD, Values, asked, readings
from training import sheet
from training.data import seeds
from training.export import export
from training.networks import autoencoder, denoiser, text_encoder
from training.options import Options
from training.tokens import load_tokenizer
from world import STYLES, caption, compose

WIDTHS = (8, 16, 16, 16)


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    out = tmp_path_factory.mktemp("judge")
    return Options(out, side=32, pictures=48, held_out=16, samples=1280, batch=16, rate=6e-3, validate_every=320)


@pytest.fixture(scope="module")
def judge(options):
    return train_judge(options, WIDTHS)


@pytest.fixture(scope="module")
def tiny(model_folder, tmp_path_factory):
    """The folder of a model that makes noise."""
    torch.manual_seed(0)
    tokenizer = load_tokenizer(model_folder / "tokenizer")
    parts = {
        "text_encoder": text_encoder(tokenizer, None, 16),
        "unet": denoiser(32, None, (16, 32, 32), 16),
        "vae": autoencoder(32, None, (8, 16, 16)),
    }
    folder = tmp_path_factory.mktemp("model")
    export(parts, model_folder / "tokenizer", folder)
    return folder


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(sheet, "STEPS", 1)


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(9, 10, 0.5958, 0.9821), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (460, 512, 0.8693, 0.9217), (0, 0, 0, 1)],
)
def test_the_interval_of_a_share_is_that_of_wilson(right, of, low, high):
    assert Share(right, of).interval == pytest.approx((low, high), abs=2e-4)


def test_the_kernel_distance_is_that_of_its_definition_and_nought_for_one_kind():
    chance = torch.Generator().manual_seed(3)
    first, second = torch.randn(5, 3, generator=chance), torch.randn(4, 3, generator=chance) + 1

    def kernel(a, b):
        return (float(a @ b) / 3 + 1) ** 3

    within = sum(
        sum(kernel(a, b) for i, a in enumerate(rows) for j, b in enumerate(rows) if i != j)
        / (len(rows) * (len(rows) - 1))
        for rows in (first, second)
    )
    across = sum(kernel(a, b) for a in first for b in second) / 20
    assert kernel_distance(first, second) == pytest.approx(within - 2 * across, rel=1e-4)
    many = torch.randn(800, 8, generator=chance)
    assert abs(kernel_distance(many[:400], many[400:])) < 0.05
    assert kernel_distance(many[:400], many[400:] + 1) > 0.5


def test_pictures_known_by_heart_are_found():
    seen, unseen = (drawn([compose(first + i) for i in range(12)], 32) for first in (0, OTHERS))
    assert nearer(seen, seen, unseen) == Share(12, 12)
    assert nearer(unseen, seen, unseen) == Share(0, 12)


def test_two_pictures_that_are_the_same_lie_nowhere_apart():
    rows = torch.eye(4)
    assert spread(rows, rows) == 0
    assert spread(rows, -rows) == 2


def test_the_sets_of_seeds_have_nothing_in_common(tmp_path):
    starts = [HELD_OUT, FIRST, CASES, OTHERS, changes.FIRST, seeds(Options(tmp_path), held_out=True).start, 0]
    assert len(set(starts)) == len(starts)
    assert min(abs(a - b) for a in starts for b in starts if a != b) >= 10_000_000


def test_a_caption_asks_for_nothing_that_its_picture_does_not_show():
    for seed in range(600):
        scene = compose(seed)
        shown = readings(scene)
        wanted = asked(scene, caption(scene))
        assert set(wanted) == set(NAMES) == set(shown)
        assert wanted["subject"]
        for name, value in wanted.items():
            assert value in (UNREAD, shown[name]), (scene, name)
        if not scene.coloured:
            assert not wanted["colour"]
            assert not wanted["background"]


def test_what_is_not_shown_has_no_number():
    values = Values.of(compose(seed) for seed in range(400))
    rows = values.encode([{**dict.fromkeys(NAMES, UNREAD), "subject": "cat"}, dict.fromkeys(NAMES, "no such value")])
    assert rows[0, NAMES.index("subject")] == values.values["subject"].index("cat")
    assert (rows[0] != MISSING).sum() == 1
    assert (rows[1] == MISSING).all()


def test_roughening_depends_on_its_chance_alone_and_leaves_the_picture_there():
    pictures = shrunk(drawn([compose(seed) for seed in range(6)], 32))
    first, again = (roughened(pictures, torch.Generator().manual_seed(7)) for _ in range(2))
    assert torch.equal(first, again)
    assert first.shape == (6, 3, SIDE, SIDE)
    means = torch.from_numpy(pictures).float().mean((1, 2)) / 127.5 - 1
    assert (first.mean((2, 3)) - means).abs().max() < 0.1


def test_it_learns_and_goes_on_where_it_ended(options, judge):
    with (options.out / "judge" / "curve.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 4
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    before = (options.out / "judge" / "curve.csv").read_text()
    again = train_judge(options, WIDTHS)
    assert (options.out / "judge" / "curve.csv").read_text() == before, "there was nothing left to learn"
    for ours, theirs in zip(again.parameters(), judge.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    assert load_judge(options).values.values == judge.values.values


def test_one_picture_is_read_as_many_are(judge):
    pictures = torch.rand(3, 3, SIDE, SIDE) * 2 - 1
    assert torch.allclose(judge.features(pictures)[1], judge.features(pictures[1:2])[0], atol=1e-5)


def test_only_what_was_asked_is_counted(options, judge):
    some = cases(24)
    bench = Bench(judge, some, Sizes(24, 8, 24), 32, "cpu")
    verdict = bench.judged("drawn", bench.first, bench.second)
    for name in NAMES:
        told = [asked(case.scene, case.text)[name] for case in some]
        assert verdict.right[name].of == sum(value in judge.values.values[name] for value in told)
    assert verdict.right["all"].of == 24
    assert verdict.right["all"].right <= verdict.right["style"].right
    assert verdict.spread > 0
    noise = np.random.default_rng(0).integers(0, 256, bench.first.shape, np.uint8)
    assert bench.judged("noise", noise, noise[:8]).distance > verdict.distance


def test_pictures_that_were_made_are_kept(tiny, tmp_path, monkeypatch):
    subject = Subject(tiny, tmp_path, "cpu")
    first = subject.made(["a red heart", "the sea"], 5)
    assert first.shape == (2, 32, 32, 3)
    monkeypatch.setattr("judging.pictures.sample", None)
    assert (Subject(tiny, tmp_path, "cpu").made(["a red heart", "the sea"], 5) == first).all()
    assert subject.through(first).shape == first.shape


def test_the_command_writes_a_table_and_a_sheet(root, tiny, options, judge, monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location("starter_judge", root / "packaging/starter_model/judge.py")
    command = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(command)
    small = "--side 32 --count 48 --twice 4 --searched 48 --device cpu"
    monkeypatch.setattr(
        sys, "argv", ["judge.py", "evaluate", "--out", str(options.out), "--model", f"tiny={tiny}", *small.split()]
    )
    command.main()
    rows = json.loads((options.out / "verdict.json").read_text())
    assert [row["name"] for row in rows] == ["drawn", "tiny: autoencoder", "tiny"]
    assert all(row["right"]["all"]["of"] == 48 for row in rows)
    table = (options.out / "verdict.md").read_text()
    assert table.startswith("|  | drawn | tiny: autoencoder | tiny |")
    assert table in capsys.readouterr().out
    assert (options.out / "tiny.webp").stat().st_size > 1000


def test_a_fill_asks_for_another_thing_where_its_mask_is():
    for change in itertools.islice(fills(64), 12):
        assert change.mask is not None
        differs = (drawn([change.wanted], 64)[0] != change.before).any(axis=2)
        assert differs.any()
        assert (change.mask[differs] == 255).all()
        assert change.wanted.subject.colour in change.text
        assert change.wanted.subject.colour != change.wanted.background


def test_a_new_manner_is_any_but_the_flat_one():
    asked_for = [change.wanted.style for change in itertools.islice(restyles(32), 2 * (len(STYLES) - 1))]
    assert set(asked_for) == set(STYLES) - {"flat"}


def test_a_fill_changes_nothing_outside_its_mask(tiny):
    change = next(fills(64))
    made = Hand(tiny, "cpu").make(change, 3)
    assert (made[change.mask == 0] == change.before[change.mask == 0]).all()
    assert (made != change.before).any()


def test_another_command_has_drawings_changed(root, tiny, options, judge, monkeypatch, capsys):
    spec = importlib.util.spec_from_file_location("starter_change", root / "packaging/starter_model/change.py")
    command = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(command)
    monkeypatch.setattr("judging.changes.STEPS", 2)
    small = ["--side", "64", "--count", "4", "--device", "cpu", "--model", f"tiny={tiny}"]
    monkeypatch.setattr(sys, "argv", ["change.py", "--out", str(options.out), *small])
    command.main()
    table = (options.out / "changes.md").read_text()
    assert table in capsys.readouterr().out
    assert [line.split(" | ")[0] for line in table.splitlines()[2:]] == [
        "| filled: subject",
        "| filled: colour",
        "| restyled: style",
        "| restyled: subject",
    ]
    for kind in ("filled", "restyled"):
        assert (options.out / f"tiny-{kind}.webp").stat().st_size > 1000


def test_a_judge_of_other_widths_is_not_mixed_up(judge):
    assert sum(p.numel() for p in judge.parameters()) < sum(p.numel() for p in Judge(judge.values).parameters())
