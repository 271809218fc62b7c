from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.api import ScumbleError
from scumble.plugins import read_manifest
from scumble.plugins.manifest import MAX_BYTES, parse_manifest

HEAD = """\
manifest = 1
[plugin]
id = "org.example.glow"
title = "Glow"
runtime = "scumble_glow.runtime"
"""
TOOL = '[[tools]]\nid = "glow"\ntitle = "Glow"\n'


def parse(text: str):
    return parse_manifest(text.encode(), "scumble_glow")


def param(lines: str) -> str:
    return HEAD + TOOL + f"[tools.params.x]\n{lines}\n"


def test_a_good_manifest_is_read_from_its_file(tmp_path: Path):
    (tmp_path / "scumble.toml").write_text(HEAD + TOOL)
    manifest = read_manifest(tmp_path / "scumble.toml", "scumble_glow")
    assert manifest.plugin.id == "org.example.glow"
    assert manifest.tools[0].id == "glow"


def test_a_package_without_a_manifest_is_told(tmp_path: Path):
    with pytest.raises(ScumbleError) as caught:
        read_manifest(tmp_path / "scumble.toml", "scumble_glow")
    assert str(caught.value) == (
        "The plugin's manifest is not valid: the package “scumble_glow” holds no scumble.toml."
    )


def test_a_folder_in_place_of_a_manifest_is_told(tmp_path: Path):
    (tmp_path / "scumble.toml").mkdir()
    with pytest.raises(ScumbleError, match="cannot be read"):
        read_manifest(tmp_path / "scumble.toml", "scumble_glow")


def test_a_huge_manifest_is_not_decoded():
    with pytest.raises(ScumbleError, match="longer than 256 KiB"):
        parse_manifest(b"#" * (MAX_BYTES + 1), "scumble_glow")


ADJUST = TOOL + 'result = "adjustment"\nmodel = false\ninputs = [{name="a",kind="layer"}]\n'


def reaching(lines: str) -> str:
    return HEAD + ADJUST + f'[tools.params.x]\ntitle="X"\n{lines}\n'


