"""A frozen job from a document: inputs at the working size, copies of their own, errors that a person understands."""

import msgspec
import numpy as np
import pytest

from scumble.api import Input, ModelInfo, Param, ScumbleError, Tool
from scumble.document import BGRA8, RGBA16, Document, Rect
from scumble.document.edits import add_group, add_layer, select
from scumble.generation import Blend, Region, prepare

FILL = Tool(
    id="fill",
    title="Fill",
    result="masked-layer",
    inputs=(Input(name="image", kind="canvas"), Input(name="mask", kind="selection")),
    params={"prompt": Param(type="prompt", title="Prompt", default="")},
)
MODEL = ModelInfo("starter", "Starter", "sd1", 128, 4, 4, sha256="abc")
REGION = Region(Rect(16, 24, 64, 64), (128, 128))


def document(pixel_format=BGRA8) -> Document:
    made = Document(200, 160, pixel_format)
    pixels = np.empty((160, 200, 4), pixel_format.dtype)
    pixels[:] = pixel_format.solid(0.8, 0.4, 0.2)
    add_layer(made, "Ground", pixels=pixels)
    select(made, Rect(30, 40, 20, 10))
    return made


def flat(made: Document, box: Rect) -> np.ndarray:
    return made.surface(made.layers[0].surface).read(box)


def job(made: Document, tool: Tool = FILL, region: Region = REGION, **more):
    flattened = more.pop("flattened", flat(made, region.box))
    return prepare("7", tool, {"prompt": "a boat"}, made, region, flattened, plugin="org.test", model=MODEL, **more)


@pytest.mark.parametrize("pixel_format", [BGRA8, RGBA16], ids=lambda value: value.name)
def test_inputs_have_the_working_size_and_are_frozen(pixel_format) -> None:
    made = document(pixel_format)
    prepared = job(made, blend=Blend(2, 6))
    image, mask = prepared.job.inputs["image"], prepared.job.inputs["mask"]
    assert image.shape == (128, 128, 3)
    assert image.dtype == mask.dtype == np.uint8
    assert image[5, 5].tolist() == [204, 102, 51]
    assert mask.shape == (128, 128)
    assert mask[2 * (45 - 24), 2 * (40 - 16)] == 255
    assert not image.flags.writeable
    assert prepared.job.size == (128, 128)
    assert prepared.job.model == "starter"
    assert prepared.model_sha256 == "abc"
    assert prepared.anchor.document == made.key
    assert prepared.anchor.above == made.active.id
    assert prepared.affected == Rect(30 - 8, 40 - 8, 20 + 16, 10 + 16)
    assert prepared.selection.shape == (64, 64)


def test_the_document_may_change_while_the_job_runs() -> None:
    made = document()
    prepared = job(made)
    before = {name: value.copy() for name, value in prepared.job.inputs.items()}
    with made.history.transaction("Paint") as edit:
        edit.put(made.active.surface, made.bounds, np.zeros((160, 200, 4), np.uint8))
    select(made, made.bounds)
    for name, value in prepared.job.inputs.items():
        assert (value == before[name]).all()


def test_what_is_transparent_is_paper_for_a_model() -> None:
    made = Document(64, 64)
    half = np.zeros((64, 64, 4), np.uint8)
    half[:, 32:] = BGRA8.solid(1.0, 0.0, 0.0, 0.5)
    add_layer(made, "Half", pixels=half)
    tool = Tool(id="look", title="Look", inputs=(Input(name="image", kind="canvas"),))
    prepared = job(made, tool, Region(made.bounds, (64, 64)))
    image = prepared.job.inputs["image"]
    assert image[10, 10].tolist() == [255, 255, 255]
    assert np.abs(image[10, 50].astype(int) - [255, 127, 127]).max() <= 1


def test_a_picture_tool_gets_its_own_size_and_the_alpha() -> None:
    made = Document(100, 60)
    add_layer(made, "Half", pixels=np.full((60, 50, 4), 255, np.uint8))
    tool = Tool(id="up", title="Enlarge", result="picture", inputs=(Input(name="image", kind="canvas"),))
    prepared = job(made, tool, Region(made.bounds, (104, 64)))
    assert prepared.job.inputs["image"].shape == (60, 100, 4)
    assert prepared.job.inputs["image"][5, 80, 3] == 0


def test_the_active_layer_is_an_input() -> None:
    made = document()
    tool = Tool(id="style", title="Restyle", inputs=(Input(name="image", kind="layer"),))
    prepared = job(made, tool, flattened=None)
    assert prepared.job.inputs["image"][0, 0].tolist() == [204, 102, 51]
    assert prepared.selection is None
    assert prepared.affected == REGION.box


def test_a_chosen_picture_is_copied_at_its_own_size() -> None:
    made = document()
    tool = Tool(id="style", title="Restyle", inputs=(Input(name="style", kind="picture", title="Style picture"),))
    style = np.full((31, 17, 3), 9, np.uint8)
    prepared = job(made, tool, pictures={"style": style})
    style[:] = 0
    assert prepared.job.inputs["style"].shape == (31, 17, 3)
    assert (prepared.job.inputs["style"] == 9).all()


def test_a_missing_picture_is_named() -> None:
    tool = Tool(id="style", title="Restyle", inputs=(Input(name="style", kind="picture", title="Style picture"),))
    with pytest.raises(ScumbleError, match="Restyle needs “Style picture”"):
        job(document(), tool)
    optional = Tool(id="s", title="S", inputs=(Input(name="style", kind="picture", optional=True),))
    assert job(document(), optional).job.inputs == {}


def test_a_group_is_no_layer_to_work_on() -> None:
    made = document()
    tool = Tool(id="style", title="Restyle", inputs=(Input(name="image", kind="layer"),))
    add_group(made, "Group")
    with pytest.raises(ScumbleError) as caught:
        job(made, tool, flattened=None)
    assert caught.value.code == "tool-needs-input"


def test_an_empty_mask_is_named() -> None:
    with pytest.raises(ScumbleError, match="nothing to fill") as caught:
        job(document(), selection=np.zeros((64, 64), np.uint8))
    assert caught.value.code == "mask-empty"


def test_a_mask_may_be_handed_in() -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[8:16, 8:16] = 255
    prepared = job(document(), selection=mask)
    assert prepared.affected == Rect(24, 32, 8, 8)


def test_the_affected_area_ends_with_the_canvas() -> None:
    made = document()
    select(made, Rect(0, 0, 10, 10))
    prepared = job(made, region=Region(Rect(0, 0, 64, 64), (64, 64)), blend=Blend(20, 0))
    assert prepared.affected == Rect(0, 0, 30, 30)


def test_a_first_pass_is_for_a_tool_that_can() -> None:
    made = document()
    large = Region(Rect(0, 0, 200, 160), (400, 320), (160, 128))
    twice = msgspec.structs.replace(FILL, two_passes=True)
    assert job(made, twice, large).job.first == (160, 128)
    assert job(made, twice, Region(large.box, large.size)).job.first == (176, 144)
    assert job(made, FILL, Region(large.box, large.size)).job.first == (0, 0)
    assert job(made, twice).job.first == (0, 0)
