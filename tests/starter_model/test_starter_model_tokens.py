import json

import pytest
from training.options import Options
from training.tokens import LENGTH, captions, learn_tokenizer, load_tokenizer, tokenise

TEXTS = ("a red heart", "ÄÖ ß 漢字 🎨 \x00\x01 ~!@#$%^&*()", "".join(map(chr, range(32, 256))), "", "word " * 400)


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    learn_tokenizer(folder, captions(Options(folder, pictures=200), held_out=False))
    return folder


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_is_legal_for_both_tokenizers(learned, model_folder, text):
    for folder in (learned, model_folder / "tokenizer"):
        tokenizer = load_tokenizer(folder)
        rows = tokenise(tokenizer, [text])
        assert rows.shape == (1, LENGTH)
        assert rows[0, 0] == tokenizer.bos_token_id
        assert int(rows.max()) < len(tokenizer)
        inner = tokenizer(text, truncation=True, max_length=LENGTH)["input_ids"][1:-1]
        assert tokenizer.unk_token_id not in inner


def test_every_byte_is_a_token(learned, model_folder):
    for folder in (learned, model_folder / "tokenizer"):
        vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        assert sum(len(token) == 1 for token in vocabulary) == 256
        assert sorted(vocabulary.values()) == list(range(len(vocabulary)))


def test_a_learned_word_is_one_token(learned):
    tokenizer = load_tokenizer(learned)
    assert len(tokenizer("flower")["input_ids"]) == 3


def test_the_model_has_its_first_vocabulary(model_folder):
    assert len(load_tokenizer(model_folder / "tokenizer")) == 1123
