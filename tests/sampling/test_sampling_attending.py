"""Plain attention is the fused one but for rounding, in every kind of UNet, and beside all that looks into one."""

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor2_0
from peft import LoraConfig, inject_adapter_in_model

from scumble.engine.ladder import Ladder, Rung
from scumble.engine.models import ModelLibrary
from scumble.engine.models.joint import SD3Network
from scumble.engine.sampling.attending import Processor, attending, fused, plain

from ..engine_models.engine_models_original import TINY1, TINY2, TINYXL

SIZE = (64, 64)
LEFT = np.zeros((64, 64), np.uint8)
LEFT[:, :32] = 255


def heads(batch, tokens, width, kind=torch.float32, seed=0):
    flat = torch.randn((batch, tokens, 3, width), generator=torch.Generator().manual_seed(seed))
    return flat.to(kind).transpose(1, 2)


def make_unet(preset, kind=torch.float32, **other):
    torch.manual_seed(1)
    return UNet2DConditionModel(**{**preset.unet, **other}).to(kind).eval().requires_grad_(False)


def ask(unet, kind=torch.float32, **named):
    generator = torch.Generator().manual_seed(5)
    sample, text = torch.randn((2, 4, 16, 8), generator=generator), unet.config.cross_attention_dim
    states = torch.randn((2, 9, text), generator=generator).to(kind)
    if unet.config.addition_embed_type == "text_time":
        wide = unet.config.projection_class_embeddings_input_dim - 6 * unet.config.addition_time_embed_dim
        pooled = torch.randn((2, wide), generator=generator).to(kind)
        named["added_cond_kwargs"] = {"text_embeds": pooled, "time_ids": torch.full((2, 6), 64.0)}
    with torch.no_grad():
        return unet(sample.to(kind), torch.tensor(300), states, return_dict=False, **named)[0].float()


def plain_sites(unet):
    return [name for name, each in unet.attn_processors.items() if isinstance(each, Processor)]


@pytest.mark.parametrize("scores", [1, 4000, 9000, 1 << 30])
@pytest.mark.parametrize(("tokens", "count", "width"), [(50, 50, 40), (50, 7, 80), (1, 3, 5), (33, 64, 160)])
def test_it_is_the_fused_one_whatever_holds_the_scores(tokens, count, width, scores):
    query, key, value = heads(2, tokens, width), heads(2, count, width, seed=1), heads(2, count, width, seed=2)
    made = plain(query, key, value, scores=scores)
    assert torch.allclose(made, fused(query, key, value), atol=1e-5)
    assert torch.allclose(plain(query, key[:1], value[:1], scores=scores), fused(query, key[:1], value[:1]), atol=1e-5)
    rounded = (each.bfloat16() for each in (query, key, value))
    assert float((plain(*rounded, scores=scores).float() - made).abs().max()) < 0.05


def test_a_mask_is_heeded():
    query, key, mask = heads(2, 6, 8), heads(2, 5, 8, seed=1), torch.zeros((2, 1, 6, 5))
    mask[..., 3:] = float("-inf")
    assert torch.allclose(plain(query, key, key, mask), plain(query, key[:, :, :3], key[:, :, :3]), atol=1e-5)


@pytest.mark.parametrize(("kind", "tolerance"), [(torch.float32, 1e-4), (torch.bfloat16, 0.05)])
@pytest.mark.parametrize("preset", [TINY1, TINY2, TINYXL], ids=lambda preset: preset.family)
def test_each_kind_of_unet_predicts_the_same(preset, kind, tolerance):
    unet = make_unet(preset, kind)
    theirs = ask(unet, kind)
    with attending(unet, "plain") as way:
        assert way == "plain"
        assert plain_sites(unet) == list(unet.attn_processors)
        ours = ask(unet, kind)
    assert float((ours - theirs).abs().max()) < tolerance * float(theirs.abs().max())
    assert not plain_sites(unet)
    assert torch.equal(ask(unet, kind), theirs)


