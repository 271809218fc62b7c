"""Prompt weights and windows, and that a plain prompt is read as ever."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from scumble.engine.models import ModelLibrary
from scumble.engine.models.words import STRONGEST, count, emphasise, parse, tokenize


@pytest.fixture(scope="module")
def model():
    library = ModelLibrary()
    return library.load(library.infos()[0].id, "cpu", "float32", lambda: None)


@pytest.fixture(scope="module")
def tokenizer(model):
    return model._parts.tokenizer


def read(prompt):
    """Windows as rows of (text, weight), weights rounded."""
    return [[(span.text, round(span.weight, 4)) for span in window] for window in parse(prompt)]


@pytest.mark.parametrize(
    ("prompt", "windows"),
    [
        ("a cat", [[("a cat", 1)]]),
        ("a (red) cat", [[("a ", 1), ("red", 1.1), (" cat", 1)]]),
        ("a (red:1.5) [cat]", [[("a ", 1), ("red", 1.5), ("cat", 0.9091)]]),
        ("((x)) y", [[("x", 1.21), (" y", 1)]]),
        ("(a (b:3) c:0.5)", [[("a ", 0.5), ("b", 1.5), (" c", 0.5)]]),
        ("( open", [[("( open", 1)]]),
        ("x) y (z]", [[("x) y (z]", 1)]]),
        (r"a \(b\) \[c\] d\e", [[(r"a (b) [c] d\e", 1)]]),
        ("(a: b)", [[("a: b", 1.1)]]),
        ("[a:1.5]", [[("a:1.5", 0.9091)]]),
        ("one BREAK two", [[("one ", 1)], [(" two", 1)]]),
        ("one BREAK (two BREAK three:1.2)", [[("one ", 1)], [("two ", 1.2)], [(" three", 1.2)]]),
        ("BREAKFAST", [[("BREAKFAST", 1)]]),
        ("", [[]]),
        (" BREAK BREAK ", [[]]),
        ("(:1.2)", [[]]),
        ("(a:99)", [[("a", STRONGEST)]]),
    ],
)
def test_what_is_written_is_read(prompt, windows):
    assert read(prompt) == windows


@given(st.text(alphabet="ab ([])\\:.1BREAK", max_size=60))
@settings(max_examples=300)
def test_any_text_is_read(prompt):
    windows = parse(prompt)
    assert windows
    assert all(0 <= span.weight <= STRONGEST and span.text.strip() for window in windows for span in window)


@given(st.text(alphabet=st.characters(blacklist_characters="()[]\\", blacklist_categories=["Cs"]), max_size=200))
@settings(max_examples=100, deadline=None)
def test_plain_text_is_tokenized_as_the_tokenizer_does(tokenizer, prompt):
    if "BREAK" in prompt or not prompt.strip():
        return
    ids, weights, real = tokenize(tokenizer, prompt, 77)
    theirs = tokenizer([prompt], padding="max_length", truncation=True, max_length=77, return_tensors="pt")
    assert torch.equal(ids, theirs.input_ids)
    assert torch.equal(real, theirs.attention_mask)
    assert bool((weights == 1).all())


def test_tokens_are_counted_without_the_signs(tokenizer):
    assert count(tokenizer, "a (red:1.5) [cup]") == count(tokenizer, "a red cup") == 5
    assert count(tokenizer, "a red cup on a table BREAK a cat") == count(tokenizer, "a red cup on a table")
    assert count(tokenizer, "") == 2


def test_each_token_has_its_weight(tokenizer):
    ids, weights, real = tokenize(tokenizer, "a (red:1.5) cup BREAK [cat]", 8)
    assert ids.shape == (2, 8)
    assert weights.tolist()[0] == [1, 1, 1.5, 1, 1, 1, 1, 1]
    assert weights[1, 1].item() == pytest.approx(1 / 1.1)
    assert real.tolist() == [[1] * 5 + [0] * 3, [1] * 3 + [0] * 5]


def test_too_many_words_are_cut_and_the_end_stays(tokenizer):
    ids, _, real = tokenize(tokenizer, "cup " * 50, 8)
    assert ids.shape == (1, 8)
    assert ids[0, -1] == tokenizer.eos_token_id
    assert bool(real.all())


def test_plain_prompts_equal_diffusers(model):
    from diffusers import StableDiffusionPipeline

    parts = model._parts
    pipeline = StableDiffusionPipeline(
        vae=parts.vae,
        text_encoder=parts.text_encoder,
        tokenizer=parts.tokenizer,
        unet=parts.unet,
        scheduler=None,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    with torch.no_grad():
        positive, negative = pipeline.encode_prompt("a red cup on a table", "cpu", 1, True, negative_prompt="blurry")
    ours = model.encode_prompt("a red cup on a table", "blurry")
    assert torch.allclose(ours[1:], positive, atol=1e-5)
    assert torch.allclose(ours[:1], negative, atol=1e-5)


@pytest.mark.parametrize("skip", [1, 2])
def test_skipped_layers_are_left_out_and_the_last_norm_is_not(model, skip):
    encoder = copy.deepcopy(model._parts.text_encoder)
    encoder.encoder.layers = encoder.encoder.layers[:-skip]
    ids, _, _ = tokenize(model._parts.tokenizer, "a red cup on a table", model.info.tokens)
    with torch.no_grad():
        shorter = encoder(ids)[0]
    assert torch.allclose(model.encode_prompt("a red cup on a table", "", skip)[1:], shorter, atol=1e-5)


def test_more_skipped_layers_than_there_are_take_the_lowest(model):
    assert bool(model.encode_prompt("a red cup", "", 6).isfinite().all())


def test_windows_are_put_in_a_row_and_the_shorter_prompt_is_filled_up(model):
    tokens = model.info.tokens
    both = model.encode_prompt("a red cup BREAK a blue cat", "blurry")
    assert both.shape[:2] == (2, 2 * tokens)
    assert torch.allclose(both[1, :tokens], model.encode_prompt("a red cup")[1], atol=1e-5)
    assert torch.allclose(both[1, tokens:], model.encode_prompt("a blue cat")[1], atol=1e-5)
    assert torch.allclose(both[0, :tokens], model.encode_prompt("", "blurry")[0], atol=1e-5)
    assert torch.allclose(both[0, tokens:], model.encode_prompt("")[0], atol=1e-5)
    turned = model.encode_prompt("blurry", "a red cup BREAK a blue cat")
    assert torch.allclose(turned[0], both[1], atol=1e-5)


def test_a_weight_moves_its_own_token_and_keeps_the_mean(model):
    plain, strong = model.encode_prompt("a red cup")[1], model.encode_prompt("a (red:1.6) cup")[1]
    assert strong.mean().item() == pytest.approx(plain.mean().item(), abs=1e-4)
    ratio = (strong.norm(dim=1) / plain.norm(dim=1)).tolist()
    assert ratio[2] / ratio[1] == pytest.approx(1.6, rel=1e-3)
    assert ratio[3] == pytest.approx(ratio[1], rel=1e-3)


def test_a_weight_of_one_changes_no_bit(model):
    assert torch.equal(model.encode_prompt("a (red:1) cup"), model.encode_prompt("a red cup"))


def test_states_whose_mean_cannot_be_kept_stay_finite():
    states = torch.tensor([[[1.0, -1.0], [2.0, -2.0]]])
    assert bool(emphasise(states, torch.tensor([[0.0, 2.0]])).isfinite().all())
    assert bool((emphasise(states, torch.zeros((1, 2))) == 0).all())


def test_a_weighted_prompt_paints_another_picture(model):
    def paint(prompt):
        return model.denoise(model.encode_prompt(prompt), size=(64, 64), seeds=[1], steps=4, guidance=5.0)

    plain = paint("a red cup on a table")
    assert float((paint("a (red:1.8) cup on a table") - plain).abs().max()) > 0.05
    assert float((paint("a red cup BREAK on a table") - plain).abs().max()) > 0.05
