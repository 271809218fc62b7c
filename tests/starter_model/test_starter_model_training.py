import csv
import importlib.util
import math
import sys
from dataclasses import replace
from functools import partial

import pytest
import torch
from training import sheet
from training.attributes import AttributeHeads
from training.data import chunks, draw_all, load_pictures, picture_folder, seeds
from training.diffusion import Diffusion, draw_batch, load_captioned, train_unet
from training.export import export
from training.latents import load_latents, to_tensor
from training.loop import read_parts, write_parts
from training.networks import TIMES, autoencoder, denoiser, text_encoder
from training.options import Options, parse
from training.preview import QUICK, quick_decoder, save_quick, train_preview
from training.team import Team
from training.text import train_text
from training.tokens import load_tokenizer, tokenise
from training.vae import measure, train_vae

from scumble.engine.models.quick import load_quick

BATCH, STEPS, LINE = 4, 20, 2


@pytest.fixture(scope="module", autouse=True)
def quick_sheets():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheet, "STEPS", 1)
        yield


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    return Options(
        out, pictures=24, held_out=8, side=32, batch=BATCH, samples=STEPS * BATCH, validate_every=LINE * BATCH
    )


@pytest.fixture(scope="module")
def vae(options):
    torch.manual_seed(0)
    draw_all(options)
    small = autoencoder(32, None, (8, 16, 16))
    small.save_pretrained(options.out / "vae")
    return options.out / "vae"


def tiny(model_folder):
    torch.manual_seed(0)
    tokenizer = load_tokenizer(model_folder / "tokenizer")
    return {
        "tokenizer": tokenizer,
        "text_encoder": text_encoder(tokenizer, None, 16),
        "unet": denoiser(32, None, (16, 32, 32), 16),
        "vae": autoencoder(32, None, (8, 16, 16)).eval(),
    }


def losses(folder):
    with (folder / "unet" / "curve.csv").open(newline="") as stream:
        return {int(row["samples"]): row["loss"] for row in csv.DictReader(stream)}


@pytest.fixture(scope="module")
def unbroken(options, vae, model_folder):
    parts = tiny(model_folder)
    run = train_unet(options, parts, vae)
    return run, parts


def test_a_run_that_continues_is_the_run_that_was_never_interrupted(options, vae, model_folder, unbroken, tmp_path):
    (tmp_path / picture_folder(options).name).symlink_to(picture_folder(options))
    pieces = replace(options, out=tmp_path, shard=True)
    for stop in (6 * BATCH, 14 * BATCH, 0):
        run = train_unet(replace(pieces, stop=stop), tiny(model_folder), vae)
    whole = unbroken[0]
    assert run.samples == whole.samples == STEPS * BATCH
    for ours, theirs in zip(run.parameters + run.averages, whole.parameters + whole.averages, strict=True):
        assert torch.equal(ours, theirs)
    assert losses(tmp_path) == losses(options.out)


def test_threads_side_by_side_find_the_gradients_of_the_whole_batch(options, vae, model_folder):
    parts = tiny(model_folder)
    data, _, vocabulary = load_captioned(options, parts["tokenizer"], vae)
    empty = tokenise(parts["tokenizer"], [""])[0].long()
    batch = draw_batch(data, 8, empty, torch.Generator().manual_seed(0))
    halves = batch.split(2)
    assert all(half.times.max() > 500 > half.times.min() for half in halves)
    heads = AttributeHeads(16, vocabulary)
    modules = {"unet": parts["unet"], "text_encoder": parts["text_encoder"], "heads": heads}
    own = [p for module in modules.values() for p in module.parameters()]

    def gradients(threads, batches):
        team = Team(modules, threads)
        members = [modules, *team.copies]
        calls = [
            partial(Diffusion(*one.values(), "cpu").loss, part, 0.0) for one, part in zip(members, batches, strict=True)
        ]
        for parameter in own:
            parameter.grad = None
        return team.backward(calls), [p.grad.clone() for p in own if p.grad is not None]

    (alone, whole), (together, gathered) = gradients(1, [batch]), gradients(2, halves)
    assert alone == pytest.approx(float(together), rel=1e-2)
    far = sum(float((a - b).square().sum()) for a, b in zip(whole, gathered, strict=True))
    assert far < 1e-3 * sum(float(a.square().sum()) for a in whole)


def test_noisy_timesteps_come_oftener_than_clear_ones(options, vae, model_folder):
    tokenizer = load_tokenizer(model_folder / "tokenizer")
    data = load_captioned(options, tokenizer, vae)[0]
    empty = tokenise(tokenizer, [""])[0].long()
    times = draw_batch(data, 1000, empty, torch.Generator().manual_seed(0)).times
    assert 0 <= times.min() < times.max() == TIMES - 1
    assert 0.62 < float((times > TIMES / 2).float().mean()) < 0.67


