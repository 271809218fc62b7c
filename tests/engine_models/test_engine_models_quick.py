"""Decoders for previews: found by their tensors, used where they fit, and no harm where they do not."""

import shutil

import pytest
import torch
from diffusers import AutoencoderTiny
from safetensors.torch import save_file

from scumble.engine.models import ModelLibrary, default_folders
from scumble.engine.models.library import QUICK_FILE
from scumble.engine.models.quick import LARGEST, load_quick

CPU = torch.device("cpu")


def make(channels, stages):
    torch.manual_seed(3)
    return AutoencoderTiny(
        encoder_block_out_channels=(8,) * stages,
        decoder_block_out_channels=(8,) * stages,
        num_encoder_blocks=(1,) * stages,
        num_decoder_blocks=(*((2,) * (stages - 1)), 1),
        latent_channels=channels,
    ).eval()


def as_author(network):
    """The decoder alone, its layers counted from the clamp on."""
    names = ((name.split(".", 2), value) for name, value in network.decoder.state_dict().items())
    return {f"{int(parts[1]) + 1}.{parts[2]}": value.clone() for parts, value in names}


def bare(folder):
    """The bundled model without its decoder for previews."""
    shutil.copytree(default_folders()[0], folder, ignore=shutil.ignore_patterns("preview"))


def as_diffusers(network):
    return {name: value.clone() for name, value in network.state_dict().items()}


@pytest.mark.parametrize("layout", [as_author, as_diffusers])
@pytest.mark.parametrize(("channels", "stages"), [(4, 4), (4, 3)])
def test_it_decodes_as_diffusers_does(tmp_path, layout, channels, stages):
    network, path = make(channels, stages), tmp_path / "taesd.safetensors"
    save_file(layout(network), path)
    latent = torch.randn((2, channels, 8, 6), generator=torch.Generator().manual_seed(1))
    factor = 2 ** (stages - 1)
    picture = load_quick(path, channels, factor, CPU, torch.float32).decode(latent)
    with torch.no_grad():
        theirs = network.decode(latent[:1]).sample[0].clamp(-1, 1).permute(1, 2, 0) * 127.5 + 127.5
    assert picture.shape == (8 * factor, 6 * factor, 3)
    assert abs(picture - theirs.numpy()).max() <= 0.51
    large = load_quick(path, channels, factor, CPU, torch.float32).decode(torch.zeros((1, channels, 40, 160)))
    assert max(large.shape) == min(LARGEST, 160 * factor)


@pytest.mark.parametrize("wrong", [(8, 8), (4, 4)])
def test_one_for_other_latents_is_refused(tmp_path, wrong):
    save_file(as_author(make(4, 4)), tmp_path / "taesd.safetensors")
    with pytest.raises(ValueError, match="no decoder for"):
        load_quick(tmp_path / "taesd.safetensors", *wrong, CPU, torch.float32)


def test_one_whose_shapes_make_no_sense_is_refused(tmp_path):
    tensors = as_author(make(4, 4))
    save_file({name: tensor.flatten() for name, tensor in tensors.items()}, tmp_path / "taesd.safetensors")
    with pytest.raises(ValueError, match="no sense"):
        load_quick(tmp_path / "taesd.safetensors", 4, 8, CPU, torch.float32)


def test_the_library_takes_one_beside_the_model_and_lets_it_go_again(tmp_path):
    bare(tmp_path / "mine")
    library = ModelLibrary((tmp_path,))

    def preview():
        model = library.load("mine", "cpu", "float32", lambda: None)
        latent = torch.zeros((1, model.info.latent_channels, 16, 16))
        return model.preview(latent).shape[:2], model.info

    plain, info = preview()
    assert plain == (16, 16)
    path = tmp_path / "mine.preview.safetensors"
    save_file(as_author(make(info.latent_channels, info.factor.bit_length())), path)
    library.rescan()
    assert preview()[0] == (16 * info.factor, 16 * info.factor)
    assert all(not entry.fault for entry in library.entries)
    path.rename(tmp_path / "other.safetensors")
    library.rescan()
    assert preview()[0] == (16, 16), "one for nobody in particular is not for a model of no family"


def test_a_model_may_bring_its_own_in_its_folder(tmp_path):
    bare(tmp_path / "mine")
    (tmp_path / "mine" / QUICK_FILE).parent.mkdir()
    save_file(as_author(make(4, 3)), tmp_path / "mine" / QUICK_FILE)
    library = ModelLibrary((tmp_path,))
    assert [entry.kind for entry in library.entries] == ["checkpoint"], "it is a part of the model, and no entry"
    model = library.load("mine", "cpu", "float32", lambda: None)
    assert model.preview(torch.zeros((1, 4, 16, 16))).shape == (64, 64, 3)


def test_one_that_does_not_fit_is_told_in_the_log_and_passed_over(tmp_path, caplog):
    bare(tmp_path / "mine")
    save_file(as_author(make(7, 2)), tmp_path / "mine.preview.safetensors")
    model = ModelLibrary((tmp_path,)).load("mine", "cpu", "float32", lambda: None)
    assert model.preview(torch.zeros((1, model.info.latent_channels, 16, 16))).shape == (16, 16, 3)
    assert "mine.preview.safetensors makes no previews" in caplog.text
