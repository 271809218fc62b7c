"""Trains the starter model from nothing, or from weights: `python packaging/starter_model/train.py --help`.

Every stage continues from what `--out` holds; `--minutes` ends a session, and the next one goes on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from training.data import draw_all
from training.diffusion import train_unet
from training.export import export
from training.latents import fingerprint
from training.networks import autoencoder, denoiser, text_encoder
from training.options import STAGES, Options, parse
from training.sheet import save_sheet
from training.text import train_text
from training.tokens import captions, learn_tokenizer, load_tokenizer
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

    def unet(self) -> None:
        """Trains UNet and text encoder, and exports what there is."""
        parts = self._parts()
        run = train_unet(self.options, parts, self.vae_folder)
        with run.averaged():
            export(parts, self.tokenizer_folder, self.out / "export", shard=self.options.shard)

    def export(self) -> None:
        """Draws the sheet of the exported model, and says which autoencoder it has."""
        origin = self.out / "export"
        if not origin.exists():
            raise SystemExit("There is nothing to export yet: run --stage unet first.")
        vae = autoencoder(self.options.side, origin)
        tokenizer = load_tokenizer(origin / "tokenizer")
        parts = {
            "tokenizer": tokenizer,
            "text_encoder": text_encoder(tokenizer, origin).eval(),
            "unet": denoiser(self.options.side, origin).eval(),
            "vae": vae,
        }
        for name in ("text_encoder", "unet"):
            parts[name].to(self.options.device)
        save_sheet(self.out / "sheet.png", parts, self.options.device)
        print(f"export: {origin}, autoencoder {fingerprint(origin / 'vae' / 'diffusion_pytorch_model.safetensors')}")

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
    stages = Stages(options)
    for name in STAGES if stage == "all" else (stage,):
        getattr(stages, name)()


if __name__ == "__main__":
    main()
