"""A Stable-Diffusion-like model as tools see it: `scumble.api.Model` on diffusers' networks and our own loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial, wraps
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.weak import WeakTensorKeyDictionary

from scumble.api import AttentionHook, Latent, Mask, ModelInfo, OnStep, Picture, PromptedMask, ScumbleError, Tensor
from scumble.engine.aside import Aside
from scumble.engine.backends.running import Wish, running
from scumble.engine.faults import is_out_of_memory, report
from scumble.engine.ladder import LARGEST_TILE, SMALLEST_TILE, Ladder, Rung
from scumble.engine.models.adapters import Loras
from scumble.engine.models.learnt import Lesson
from scumble.engine.models.loader import Components, TextStates
from scumble.engine.models.lora import LoraFile
from scumble.engine.models.preview import apply_matrix, fit_matrix
from scumble.engine.models.text import Conditioning, encode_text, pooled
from scumble.engine.models.words import count, loras, without_loras
from scumble.engine.sampling.attending import attending
from scumble.engine.sampling.distilled import with_guidance
from scumble.engine.sampling.interrupt import interruptible
from scumble.engine.sampling.loop import (
    Added,
    Keep,
    Predictor,
    denoise,
    draw_noise,
    free_cells,
    invert,
    make_generators,
    mix_noise,
)
from scumble.engine.sampling.regions import Regions, lay_out
from scumble.engine.sampling.resume import resumed
from scumble.engine.sampling.samplers import follows_flow, shifted
from scumble.engine.sampling.schedule import Schedule, add_noise, make_schedule
from scumble.protocol import ModelEntry

P = ParamSpec("P")
T = TypeVar("T")

MIN_SIDE = 64
MAX_SIDE = 8192

REMEMBERED = 32
"""Texts whose states are kept with a model, of 0.1 to 0.3 MB each."""

TEXT_ENCODERS: Final = ("text_encoder", "text_encoder_2", "text_encoder_3")

NOTHING: Final[Mapping[str, ModelEntry]] = {}


def no_lora(name: str) -> LoraFile:
    """Finds none: for a model that belongs to no library. Raises `ScumbleError` (`lora-missing`)."""
    raise ScumbleError("lora-missing", lora=name, folder="")


def _tried_again(work: Callable[Concatenate[DiffusionModel, P], T]) -> Callable[Concatenate[DiffusionModel, P], T]:
    """Lets a run of the loop begin anew where memory is short, unless a tool looks on, which counts the steps."""

    @wraps(work)
    def run(model: DiffusionModel, /, *given: P.args, **named: P.kwargs) -> T:
        if named.get("attention_hook") is not None:
            return work(model, *given, **named)
        width, height = cast(tuple[int, int], named["size"])
        return model.climb(lambda: work(model, *given, **named), width, height, Rung.SINGLE, Rung.OFFLOAD)

    return run


class DiffusionModel:
    """A loaded model, for one job: the parts are shared between jobs, `check_cancelled` is the job's own.

    `find_lora` finds what a prompt names, `learnt` are the learnt words that it may use. The LoRAs of a prompt are on
    while its states are used; states that were made from others by a tool are taken to be those of the prompt that was
    encoded last. `ladder` is what the job may give up where memory is short. `vae` is the file of the autoencoder,
    where it is not the model's own.
    """

    def __init__(
        self,
        info: ModelInfo,
        parts: Components,
        check_cancelled: Callable[[], None],
        find_lora: Callable[[str], LoraFile] = no_lora,
        ladder: Ladder | None = None,
        learnt: Mapping[str, ModelEntry] = NOTHING,
        vae: ModelEntry | None = None,
    ) -> None:
        self._info = info
        self._parts = parts
        self._check = check_cancelled
        self._find_lora = find_lora
        self.ladder = ladder or Ladder()
        self._lesson = Lesson(learnt, info.title)
        self._learnt = {name.casefold(): entry for name, entry in learnt.items()}
        self.vae = vae.name if vae is not None else ""
        """The autoencoder that is used; empty for the model's own."""
        self.used: dict[str, Path] = {} if vae is None else {f"vae:{vae.name}": Path(vae.path)}
        """The files that the job has used beside the model's own, each under its kind and name."""
        self.notes: dict[str, str] = {}
        """What computed it, where that is not torch as it is."""
        self.aside: Aside | None = None
        """How the job is put aside, where it can be."""
        self._last = Conditioning()
        self._of_states: MutableMapping[Tensor, Conditioning] = WeakTensorKeyDictionary()

    @property
    def info(self) -> ModelInfo:
        """What it is."""
        return self._info

    def climb(self, work: Callable[[], T], width: int, height: int, *rungs: Rung) -> T:
        """The result of work over so many pixels, with as much given up as it took.

        Raises `ScumbleError` (`out-of-memory`) where all of it was not enough.
        """
        try:
            return self.ladder.climb(work, *rungs)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            raise ScumbleError("out-of-memory", width=width, height=height, details=report(error)) from None

    def _bring(self, *names: str) -> None:
        """Has networks where they compute, and the others out of the way where memory is short."""
        try:
            self._parts.residence.bring(names, alone=self.ladder.has(Rung.OFFLOAD))
        except (ValueError, OSError) as error:
            raise ScumbleError("model-broken", model=self._info.title, reason=error) from error

    def count_tokens(self, text: str) -> int:
        """How many tokens the text has, start and end included."""
        return count(self._parts.tokenizer, text, self._lesson.slots)

    @torch.no_grad()
    def encode_prompt(self, prompt: str, negative: str = "", clip_skip: int = 0) -> Tensor:
        """(2, tokens, width): the negative and the positive text, window after window, each cut at as many tokens as
        the model reads. The shorter of the two is filled up with empty windows. The positive text's LoRAs change
        both; those that the negative one names are passed over.

        Raises `ScumbleError` (`lora-missing`, `lora-broken`, `lora-mismatch`, `lora-weight`, `cancelled`).
        """
        self._check()
        found = [(self._find_lora(call.name), call.weight) for call in loras(prompt)]
        chosen = tuple((lora, weight) for lora, weight in found if weight)
        self.used |= {f"lora:{lora.name}": lora.path for lora, _ in chosen}
        words = (name for text in (negative, prompt) for name, _ in self._lesson.named(text))
        self.used |= {f"word:{self._learnt[word].name}": Path(self._learnt[word].path) for word in words}
        with self._parts.loras.active(chosen, self._info.title):
            texts = [self._encode_cached(without_loras(text), clip_skip, chosen) for text in (negative, prompt)]
            states = [text.windows for text in texts]
            missing = len(states[1]) - len(states[0])
            if missing:
                short = 0 if missing > 0 else 1
                empty = self._encode_cached("", clip_skip, chosen).windows.expand(abs(missing), -1, -1)
                states[short] = torch.cat([states[short], empty])
        both = torch.stack([rows.flatten(0, 1) for rows in states])
        self._of_states[both] = self._last = Conditioning(chosen, pooled(texts))
        return both

    def _given_with(self, prompt: Tensor) -> Conditioning:
        """What belongs to a prompt's states."""
        return self._of_states.get(prompt, self._last)

    def _active(self, *prompts: Tensor) -> AbstractContextManager[None]:
        """The LoRAs of prompts' states, for one run; where several prompts name one, the first of them counts."""
        found: Loras = ()
        for prompt in prompts:
            known = {lora for lora, _ in found}
            found += tuple(each for each in self._given_with(prompt).loras if each[0] not in known)
        return self._parts.loras.active(found, self._info.title)

    def _encode_cached(self, text: str, clip_skip: int, chosen: Loras) -> TextStates:
        """`encode_text`, remembered for the next job with the same words and LoRAs."""
        known, key = self._parts.texts, (text, clip_skip, chosen, self._lesson.named(text))
        if key not in known:
            known[key] = self.ladder.climb(lambda: self._encode_text(text, clip_skip), Rung.OFFLOAD)
            while len(known) > REMEMBERED:
                known.popitem(last=False)
        known.move_to_end(key)
        return known[key]

    def _encode_text(self, text: str, clip_skip: int) -> TextStates:
        self._bring(*TEXT_ENCODERS)
        return encode_text(self._parts, self._lesson, text, self._info.tokens, clip_skip)

    def _free(self, mask: Mask | None, regions: Sequence[PromptedMask], size: tuple[int, int]) -> torch.Tensor | None:
        """The cells that a mask frees. Raises `ScumbleError` (`mask-size`) where one of all masks has another size."""
        for each in ([mask] if mask is not None else []) + [covered for _, covered, _ in regions]:
            if (each.shape[1], each.shape[0]) != tuple(size):
                theirs = f"{each.shape[1]} × {each.shape[0]}"
                raise ScumbleError("mask-size", mask=theirs, image=f"{size[0]} × {size[1]}")
        return None if mask is None else free_cells(mask, self._info.factor, self._parts.device)

    def _added(self, prompt: Tensor, width: int, height: int, guidance: float = 1.0) -> Added | None:
        """What an SDXL model is told besides: that it paints the whole of a picture of that size, in pixels. Flux is
        told the guidance scale."""
        summary = self._given_with(prompt).pooled
        if summary is None:
            return None
        sizes = torch.tensor([[height, width, 0, 0, height, width]], dtype=torch.float32, device=prompt.device)
        told = torch.tensor([guidance], device=prompt.device) if self._told_guidance() else None
        return Added(summary, sizes, told)

    def _told_guidance(self) -> bool | None:
        """Whether the network is told the guidance scale; None for one that is guided by a negative prompt."""
        told: bool | None = getattr(self._parts.unet.config, "guidance_embeds", None)
        return told

    def _added_by_row(
        self, laid: Regions, prompts: Sequence[Tensor], size: tuple[int, int], guidance: float
    ) -> Added | None:
        """The same for each row of the prompts of regions."""
        given = [self._added(prompt, *size, guidance) for prompt in prompts]
        rows = [each.pooled[side] for place, side in laid.rows if (each := given[place]) is not None]
        return None if given[0] is None else replace(given[0], pooled=torch.stack(rows))

    def encode(self, picture: Picture) -> Latent:
        """A picture → the mean of its latent (1, channels, h, w) float32. What is transparent lies on white."""
        height, width = picture.shape[:2]
        self._check_size(width, height)
        return self._encode_values(_on_white(picture))

    @torch.no_grad()
    def decode(self, latent: Latent) -> list[Picture]:
        """Latents → pictures, one after the other, because a decoder needs more memory than all else."""
        vae = self._parts.vae
        pictures = []
        with interruptible(vae, self._check):
            for one in latent.split(1):
                scaled = one / vae.config.scaling_factor + (vae.config.shift_factor or 0.0)
                values = (
                    self._tiled(lambda latent: vae.decode(latent).sample, scaled, self._info.factor)[0].float().cpu()
                )
                if not values.isfinite().all():
                    raise ScumbleError("model-no-numbers", model=self._info.title)
                pixels = (values * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8)
                pictures.append(np.ascontiguousarray(pixels.permute(1, 2, 0).numpy()))
        return pictures

    def preview(self, latent: Latent) -> Picture:
        """A small picture of the first latent, in well under a millisecond once the first has been made; or a larger
        one by a decoder for previews, where there is one."""
        parts = self._parts
        if parts.quick is not None:
            return parts.quick.decode(latent)
        return apply_matrix(self._preview_matrix(), latent[0])

    def _preview_matrix(self) -> torch.Tensor:
        """What makes a picture of a latent at once; found with the autoencoder the first time."""
        parts = self._parts
        if parts.preview is None:
            self._bring("vae")
            parts.preview = fit_matrix(parts.vae, self._info.latent_channels, self._info.factor, self._check)
        return parts.preview

    @_tried_again
    def denoise(
        self,
        prompt: Tensor,
        *,
        size: tuple[int, int],
        seeds: Sequence[int],
        vary: tuple[int, float] = (0, 0.0),
        steps: int,
        guidance: float = 7.5,
        scheduler: str = "dpmpp-2m",
        strength: float = 1.0,
        schedule: str = "model",
        eta: float | None = None,
        rescale: float = 0.0,
        interval: tuple[float, float] = (0.0, 1.0),
        full_every: int = 1,
        start: Latent | None = None,
        known: Latent | Picture | None = None,
        mask: Mask | None = None,
        regions: Sequence[PromptedMask] = (),
        attention_hook: AttentionHook | None = None,
        on_step: OnStep | None = None,
    ) -> Latent:
        """See `scumble.api.Model.denoise`. Sums of a batch may differ from those of a single run in the last digits.

        Raises `ScumbleError` (`size-invalid`, `mask-size`, `param-invalid`, `schedule-unsupported`, `model-unsuited`,
        `sampler-unsupported`, `cancelled`).
        """
        self._check()
        parts, shape = self._parts, self._latent_shape(size)
        if attention_hook is not None:
            self._needs_unet()
            full_every = 1
        free = self._free(mask, regions, size)
        laid = lay_out(prompt, strength, regions, self._info.factor, free) if regions else None
        strength = strength if laid is None else laid.strength
        generators = make_generators(seeds)
        plan = make_schedule(
            scheduler,
            shifted(parts.scheduler, shape[1] * shape[2] // 4),
            steps,
            parts.device,
            strength,
            layout=schedule,
            eta=eta,
            seeds=seeds,
            generators=generators,
        )
        noise = _noise(generators, vary, shape, parts.device)
        extra = self._inpainting_channels(known, mask, shape)
        clean = self.encode(known) if isinstance(known, np.ndarray) else known
        keep = None if extra is not None else _kept(clean, noise, free, laid)
        latent = _first(start, clean if strength < 1.0 else None, noise, plan)
        prompts = [prompt, *(states for states, _, _ in regions)]
        with self._running(prompts, Wish(shape[1:], len(plan), full_every, hooked=attention_hook is not None)) as unet:
            plain = Predictor(unet, prompt, guidance, extra, rescale, interval)
            predict = self._told(plain, laid, prompts, size)
            plain_steps = attention_hook is None and full_every == 1
            run = partial(denoise, predict, plan, keep=keep, attention_hook=attention_hook, on_step=on_step)
            return resumed(self.aside, plan, latent, lambda at, tell: run(at, on_standing=tell), able=plain_steps)

    @contextmanager
    def _running(self, prompts: Sequence[Tensor], wish: Wish) -> Iterator[Any]:
        """The network for one run, where it computes, with the LoRAs of prompts' states on."""
        if self._parts.quick is None and self.ladder.has(Rung.OFFLOAD):
            self._preview_matrix()  # while the autoencoder is not in the way
        self._bring("unet")
        wish = replace(wish, single=not wish.hooked and self.ladder.has(Rung.SINGLE))
        with self._active(*prompts), running(self._parts, self._check, wish, self.notes) as unet:
            yield unet

    def _told(
        self, plain: Predictor, laid: Regions | None, prompts: Sequence[Tensor], size: tuple[int, int]
    ) -> Predictor:
        """The predictor with what the network reads beside the text, each region's prompt where there are any, and only
        as much guidance as the network has not learnt."""
        learnt = self._parts.unet.config.get("time_cond_proj_dim")
        unet, guidance = with_guidance(plain.unet, learnt, plain.guidance)
        scale = guidance if self._told_guidance() is None else 1.0
        told = replace(plain, unet=unet, guidance=scale, added=self._added(prompts[0], *size, guidance))
        return told if laid is None else laid.predictor(told, self._added_by_row(laid, prompts, size, guidance))

    def invert(
        self, latent: Latent, prompt: Tensor, *, steps: int, attention_hook: AttentionHook | None = None
    ) -> Latent:
        """See `scumble.api.Model.invert`. The positive prompt is used, without guidance.

        Raises `ScumbleError` (`model-unsuited`).
        """
        self._needs_unet()
        parts = self._parts
        schedule = make_schedule("ddim", parts.scheduler, steps, parts.device)
        height, width = (side * self._info.factor for side in latent.shape[-2:])
        self._bring("unet")
        predictor = Predictor(parts.unet, prompt, added=self._added(prompt, width, height))
        with self._active(prompt), interruptible(parts.unet, self._check), attending(parts.unet, parts.attention):
            return invert(predictor, schedule, latent, attention_hook=attention_hook)

    def _encode_values(self, values: NDArray[np.float32]) -> torch.Tensor:
        """RGB (height, width, 3) float32 in 0…255 → its scaled latent."""
        vae = self._parts.vae
        scaled = torch.from_numpy(values).permute(2, 0, 1)[None] / 127.5 - 1.0
        with torch.no_grad(), interruptible(vae, self._check):
            latent = self._tiled(lambda picture: vae.encode(picture).latent_dist.mean, scaled).float()
        return (latent - (vae.config.shift_factor or 0.0)) * float(vae.config.scaling_factor)

    def _tiled(
        self, work: Callable[[torch.Tensor], torch.Tensor], values: torch.Tensor, scale: int = 1
    ) -> torch.Tensor:
        """Work of the autoencoder, in tiles where memory is short for the whole; a value spans `scale` pixels."""
        vae, side = self._parts.vae, min(max(self._info.native, SMALLEST_TILE), LARGEST_TILE)

        def attempt() -> torch.Tensor:
            self._bring("vae")
            vae.use_tiling = self.ladder.has(Rung.TILES)
            vae.tile_sample_min_size, vae.tile_latent_min_size = side, side // self._info.factor
            try:
                return work(values.to(vae.device, vae.dtype))
            finally:
                vae.use_tiling = False

        height, width = (values.shape[axis] * scale for axis in (-2, -1))
        return self.climb(attempt, width, height, Rung.TILES, Rung.OFFLOAD)

    def _needs_unet(self) -> None:
        """For what a transformer that follows a flow cannot do."""
        if follows_flow(self._parts.scheduler):
            raise ScumbleError("model-unsuited", model=self._info.title)

    def _latent_shape(self, size: tuple[int, int]) -> tuple[int, int, int]:
        self._check_size(*size)
        width, height = size
        return self._info.latent_channels, height // self._info.factor, width // self._info.factor

    def _check_size(self, width: int, height: int) -> None:
        places = getattr(self._parts.unet.config, "pos_embed_max_size", None)  # patches along a side that SD 3 knows
        most = places * self._parts.unet.config.patch_size * self._info.factor if places else MAX_SIDE
        if width % 8 or height % 8 or min(width, height) < MIN_SIDE or max(width, height) > most:
            raise ScumbleError("size-invalid", width=width, height=height, minimum=MIN_SIDE, maximum=most)

    def _inpainting_channels(
        self, known: Latent | Picture | None, mask: Mask | None, shape: tuple[int, int, int]
    ) -> torch.Tensor | None:
        """What an inpainting UNet reads beside the latent: the free cells, and the latent of the picture without what
        is under the mask. Without a mask all is free."""
        if not self._info.inpainting:
            return None
        height, width = shape[1] * self._info.factor, shape[2] * self._info.factor
        if known is None or mask is None:
            picture, mask = np.full((height, width, 3), 127, np.uint8), np.full((height, width), 255, np.uint8)
        else:
            picture = known if isinstance(known, np.ndarray) else self.decode(known)[0]
        values = _on_white(picture)
        values[mask >= 128] = 127.5  # what the pipeline's authors train with: zero, half way between black and white
        free = (free_cells(mask, self._info.factor, self._parts.device) > 0).float()
        return torch.cat([free, self._encode_values(values)], dim=1)


def _noise(
    generators: Sequence[torch.Generator],
    vary: tuple[int, float],
    shape: tuple[int, int, int],
    device: torch.device,
) -> torch.Tensor:
    """What a run begins with: each picture's noise, on its way to that of the seed to vary with."""
    seed, share = vary
    other = draw_noise(make_generators([seed]), shape, device)
    return mix_noise(draw_noise(generators, shape, device), other, share)


def _kept(
    clean: torch.Tensor | None, noise: torch.Tensor, free: torch.Tensor | None, laid: Regions | None
) -> Keep | None:
    """What stays of a known latent, where there is a mask, or regions that may not change as much as they could."""
    if clean is None or (free is None and laid is None):
        return None
    cells = torch.ones_like(noise[:1, :1]) if free is None else free
    return Keep(clean, noise, cells if laid is None else cells * laid.freedom)


def _first(start: torch.Tensor | None, clean: torch.Tensor | None, noise: torch.Tensor, plan: Schedule) -> torch.Tensor:
    """The latent at the first level."""
    if start is not None:
        return start.expand_as(noise)
    if clean is not None:
        return add_noise(clean, noise, float(plan.alphas[0]))
    return noise * plan.start


def _on_white(picture: Picture) -> NDArray[np.float32]:
    """RGB(A) → RGB float32 0…255, with white behind what is transparent."""
    colour = picture[..., :3].astype(np.float32)
    if picture.shape[2] == 3:
        return colour
    alpha = picture[..., 3:].astype(np.float32) / 255.0
    return np.asarray(colour * alpha + 255.0 * (1.0 - alpha), np.float32)