def test_training_lowers_the_loss_and_logs_a_curve(options, unbroken):
    curve = {samples: float(loss) for samples, loss in losses(options.out).items()}
    assert math.isnan(curve.pop(0))
    assert len(curve) == STEPS // LINE
    values = list(curve.values())
    assert sum(values[-3:]) < sum(values[:3])
    assert (options.out / "unet" / f"sheet-{STEPS * BATCH:08}.png").exists()


def test_an_export_loads_and_draws(unbroken, model_folder, tmp_path):
    from diffusers import StableDiffusionPipeline

    run, parts = unbroken
    with run.averaged():
        export(parts, model_folder / "tokenizer", tmp_path, shard=True)
        expected = {name: value.half() for name, value in parts["unet"].state_dict().items()}
    pipeline = StableDiffusionPipeline.from_pretrained(tmp_path, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    for name, value in pipeline.unet.state_dict().items():
        assert torch.equal(value.half(), expected[name])
    picture = pipeline("a red heart", num_inference_steps=2, output_type="np").images[0]
    assert picture.shape == (32, 32, 3)
    for path in tmp_path.rglob("*config.json"):
        assert "_name_or_path" not in path.read_text()


def test_the_autoencoder_learns_and_no_channel_dies(options, vae):
    fewer = replace(options, samples=60 * BATCH, rate=4e-3)
    torch.manual_seed(0)
    small = autoencoder(32, None, (8, 16, 16))
    pictures = to_tensor(load_pictures(options, next(chunks(seeds(options, held_out=True)))))
    before = measure(small.eval(), pictures)
    run = train_vae(fewer, small)
    with run.averaged():
        after = measure(small, pictures)
    assert after["psnr"] > before["psnr"] + 1
    assert after["least"] > 0.02
    assert small.config.scaling_factor != 1.0


def test_the_decoder_for_previews_learns_and_is_one_that_the_program_reads(options, vae, tmp_path):
    latents, held_out = (load_latents(options, vae, held_out=held_out) for held_out in (False, True))
    torch.manual_seed(0)
    decoder = quick_decoder(8)
    train_preview(replace(options, samples=60 * BATCH, rate=4e-3), latents, held_out, decoder)
    with (options.out / "preview" / "curve.csv").open(newline="") as stream:
        found = [float(row["psnr"]) for row in csv.DictReader(stream)]
    assert found[-1] > found[0] + 1
    save_quick(decoder, tmp_path)
    picture = load_quick(tmp_path / QUICK, 4, 4, torch.device("cpu"), torch.float32).decode(latents[:1].float())
    assert picture.shape == (32, 32, 3)


def test_the_text_encoder_learns_to_name_attributes(options, model_folder):
    tokenizer = load_tokenizer(model_folder / "tokenizer")
    torch.manual_seed(0)
    run = train_text(replace(options, samples=100 * BATCH, rate=4e-3), tokenizer, text_encoder(tokenizer, None, 16))
    with (run.folder / "curve.csv").open(newline="") as stream:
        values = [float(row["loss"]) for row in csv.DictReader(stream)]
    assert sum(values[-10:]) < 0.8 * sum(values[:10])


@pytest.mark.parametrize("part", [0, 10])
def test_parts_come_back_whole_and_old_ones_go(tmp_path, part):
    path = tmp_path / "state.pt"
    assert read_parts(path) is None
    for size in (95, 20, 31):
        data = bytes(range(size))
        write_parts(path, memoryview(data), part)
        assert read_parts(path) == data
        files = list(tmp_path.iterdir())
        assert len(files) == (-(-size // part) if part else 1)
        assert all(file.stat().st_size <= (part or size) for file in files)


def test_the_command_line_knows_every_option(tmp_path):
    stage, options = parse(
        ["--stage", "unet", "--out", str(tmp_path), "--minutes", "2.5", "--device", "cpu", "--shard"]
    )
    assert stage == "unet"
    assert options.out == tmp_path
    assert options.minutes == 2.5
    assert options.shard
    assert options.init is None
    assert parse([])[1].device in ("cpu", "cuda")


def test_the_stages_run_from_nothing_to_a_folder(root, tmp_path, monkeypatch):
    from diffusers import StableDiffusionPipeline

    spec = importlib.util.spec_from_file_location("starter_train", root / "packaging/starter_model/train.py")
    train = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(train)
    small = "--side 32 --pictures 12 --held-out 4 --batch 4 --samples 4 --validate-every 4 --device cpu"
    monkeypatch.setattr(sys, "argv", ["train.py", "--out", str(tmp_path), *small.split()])
    train.main()
    assert (tmp_path / "export.png").exists()
    assert (tmp_path / "export" / QUICK).exists()
    pipeline = StableDiffusionPipeline.from_pretrained(tmp_path / "export", local_files_only=True)
    assert pipeline.vae.config.scaling_factor != 1.0
    state = torch.load(tmp_path / "unet" / "state.pt", weights_only=True)
    for ours, averaged in zip(pipeline.unet.parameters(), state["averages"], strict=False):
        assert torch.equal(ours, averaged.half().float())
