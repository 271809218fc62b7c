"""Trains the starter model from nothing, or from weights: `python packaging/starter_model/train.py --help`.

Every stage continues from what `--out` holds; `--minutes` ends a session, and the next one goes on.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import cv2
import torch
from training.data import draw_all
from training.diffusion import train_unet
from training.export import export
from training.latents import load_latents
from training.loop import load_averages
from training.networks import autoencoder, denoiser, text_encoder
from training.options import STAGES, Options, parse
from training.preview import QUICK, quick_decoder, save_quick, train_preview
from training.sheet import save_sheet
from training.text import train_text
from training.tokens import captions, learn_tokenizer, load_tokenizer, words_of
from training.vae import train_vae


class Stages:
    """The stages over one folder. Finished parts lie in `--out` in the layout of the export."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.out = options.out

    def _origin(self, part: str) -> Path | None:
        """The folder to take a part from: this run's, if it has been made, else that of `--init`."""
        return self.out if (self.out / part / "config.json").exists() else self.options.init

    @property
    def tokenizer_folder(self) -> Path:
        """Of this run, or of `--init`."""
        own = self.out / "tokenizer"
        return own if own.exists() or not self.options.init else self.options.init / "tokenizer"

    @property
    def vae_folder(self) -> Path:
        """Of this run, or of `--init`."""
        return (self._origin("vae") or self.out) / "vae"

    def data(self) -> None:
        """Draws the pictures."""
        draw_all(self.options)

    def tokenizer(self) -> None:
        """Learns the tokenizer; with `--init` it is kept, for the text encoder knows its numbers."""
        if not self.options.init:
            learn_tokenizer(self.out / "tokenizer", captions(self.options, held_out=False))

    def vae(self) -> None:
        """Trains the autoencoder; with `--init` it is kept, for the UNet knows its latents."""
        if not self.options.init:
            vae = autoencoder(self.options.side, None)
            run = train_vae(self.options, vae)
            with run.averaged():
                vae.save_pretrained(self.out / "vae")

    def text(self) -> None:
        """Trains the text encoder alone; with `--init` the UNet already knows its states, and it is kept."""
        if not self.options.init:
            tokenizer = load_tokenizer(self.tokenizer_folder)
            encoder = text_encoder(tokenizer, None)
            run = train_text(self.options, tokenizer, encoder)
            with run.averaged():
                encoder.save_pretrained(self.out / "text_encoder")

    def preview(self) -> None:
        """Trains the small decoder for previews, on the autoencoder's latents."""
        latents = (load_latents(self.options, self.vae_folder, held_out=held_out) for held_out in (False, True))
        decoder = quick_decoder()
        run = train_preview(self.options, *latents, decoder)
        with run.averaged():
            save_quick(decoder, self.out)

    def unet(self) -> None:
        """Trains UNet and text encoder."""
        train_unet(self.options, self._parts(), self.vae_folder)

    def export(self) -> None:
        """Writes the averaged weights of the last checkpoint as a diffusers folder, with a sheet beside it."""
        parts = self._parts()
        load_averages(self.out / "unet", {name: parts[name] for name in ("unet", "text_encoder")})
        export(parts, self.tokenizer_folder, self.out / "export", shard=self.options.shard)
        if (self.out / QUICK).exists():
            (self.out / "export" / QUICK).parent.mkdir(exist_ok=True)
            shutil.copy(self.out / QUICK, self.out / "export" / QUICK)
        words = words_of(captions(self.options, held_out=False))
        (self.out / "export" / "words.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
        for name in ("unet", "text_encoder"):
            parts[name].to(self.options.device).eval()
        save_sheet(self.out / "export.png", parts, self.options.device)

    def _parts(self) -> dict[str, Any]:
        tokenizer = load_tokenizer(self.tokenizer_folder)
        return {
            "tokenizer": tokenizer,
            "text_encoder": text_encoder(tokenizer, self._origin("text_encoder")),
            "unet": denoiser(self.options.side, self.options.init),
            "vae": autoencoder(self.options.side, self._origin("vae")).eval(),
        }


def main() -> None:
    """Runs one stage, or all of them in order."""
    stage, options = parse()
    torch.set_float32_matmul_precision("high")  # the autoencoder computes in float32, on a GPU in its shorter form
    torch.backends.cudnn.benchmark = True
    cv2.setNumThreads(1)
    torch.set_num_threads(options.threads)
    stages = Stages(options)
    for name in STAGES if stage == "all" else (stage,):
        getattr(stages, name)()


if __name__ == "__main__":
    main()