@pytest.mark.parametrize("down", ["CrossAttnDownBlock2D", "AttnDownBlock2D"])
def test_masks_and_maps_go_through_it(down):
    unet = make_unet(TINY1, down_block_types=(down, *("CrossAttnDownBlock2D",) * 2, "DownBlock2D"))
    mask = torch.ones((2, 9))
    mask[0, 4:] = 0
    given = {"encoder_attention_mask": mask}
    theirs = ask(unet, **given)
    with attending(unet, "plain"):
        assert torch.allclose(ask(unet, **given), theirs, atol=1e-4)
        assert not torch.allclose(ask(unet), theirs, atol=1e-4)


def test_what_is_not_of_the_usual_kind_is_left_alone():
    careful = make_unet(TINY2, upcast_attention=True)
    joint = SD3Network(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        num_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=16,
        caption_projection_dim=16,
        pooled_projection_dim=16,
    )
    for network in (careful, joint):
        before = dict(network.attn_processors)
        with attending(network, "plain") as way:
            assert way == "fused"
            assert network.attn_processors == before


def test_a_lora_beside_the_weights_is_used():
    unet = make_unet(TINY1)
    bare = ask(unet)
    inject_adapter_in_model(LoraConfig(r=4, target_modules=["to_q", "to_v"], init_lora_weights=False), unet)
    theirs = ask(unet)
    with attending(unet, "plain"):
        ours = ask(unet)
    assert torch.allclose(ours, theirs, atol=1e-4)
    assert not torch.allclose(theirs, bare, atol=1e-2)


@pytest.fixture(scope="module")
def library():
    return ModelLibrary()


@pytest.fixture
def load(library):
    def load(way, ladder=None):
        name = library.infos()[0].id
        return library.load(name, "cpu", "float32", lambda: None, ladder, attention=way)

    return load


def run(model, **given):
    defaults = {"size": SIZE, "seeds": [1], "steps": 4, "guidance": 3.0}
    return model.denoise(model.encode_prompt("a red cup"), **defaults | given)


def scaled(site, step, query, key, value):
    return 1.5 * query, key[:1], value[:1]


@pytest.mark.parametrize(
    "given",
    [{}, {"seeds": [1, 2]}, {"full_every": 3}, {"attention_hook": scaled}],
    ids=["plain", "batch", "cached", "hooked"],
)
def test_a_run_is_the_same_twice_and_nearly_that_of_the_fused_one(load, given):
    theirs, model = run(load("fused"), **given), load("plain")
    ours = run(model, **given)
    assert model.notes["attention"] == "plain"
    assert torch.equal(ours, run(model, **given))
    assert float((ours - theirs).abs().max()) < 1e-3
    assert not torch.equal(ours, theirs), "nothing was computed otherwise"
    assert all(type(each) is AttnProcessor2_0 for each in model._parts.unet.attn_processors.values())
    again = load("fused")
    assert torch.equal(run(again, **given), theirs)
    assert again.notes["attention"] == "fused"


def test_a_fault_of_a_tool_that_looks_in_leaves_all_as_it_was(load):
    model, seen = load("plain"), []

    def hook(site, step, query, key, value):
        seen.append(site.name)
        raise RuntimeError("no")

    for work in (lambda: run(model, attention_hook=hook), lambda: invert(model, hook)):
        with pytest.raises(RuntimeError, match="no"):
            work()
        assert all(type(each) is AttnProcessor2_0 for each in model._parts.unet.attn_processors.values())
    assert len(seen) == 2


def invert(model, hook=None):
    known = torch.randn((1, model.info.latent_channels, 16, 16), generator=torch.Generator().manual_seed(2))
    return model.invert(known, model.encode_prompt("a cup"), steps=3, attention_hook=hook)


def test_an_inversion_is_nearly_the_same(load):
    theirs = invert(load("fused"))
    ours = invert(load("plain"))
    assert float((ours - theirs).abs().max()) < 1e-3 * float(theirs.abs().max())
    assert not torch.equal(ours, theirs)


def test_regions_and_little_memory_change_nothing_about_it(load):
    made = []
    for way in ("fused", "plain"):
        model = load(way, Ladder(taken=(Rung.SINGLE, Rung.OFFLOAD)))
        made.append(run(model, seeds=[1, 2], regions=[(model.encode_prompt("a green tree"), LEFT, 1.0)]))
    assert float((made[0] - made[1]).abs().max()) < 1e-3