BAD = [
    ("manifest = ", "scumble.toml: "),
    (HEAD.replace("manifest = 1", "manifest = 2"), "scumble.toml: "),
    (HEAD + 'colour = "red"\n', "unknown field `colour`"),
    (HEAD.replace("org.example.glow", "Glow"), "“Glow” is not an id of the form org.example.name, in small letters"),
    (HEAD.replace("org.example.glow", "org.exa/mple"), "is not an id of the form"),
    (HEAD.replace('"Glow"', '" "'), "the plugin has no title"),
    (HEAD.replace("scumble_glow.", "os."), "the runtime “os.runtime” lies outside the plugin's own package"),
    (HEAD.replace("scumble_glow.", "scumble_glow2."), "lies outside the plugin's own package “scumble_glow”"),
    (HEAD.replace("glow.runtime", "glow..runtime"), "lies outside the plugin's own package “scumble_glow”"),
    (
        HEAD + 'requires-api = ">=2"\n',
        "it needs version >=2 of the plugin interface, but this Scumble has 1.0",
    ),
    (HEAD + 'requires-api = "two"\n', "requires-api “two” is not a version range"),
    (HEAD + '[permissions.telepathy]\nreason = "x"\n', "there is no permission “telepathy”; the permissions are"),
    (HEAD + TOOL + TOOL, "two tools have the id “glow”"),
    (HEAD + TOOL.replace('"glow"', '"../glow"'), "an id has small letters, digits and hyphens only"),
    (HEAD + TOOL.replace('"Glow"', '""'), "tool “glow”: it has no title"),
    (HEAD + TOOL + 'result = "masked-layer"\n', "has no input of kind selection"),
    (
        HEAD + TOOL + 'inputs = [{name="a_b",kind="canvas"},{name="a-b",kind="layer"}]\n',
        "two inputs are called “a-b”",
    ),
    (HEAD + TOOL + 'inputs = [{name="A B",kind="canvas"}]\n', "“A B” is not a name in small letters"),
    (HEAD + TOOL + 'inputs = [{name="image",kind="sound"}]\n', "Invalid enum value 'sound'"),
    (
        HEAD
        + TOOL
        + 'inputs = [{name="x",kind="canvas"}]\n'
        + '[tools.params.x]\ntype="text"\ntitle="X"\ndefault=""\n',
        "the name “x” is taken; choose another for the parameter",
    ),
    (HEAD + TOOL + '[tools.params.out]\ntype="text"\ntitle="X"\ndefault=""\n', "the name “out” is taken"),
    (param('type="text"\ntitle=""\ndefault=""'), "parameter “x”: it has no title"),
    (param('type="number"\ntitle="X"\ndefault="1"'), "the default '1' is not of type number"),
    (param('type="boolean"\ntitle="X"\ndefault=1'), "the default 1 is not of type boolean"),
    (param('type="integer"\ntitle="X"\ndefault=true'), "the default True is not of type integer"),
    (param('type="integer"\ntitle="X"\ndefault=1.5'), "“X” is 1.5, but must be a whole number."),
    (param('type="number"\ntitle="X"\ndefault=2\nmaximum=1'), "“X” is 2, but must be a number of at most 1."),
    (param('type="number"\ntitle="X"\ndefault=2\nmaximum=1\nminimum=3'), "the minimum is above the maximum"),
    (param('type="number"\ntitle="X"\ndefault=2\nstep=0'), "a step is above 0"),
    (param('type="number"\ntitle="X"\ndefault=2\nmaximum=inf'), "minimum, maximum and step are plain numbers"),
    (param('type="number"\ntitle="X"\ndefault=nan'), "the default does not fit"),
    (param('type="size"\ntitle="X"\ndefault=100'), "“X” is 100, but must be a multiple of 8 from 8 to 32768."),
    (param('type="enum"\ntitle="X"\ndefault="a"'), "an enum needs choices, each once"),
    (param('type="enum"\ntitle="X"\ndefault="a"\nchoices=["a","a"]'), "an enum needs choices, each once"),
    (param('type="enum"\ntitle="X"\ndefault="c"\nchoices=["a","b"]'), "“X” is c, but must be one of a, b."),
    (param('type="text"\ntitle="X"\ndefault=""\nchoices=["a"]'), "only an enum has choices"),
    (param('type="colour"\ntitle="X"\ndefault="red"'), "“X” is red, but must be a colour such as #808080."),
    (param('type="enum"\ntitle="X"\ndefault="a"\nchoices=["a"]\nui="mode"'), "whose choices are among auto, fill"),
    (param('type="text"\ntitle="X"\ndefault="a"\nui="under"'), "whose choices are among auto, original"),
    (
        param('type="file"\ntitle="X"\ndefault=""'),
        "a file, and nothing else, has a kind",
    ),
    (
        param('type="text"\ntitle="X"\ndefault=""\nkind="upscaler"'),
        "a file, and nothing else, has a kind",
    ),
    (
        param('type="enum"\ntitle="X"\ndefault="a"\nchoices=["a","b"]\nlabels=["A"]'),
        "there must be as many labels as choices",
    ),
    (param('type="text"\ntitle="X"\ndefault=""\nmaximum=1'), "only numbers have a minimum, a maximum or a step"),
    (param('type="curve"\ntitle="X"\ndefault="0,0"'), "each further right"),
    (param('type="levels"\ntitle="X"\ndefault=1.0'), "the default 1.0 is not of type levels"),
    (HEAD + TOOL + "light = true\n", "a light tool needs no model"),
    (HEAD + TOOL + 'menu = "colour"\n', "only an adjustment has alpha, menu, shortcut or reach"),
    (HEAD + TOOL + 'menu = "file"\n', "Invalid enum value 'file'"),
    (param('type="number"\ntitle="X"\ndefault=0\nreach=1'), "only an adjustment has alpha, menu, shortcut or reach"),
    (HEAD + ADJUST.replace("model = false", ""), "an adjustment needs no model"),
    (HEAD + ADJUST.replace('kind="layer"', 'kind="canvas"'), "an adjustment has one input, of kind layer"),
    (HEAD + ADJUST.replace('kind="layer"', 'kind="layer",optional=true'), "an adjustment has one input, of kind layer"),
    (HEAD + ADJUST + '[tools.params.x]\ntitle="X"\ntype="seed"\ndefault=1', "no prompt, seed or size"),
    (reaching('type="number"\ndefault=1\nminimum=0\nreach=1'), "a reach is at least 0, of a number from 0 on"),
    (reaching('type="number"\ndefault=1\nminimum=-1\nmaximum=3\nreach=1'), "a reach is at least 0"),
    (reaching('type="number"\ndefault=1\nminimum=0\nmaximum=3000\nreach=1'), "at most 2048 pixels"),
    (reaching('type="boolean"\ndefault=true\nreach=1'), "a reach is at least 0"),
]


@pytest.mark.parametrize(("text", "reason"), BAD, ids=[reason[:40] for _, reason in BAD])
def test_a_broken_manifest_is_refused_with_its_reason(text: str, reason: str):
    with pytest.raises(ScumbleError) as caught:
        parse(text)
    assert caught.value.code == "manifest-invalid"
    assert reason in str(caught.value)


def test_a_seed_may_ask_for_a_new_one_by_default():
    assert parse(param('type="seed"\ntitle="Seed"\ndefault=-1')).tools[0].params["x"].default == -1


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes):
    with pytest.raises(ScumbleError):
        parse_manifest(raw, "scumble_glow")


@given(st.text(max_size=60))
def test_any_line_in_a_good_manifest_is_read_or_refused(line: str):
    try:
        outcome = len(parse(HEAD + TOOL + line).tools)
    except ScumbleError as error:
        outcome = error.code
    assert outcome in {1, "manifest-invalid"}
