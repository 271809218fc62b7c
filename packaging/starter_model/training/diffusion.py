"""The stage `unet`: the denoiser and the text encoder together, on latents that lie ready."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from transformers import CLIPTokenizer
from world import caption, compose

from training.attributes import AttributeHeads, Vocabulary, attributes
from training.data import seeds
from training.latents import load_latents
from training.loop import Run, moved
from training.networks import TIMES, scheduler
from training.options import Options
from training.sheet import save_sheet
from training.team import Team
from training.tokens import VARIANTS, tokenise

DROP: Final = 0.1
"""The share of captions left out, for classifier-free guidance (Ho and Salimans, 2022)."""
TILT: Final = 1.5
"""How much oftener noisy timesteps come than clear ones: their density grows with its power less one. What a caption
decides, it decides where hardly anything of the picture shows yet."""
WRONG: Final = 7
"""How far captions are shifted to be wrong ones."""


@dataclass(frozen=True, slots=True)
class Captioned:
    """Latents `(n, c, h, w)`, tokens `(n, variants, length)`, attributes `(n, variants, names)`."""

    latents: Tensor
    tokens: Tensor
    targets: Tensor


def load_captioned(options: Options, tokenizer: CLIPTokenizer, vae: Path) -> tuple[Captioned, Captioned, Vocabulary]:
    """The set for training, the held-out one, and the values of the attributes."""
    parts, vocabulary = [], None
    for held_out in (False, True):
        scenes = [compose(seed) for seed in seeds(options, held_out=held_out)]
        texts = [[caption(scene, variant) for variant in range(VARIANTS)] for scene in scenes]
        told = [attributes(scene, text) for scene, many in zip(scenes, texts, strict=True) for text in many]
        vocabulary = vocabulary or Vocabulary(told)
        tokens = tokenise(tokenizer, [text for many in texts for text in many]).view(len(scenes), VARIANTS, -1)
        targets = vocabulary.encode(told).view(len(scenes), VARIANTS, -1)
        parts.append(Captioned(load_latents(options, vae, held_out=held_out), tokens, targets))
    assert vocabulary is not None
    return parts[0], parts[1], vocabulary


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step learns from: clear latents, noise, timesteps, tokens, attributes, and whose caption was dropped."""

    latents: Tensor
    noise: Tensor
    times: Tensor
    tokens: Tensor
    targets: Tensor
    dropped: Tensor

    def split(self, parts: int) -> list[Batch]:
        """So many batches of the same size, each with clear and noisy timesteps."""
        return [Batch(*(getattr(self, item.name)[first::parts] for item in fields(self))) for first in range(parts)]


def draw_batch(data: Captioned, count: int, empty: Tensor, generator: torch.Generator) -> Batch:
    """A random batch with stratified timesteps; a tenth of the captions is `empty`, `(length,)`."""
    rows = torch.randint(len(data.latents), (count,), generator=generator)
    words = torch.randint(data.tokens.shape[1], (count,), generator=generator)
    tokens = data.tokens[rows, words].long()
    dropped = torch.rand(count, generator=generator) < DROP
    tokens[dropped] = empty
    shares = ((torch.arange(count) + torch.rand(count, generator=generator)) / count) ** (1 / TILT)
    times = (shares * TIMES).long().clamp(0, TIMES - 1)
    latents = data.latents[rows].float()
    noise = torch.randn(latents.shape, generator=generator)
    return Batch(latents, noise, times, tokens, data.targets[rows, words], dropped)


