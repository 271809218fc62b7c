"""The tokenizer: byte-pair encoding in the file layout of CLIP's, learned from captions; and captions as tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from torch import Tensor
from transformers import CLIPTokenizer
from world import caption, compose

from training.data import seeds
from training.options import Options

LENGTH: Final = 77
VARIANTS: Final = 4
"""Wordings of each picture that training sees."""
START, END = "<|startoftext|>", "<|endoftext|>"
PATTERN: Final = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
MERGES: Final = 900
SPECIAL: Final = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END}


def learn_tokenizer(folder: Path, texts: list[str]) -> None:
    """Writes `vocab.json`, `merges.txt` and the configuration; every byte is a token, so that any text is legal."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    learner = Tokenizer(models.BPE(continuing_subword_prefix="", end_of_word_suffix="</w>", unk_token=END))
    learner.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    split = pre_tokenizers.Split(Regex(PATTERN), behavior="removed", invert=True)
    learner.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(False, use_regex=False)])
    trainer = trainers.BpeTrainer(
        vocab_size=2 * len(alphabet) + MERGES,
        min_frequency=2,
        end_of_word_suffix="</w>",
        initial_alphabet=alphabet,
        show_progress=False,
    )
    learner.train_from_iterator(texts, trainer)
    vocabulary = {letter: i for i, letter in enumerate([*alphabet, *(a + "</w>" for a in alphabet)])}
    merges = []
    for left, right in json.loads(learner.to_str())["model"]["merges"]:
        if left in vocabulary and right in vocabulary:
            vocabulary.setdefault(left + right, len(vocabulary))
            merges.append(f"{left} {right}")
    for token in (START, END):
        vocabulary[token] = len(vocabulary)
    _write(folder, vocabulary, merges)


def _write(folder: Path, vocabulary: dict[str, int], merges: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"tokenizer_class": "CLIPTokenizer", "model_max_length": LENGTH, "do_lower_case": True, **SPECIAL}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    (folder / "special_tokens_map.json").write_text(json.dumps(SPECIAL, indent=2) + "\n", encoding="utf-8")


def load_tokenizer(folder: Path) -> CLIPTokenizer:
    """A tokenizer from a folder, without looking anywhere else."""
    return CLIPTokenizer.from_pretrained(folder, local_files_only=True)


def tokenise(tokenizer: CLIPTokenizer, texts: list[str]) -> Tensor:
    """`(len(texts), LENGTH)`, padded with the end token."""
    found = tokenizer(texts, padding="max_length", max_length=LENGTH, truncation=True)
    return torch.tensor(found["input_ids"], dtype=torch.int32)


def words_of(texts: Iterable[str]) -> list[str]:
    """The words of captions, once each, in order of the alphabet."""
    return sorted({word for text in texts for word in re.findall(r"[^\W\d_]+", text.lower())})


def captions(options: Options, *, held_out: bool, variants: int = VARIANTS) -> list[str]:
    """All wordings of all pictures of a set, picture by picture."""
    scenes = [compose(seed) for seed in seeds(options, held_out=held_out)]
    return [caption(scene, variant) for scene in scenes for variant in range(variants)]
