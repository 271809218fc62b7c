"""Every error that is named anywhere has a sentence, and is given what its sentence speaks of."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

from scumble.api import MESSAGES

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("desktop", "plugins", "tests/community_plugin")
ANY = frozenset({"**"})


def calls() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Where each error is made, its code, and the names of its parameters (`ANY` where they are not written out)."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and node.args:
                    yield from made_by(node, f"{path.relative_to(ROOT)}:{node.lineno}")


def made_by(call: ast.Call, where: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    name = ast.unparse(call.func)
    for code in codes(call.args[0]):
        if name.endswith("ScumbleError") or name == "Note.of":
            given = frozenset(word.arg or "**" for word in call.keywords)
            yield where, code, ANY if "**" in given else given - {"details"}
        elif name in ("Failure", "error_text", "sentence") and len(call.args) > 1:
            yield where, code, parameters(call.args[1])


def codes(node: ast.expr) -> tuple[str, ...]:
    """A code that is written out, or both of a choice between two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if isinstance(node, ast.IfExp):
        return (*codes(node.body), *codes(node.orelse))
    return ()


def parameters(node: ast.expr) -> frozenset[str]:
    if isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
        return frozenset(str(key.value) for key in node.keys if isinstance(key, ast.Constant))
    return ANY


def fields(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


def test_every_code_has_a_sentence() -> None:
    missing = [f"{where}: {code}" for where, code, _ in calls() if code not in MESSAGES]
    assert not missing


def test_every_sentence_gets_what_it_speaks_of() -> None:
    found = list(calls())
    assert len(found) > 60
    lacking = [
        f"{where}: {code} lacks {', '.join(sorted(fields(MESSAGES[code]) - given))}"
        for where, code, given in found
        if code in MESSAGES and given != ANY and not fields(MESSAGES[code]) <= given
    ]
    assert not lacking


def test_every_sentence_is_needed() -> None:
    """A code is written out somewhere besides the table."""
    table = ROOT / "desktop/scumble/api/errors.py"
    used = {
        node.value
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if path != table
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(MESSAGES) - used - {"cancelled"} == set()