class Diffusion:
    """v-prediction (Salimans and Ho, 2022), every timestep with the same weight.

    Weights that fall with the signal, as min-SNR's do (Hang et al., 2023), leave unlearned what the noisiest timesteps
    have to say, and with it most of what a caption asks for.
    """

    def __init__(
        self, unet: Any, text: nn.Module, heads: AttributeHeads, device: str, *, compiled: bool = False
    ) -> None:
        self.unet, self.text, self.heads = unet, text, heads
        self.work = torch.compile(unet) if compiled else unet  # measuring has other sizes, for which none is compiled
        self.device = device
        self.alphas = scheduler().alphas_cumprod

    def errors(self, unet: Any, latents: Tensor, times: Tensor, tokens: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """The squared error of v, `(batch,)`, and the text encoder's states."""
        signal = self.alphas[times].sqrt().view(-1, 1, 1, 1)
        spread = (1 - self.alphas[times]).sqrt().view(-1, 1, 1, 1)
        noisy = (signal * latents + spread * noise).contiguous(memory_format=torch.channels_last)
        noisy, target = moved(noisy, self.device), moved(signal * noise - spread * latents, self.device)
        times = moved(times, self.device)
        with torch.autocast(torch.device(self.device).type, dtype=torch.bfloat16):
            states: Tensor = self.text(moved(tokens, self.device))[0]
            guess: Tensor = unet(noisy, times, encoder_hidden_states=states, return_dict=False)[0]
        return (guess.float() - target).pow(2).mean((1, 2, 3)), states

    def loss(self, batch: Batch, share: float) -> Tensor:
        """The loss of a batch; `share` weighs the text encoder's second task."""
        errors, states = self.errors(self.work, batch.latents, batch.times, batch.tokens, batch.noise)
        main: Tensor = errors.mean()
        if not share:
            return main
        told = (~batch.dropped).nonzero().squeeze(1)
        named: Tensor = self.heads(states[moved(told, self.device)], moved(batch.targets[told], self.device))[0]
        return main + share * named

    @torch.no_grad()
    def measure(self, data: Captioned, batch: int = 64) -> dict[str, float]:
        """On all of a set, with fixed noise: the error of v, the same with others' captions less it (the caption
        gap), and the share of attributes that the text encoder names rightly."""
        count = len(data.latents)
        noise = torch.randn(data.latents.shape, generator=torch.Generator().manual_seed(5))
        times = ((torch.arange(count) + 0.5) / count * TIMES).long()
        tokens, latents = data.tokens[:, 0].long(), data.latents.float()
        right, wrong, named = [], [], []
        for first in range(0, count, batch):
            part = slice(first, first + batch)
            errors, states = self.errors(self.unet, latents[part], times[part], tokens[part], noise[part])
            others = self.errors(self.unet, latents[part], times[part], tokens.roll(WRONG, 0)[part], noise[part])[0]
            right.append(errors)
            wrong.append(others)
            named.append(self.heads(states, data.targets[part, 0].to(self.device))[1])
        error = torch.cat(right).mean().item()
        gap = torch.cat(wrong).mean().item() - error
        return {"v_mse": error, "caption_gap": gap, "named": torch.stack(named).mean().item()}


def train_unet(options: Options, parts: dict[str, Any], vae: Path) -> Run:
    """Trains until the samples or the minutes are over. `parts` holds tokenizer, text encoder, UNet, autoencoder."""
    torch.manual_seed(options.seed)
    tokenizer, unet, text = parts["tokenizer"], parts["unet"], parts["text_encoder"]
    data, held_out, vocabulary = load_captioned(options, tokenizer, vae)
    heads = AttributeHeads(text.config.hidden_size, vocabulary)
    modules = {"unet": unet.to(memory_format=torch.channels_last), "text_encoder": text, "heads": heads}
    for module in modules.values():
        module.to(options.device).train()
    if options.device == "cpu":
        unet.set_attn_processor(
            AttnProcessor()
        )  # with heads this small, a seventh of the step quicker than torch's own
    run = Run("unet", modules, options)
    run.restore()
    empty = tokenise(tokenizer, [""])[0].long()
    diffusion = Diffusion(unet, text, heads, options.device, compiled=options.compiled)
    team = Team(modules, options.threads)
    twins = [Diffusion(each["unet"], each["text_encoder"], each["heads"], options.device) for each in team.copies]
    workers = [diffusion, *twins]
    line = run.samples // options.validate_every if run.samples else _validate(run, diffusion, held_out, [])
    recent: list[Tensor] = []
    while not run.done:
        shares = draw_batch(data, options.batch, empty, run.generator()).split(len(workers))
        run.clear()
        calls = [partial(worker.loss, share, options.attributes) for worker, share in zip(workers, shares, strict=True)]
        recent.append(team.backward(calls))
        run.step(options.batch)
        if run.samples // options.validate_every > line:
            line = _validate(run, diffusion, held_out, recent)
        if run.samples % options.sheet_every < options.batch or run.samples >= options.samples:
            _sheet(run, parts)
        run.save_if_due()
    if recent:
        _validate(run, diffusion, held_out, recent)
    run.save()
    return run


def _sheet(run: Run, parts: dict[str, Any]) -> None:
    with run.averaged():
        save_sheet(run.folder / f"sheet-{run.samples:08}.png", parts, run.options.device)


def _validate(run: Run, diffusion: Diffusion, held_out: Captioned, recent: list[Tensor]) -> int:
    """A line of the curve with the mean of the recent losses, which it forgets; returns how many lines there are."""
    with run.averaged():
        figures = diffusion.measure(held_out)
    run.log(loss=torch.stack(recent).mean().item() if recent else math.nan, rate=run.rate(), **figures)
    recent.clear()
    return run.samples // run.options.validate_every
