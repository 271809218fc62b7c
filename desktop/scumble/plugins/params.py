"""The values of a tool's parameters: filled in, converted, checked."""

from __future__ import annotations

import contextlib
import math
import re
import secrets
from collections.abc import Mapping
from typing import Final

from scumble.api import (
    Param,
    ParamValue,
    ScumbleError,
    Tool,
    curve_text,
    levels_text,
    parse_curve,
    parse_levels,
)

RANDOM_SEED: Final = -1
"""The seed that asks for a new one."""

MAX_SEED: Final = 2**32 - 1
"""The largest seed, where a manifest names none."""

SIZE_STEP: Final = 8
"""A size in pixels is a multiple of this: the autoencoders work on such cells."""

_SIZE_RANGE: Final = (SIZE_STEP, 32768)
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_WORDS: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def resolve_params(tool: Tool, given: Mapping[str, ParamValue]) -> dict[str, ParamValue]:
    """A value for every parameter of a tool, in the manifest's order.

    What is not given gets its default; text is converted to the type of the parameter; a seed of -1 becomes a random
    one of 31 bits. Raises `ScumbleError`: `param-unknown` or `param-invalid`.
    """
    for name in given:
        if name not in tool.params:
            raise ScumbleError("param-unknown", tool=tool.title, name=name)
    values = {name: check_value(param, given.get(name, param.default)) for name, param in tool.params.items()}
    for name, param in tool.params.items():
        if param.type == "seed" and values[name] == RANDOM_SEED:
            values[name] = secrets.randbits(31)
    return values


def check_value(param: Param, value: ParamValue) -> ParamValue:
    """The value in the parameter's own type. Raises `ScumbleError` (`param-invalid`) when it is not a possible one."""
    converted = _convert(param, value)
    if converted is None or not _allowed(param, converted):
        shown = "empty" if value == "" else value
        raise ScumbleError("param-invalid", name=param.title, value=shown, expected=expected(param))
    return converted


def expected(param: Param) -> str:
    """What a parameter takes, in words that follow “must be”, such as “a number from 0 to 1”."""
    match param.type:
        case "boolean":
            return "true or false"
        case "enum":
            return f"one of {', '.join(param.choices)}"
        case "text" | "prompt":
            return "text"
        case "file":
            return "the name of a file on this machine"
        case "colour":
            return "a colour such as #808080"
        case "curve":
            return "points “x,y” from 0 to 1, each further right, such as “0,0 0.5,0.6 1,1”"
        case "levels":
            return "black, gamma, white and the darkest and lightest that come out, such as “0 1 1 0 1”"
        case "seed":
            low, high = bounds(param)
            low = max(low, 0)
            return f"a whole number from {_plain(low)} to {_plain(high)}, or -1 for a new one"
        case _:
            kind = {"number": "a number", "integer": "a whole number", "size": f"a multiple of {SIZE_STEP}"}
            return kind[param.type] + _range_words(*bounds(param))


def bounds(param: Param) -> tuple[float, float]:
    """The least and the greatest value of a numeric parameter; infinite where there is no limit."""
    low, high = -math.inf, math.inf
    if param.type == "seed":
        low, high = 0, MAX_SEED
    elif param.type == "size":
        low, high = _SIZE_RANGE
    return (low if param.minimum is None else param.minimum, high if param.maximum is None else param.maximum)


def _convert(param: Param, value: ParamValue) -> ParamValue | None:
    match param.type:
        case "text" | "prompt" | "enum" | "file":
            return value if isinstance(value, str) else None
        case "colour":
            text = str(value).strip().lower()
            return text if _COLOUR.fullmatch(text) else None
        case "curve" | "levels":
            return _tones(param, value)
        case "boolean":
            return value if isinstance(value, bool) else _WORDS.get(str(value).strip().lower())
        case "number":
            return _number(value)
        case _:
            return _integer(value)


def _tones(param: Param, value: ParamValue) -> ParamValue | None:
    """A curve or levels in the one way to write them."""
    with contextlib.suppress(ValueError):
        text = str(value)
        return curve_text(parse_curve(text)) if param.type == "curve" else levels_text(parse_levels(text))
    return None


def _number(value: ParamValue) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _integer(value: ParamValue) -> int | None:
    if isinstance(value, str):
        with contextlib.suppress(ValueError):  # "2.0" is a whole number too
            return int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    number = _number(value)
    return int(number) if number is not None and number.is_integer() else None


def _allowed(param: Param, value: ParamValue) -> bool:
    if isinstance(value, str):
        return param.type != "enum" or value in param.choices
    if isinstance(value, bool):
        return True
    if param.type == "seed" and value == RANDOM_SEED:
        return True
    low, high = bounds(param)
    return low <= value <= high and (param.type != "size" or value % SIZE_STEP == 0)


def _range_words(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return ""
    if math.isinf(low):
        return f" of at most {_plain(high)}"
    if math.isinf(high):
        return f" of at least {_plain(low)}"
    return f" from {_plain(low)} to {_plain(high)}"


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else f"{number:g}"
