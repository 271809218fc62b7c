"""The stage `text`: the text encoder alone learns to name the scene's attributes, minutes that save the UNet hours."""

from __future__ import annotations

import torch
from transformers import CLIPTextModel, CLIPTokenizer
from world import caption, compose

from training.attributes import AttributeHeads, Vocabulary, attributes
from training.data import seeds
from training.loop import Run, moved
from training.options import Options
from training.tokens import VARIANTS, tokenise


def train_text(options: Options, tokenizer: CLIPTokenizer, encoder: CLIPTextModel) -> Run:
    """Trains on captions alone; no picture is needed."""
    torch.manual_seed(options.seed)
    scenes = [compose(seed) for seed in seeds(options, held_out=False)]
    texts = [(scene, caption(scene, variant)) for scene in scenes for variant in range(VARIANTS)]
    told = [attributes(scene, text) for scene, text in texts]
    vocabulary = Vocabulary(told)
    tokens, targets = tokenise(tokenizer, [text for _, text in texts]).long(), vocabulary.encode(told)
    heads = AttributeHeads(encoder.config.hidden_size, vocabulary)
    modules = {"text_encoder": encoder.to(options.device).train(), "heads": heads.to(options.device).train()}
    run = Run("text", modules, options)
    run.restore()
    while not run.done:
        rows = torch.randint(len(tokens), (options.batch,), generator=run.generator())
        loss, right = heads(encoder(moved(tokens[rows], options.device))[0], moved(targets[rows], options.device))
        run.update(loss, options.batch)
        if run.samples % options.validate_every < options.batch:
            run.log(loss=loss.item(), named=right.item())
        run.save_if_due()
    run.save()
    return run
