"""The layer tree as XML."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.api import ScumbleError
from scumble.document import BlendMode
from scumble.files.limits import Limits
from scumble.files.stack import Node, blend_mode, composite_op, parse, serialise

HERE = Path("picture.ora")
LEGAL = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=300)


def read(text, limits=None):
    return parse(text.encode(), HERE, limits or Limits())


@given(LEGAL)
def test_any_name_comes_back(name):
    assert parse(serialise(Node("image", {"name": name})), HERE, Limits()).get("name") == name


def test_white_space_in_a_name_comes_back():
    assert parse(serialise(Node("layer", {"name": "a\tb\nc\rd"})), HERE, Limits()).get("name") == "a\tb\nc\rd"


def test_what_xml_cannot_hold_is_replaced():
    assert (
        parse(serialise(Node("layer", {"name": "a\x00\x1b\ud800b"})), HERE, Limits()).get("name")
        == "a\ufffd\ufffd\ufffdb"
    )


def test_foreign_prefixes_stay_as_they_were():
    text = '<image xmlns:mypaint="http://mypaint.org/ns"><stack><layer mypaint:strokemap="data/1.dat"/></stack></image>'
    root = read(text)
    assert root.get("xmlns:mypaint") == "http://mypaint.org/ns"
    again = parse(serialise(root), HERE, Limits())
    assert again.children[0].children[0].attributes == {"mypaint:strokemap": "data/1.dat"}


@pytest.mark.parametrize(
    "doctype",
    ['<!DOCTYPE image [<!ENTITY a "aaaa">]>', '<!DOCTYPE image SYSTEM "file:///etc/hostname">', "<!DOCTYPE image>"],
)
def test_a_document_type_is_refused(doctype):
    with pytest.raises(ScumbleError) as caught:
        read(f"{doctype}<image/>")
    assert str(caught.value) == "“picture.ora” was not opened, because its stack.xml declares a document type."


@pytest.mark.parametrize("text", ["", "<image>", "not xml", "<image></stack>", "\x00", "<image name='\ud800'/>"])
def test_what_is_not_xml_is_an_error(text):
    with pytest.raises(ScumbleError) as caught:
        parse(text.encode("utf-8", "surrogatepass"), HERE, Limits())
    assert str(caught.value) == "“picture.ora” is damaged or cut short: its stack.xml is not whole."


def test_endless_nesting_and_endless_layers_are_refused():
    with pytest.raises(ScumbleError, match="nested more than 64 deep"):
        read("<stack>" * 100_000)
    with pytest.raises(ScumbleError, match="more than 100 layers"):
        read("<image>" + "<layer/>" * 101 + "</image>", Limits(layers=100))


def test_every_mode_has_its_name_and_some_have_another():
    for mode in BlendMode:
        assert blend_mode(mode.value) is mode
        assert blend_mode(composite_op(mode)) is mode
    assert blend_mode("svg:add") is BlendMode.ADD
    assert blend_mode("krita:gamma_dark") is None


@pytest.mark.parametrize(("text", "value"), [("1.5", 1), ("-3", -3), ("nan", 7), ("inf", 7), ("1e99", 7), ("x", 7)])
def test_numbers_that_make_no_sense_are_the_default(text, value):
    assert Node("layer", {"x": text}).integer("x", 7) == value
    assert Node("layer").integer("x", 7) == 7
