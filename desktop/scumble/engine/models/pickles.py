"""Reading the weights in a pickle file as data: its opcodes are walked through, and nothing that it names is called.

A file of torch holds a pickle of plain containers and of tensors, whose values lie beside it. Only what those consist
of is understood; anything else becomes an inert placeholder, and a name that could only do harm ends the reading.
Source of the layouts: torch.serialization (a zip file with `data.pkl`, and the older row of pickles), and the opcodes
in the standard library's pickletools.
"""

from __future__ import annotations

import io
import pickletools
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from scumble.engine.models.wrappers import WRAPPERS

MAX_PICKLE: Final = 64 * 2**20
"""Bytes of a pickle without the values of its tensors."""

MAX_OPCODES: Final = 10_000_000

MAX_LEVELS: Final = 16
"""Containers within each other that weights are looked for in."""

MAGIC: Final = 0x1950A86A20F9469CFC6C
"""The number in the first pickle of an older file."""

KINDS: Final = {
    "FloatStorage": ("F32", 4),
    "HalfStorage": ("F16", 2),
    "BFloat16Storage": ("BF16", 2),
    "DoubleStorage": ("F64", 8),
    "LongStorage": ("I64", 8),
    "IntStorage": ("I32", 4),
    "ShortStorage": ("I16", 2),
    "CharStorage": ("I8", 1),
    "ByteStorage": ("U8", 1),
    "BoolStorage": ("BOOL", 1),
}
"""What a storage's class means: the type as safetensors has it, and its bytes."""

HARMFUL: Final = frozenset(
    [
        "os",
        "posix",
        "nt",
        "posixpath",
        "subprocess",
        "sys",
        "runpy",
        "socket",
        "shutil",
        "importlib",
        "pty",
        "ctypes",
        "urllib",
        "http",
        "requests",
        "webbrowser",
        "pip",
        "code",
        "commands",
        "asyncio",
        "multiprocessing",
        "threading",
        "operator",
        "functools",
        "types",
        "marshal",
        "pickle",
        "pickletools",
        "cProfile",
        "profile",
        "timeit",
        "pdb",
        "bdb",
        "doctest",
        "idlelib",
        "lib2to3",
        "distutils",
        "ensurepip",
        "tempfile",
        "pathlib",
        "io",
    ]
)
"""Modules that weights have no use for."""

HARMFUL_BUILTINS: Final = frozenset(
    ["eval", "exec", "compile", "open", "getattr", "setattr", "__import__", "apply", "breakpoint", "input"]
)


_DAMAGED = (
    *(ValueError, struct.error, EOFError, LookupError, TypeError, OverflowError, AttributeError),
    *(zlib.error, RuntimeError, zipfile.BadZipFile, NotImplementedError),  # RuntimeError: one that says it is encrypted
)


class Refused(ValueError):
    """The file is not read on, for a plain reason."""


@dataclass(frozen=True, slots=True)
class Name:
    """A class or function that the file names. It is not looked for."""

    text: str


@dataclass(frozen=True, slots=True)
class Storage:
    """Where values lie: under a key, of a type as safetensors has it."""

    key: str
    kind: str
    width: int


@dataclass(frozen=True, slots=True)
class PickledTensor:
    """A view of a storage: the offset and the strides count values."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


class Inert:
    """What stands for an object of a kind that is not known."""


@dataclass(frozen=True, slots=True)
class Archive:
    """What a file holds, and for each storage where its bytes begin in the file, and how many there are."""

    content: Any
    places: dict[str, tuple[int, int]]


def read_archive(file: BinaryIO) -> Archive:
    """Reads a file of torch, without the values. Raises `Refused`."""
    try:
        if zipfile.is_zipfile(file):
            return _zipped(file)
        file.seek(0)
        return _row(file)
    except Refused:
        raise
    except _DAMAGED as error:
        raise Refused("it is damaged or no file of torch") from error


def _zipped(file: BinaryIO) -> Archive:
    with zipfile.ZipFile(file) as archive:
        members = {info.filename: info for info in archive.infolist()}
        main = next((name for name in members if name.endswith("data.pkl")), None)
        if main is None or members[main].file_size > MAX_PICKLE:
            raise Refused("it is damaged or no file of torch")
        if members[main].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused("it is compressed, which torch never does")
        order = members.get(main.removesuffix("data.pkl") + "byteorder")
        if order is not None and order.file_size < 16 and archive.read(order) != b"little":
            raise Refused("it was written on a machine with another order of bytes")
        content = walk(io.BytesIO(archive.read(main)))
    folder = main.removesuffix("data.pkl") + "data/"
    places = {}
    for name, info in members.items():
        if name.startswith(folder):
            if info.compress_type != zipfile.ZIP_STORED:
                raise Refused("its weights are compressed, which torch never does")
            file.seek(info.header_offset + 26)  # the lengths of the name and of what follows it
            first, second = struct.unpack("<HH", file.read(4))
            places[name.removeprefix(folder)] = (info.header_offset + 30 + first + second, info.file_size)
    return Archive(content, places)


def _row(file: BinaryIO) -> Archive:
    """The older layout: a number, a version, facts of the machine, the content, the keys, then all values in order."""
    if walk(file) != MAGIC:
        raise Refused("it is damaged or no file of torch")
    walk(file)
    facts = walk(file)
    if not isinstance(facts, dict) or facts.get("little_endian") is not True:
        raise Refused("it was written on a machine with another order of bytes")
    widths: dict[str, int] = {}
    content = walk(file, widths)
    places = {}
    for key in walk(file):
        (count,) = struct.unpack("<q", file.read(8))
        size = count * widths[key]
        places[key] = (file.tell(), size)
        file.seek(size, io.SEEK_CUR)
    return Archive(content, places)


def walk(file: BinaryIO, widths: dict[str, int] | None = None) -> Any:
    """The value of the pickle at the file's position. `widths` takes the bytes of a value for each storage's key.

    Raises `Refused` for what is no data; a damaged file makes it raise many things.
    """
    return _Walk(widths if widths is not None else {}).run(pickletools.genops(file))


class _Walk:
    """A stack of plain values, as the opcodes want it."""

    def __init__(self, widths: dict[str, int]) -> None:
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}
        self._widths = widths

    def run(self, opcodes: Iterator[tuple[pickletools.OpcodeInfo, Any, int | None]]) -> Any:
        for count, (opcode, given, _place) in enumerate(opcodes):
            if count > MAX_OPCODES:
                raise Refused("it is larger than any model")
            if opcode.name == "STOP":
                return self._stack.pop()
            self._do(opcode.name, given)
        raise EOFError

    def _do(self, name: str, given: Any) -> None:
        if name in _VALUES:
            self._stack.append(given)
        elif name in _FIXED:
            self._stack.append(_FIXED[name]())
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            self._memo[int(given)] = self._stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            self._stack.append(self._memo[int(given)])
        elif name == "MEMOIZE":
            self._memo[len(self._memo)] = self._stack[-1]
        elif name == "MARK":
            self._marks.append(len(self._stack))
        elif name == "GLOBAL":
            self._stack.append(_named(str(given)))
        elif name not in ("PROTO", "FRAME"):
            step = _STEPS.get(name)
            if step is None:
                raise Refused(f"it uses {name}, which no model needs")
            step(self)

    def _items(self) -> list[Any]:
        """What lies above the last mark."""
        start = self._marks.pop()
        items = self._stack[start:]
        del self._stack[start:]
        return items

    def _tuple(self, count: int) -> None:
        items = tuple(self._stack[len(self._stack) - count :])
        del self._stack[len(self._stack) - count :]
        self._stack.append(items)

    def _append(self, items: list[Any]) -> None:
        if isinstance(self._stack[-1], list):
            self._stack[-1].extend(items)

    def _set(self, items: list[Any]) -> None:
        if isinstance(self._stack[-1], dict):
            for key, value in zip(items[::2], items[1::2], strict=True):
                if isinstance(key, str | int | float | bytes):  # no weights lie below other keys
                    self._stack[-1][key] = value

    def _dict(self) -> None:
        items = self._items()
        self._stack.append({})
        self._set(items)

    def _pair(self) -> list[Any]:
        value, key = self._stack.pop(), self._stack.pop()
        return [key, value]

    def _global(self) -> None:
        module, name = self._pair()
        self._stack.append(_named(f"{module} {name}"))

    def _reduce(self) -> None:
        given, called = self._stack.pop(), self._stack.pop()
        self._stack.append(_made(called, given))

    def _persistent(self) -> None:
        said = self._stack.pop()
        if not isinstance(said, tuple) or len(said) < 5 or said[0] != "storage" or not isinstance(said[1], Name):
            raise Refused("it refers to something that is no tensor")
        kind = KINDS.get(said[1].text.rpartition(".")[2])
        if kind is None:
            raise Refused(f"it holds values of the type {said[1].text}, which cannot be read")
        self._widths[str(said[2])] = kind[1]
        self._stack.append(Storage(str(said[2]), *kind))

    def _drop(self, count: int, put: Callable[[], Any] | None = None) -> None:
        """Takes values off, and puts something that is inert in their place."""
        del self._stack[len(self._stack) - count :]
        if put is not None:
            self._stack.append(put())

    def _cut(self, put: Callable[[], Any] | None = None) -> None:
        """The same with all above the last mark."""
        self._items()
        self._drop(0, put)


def _named(text: str) -> Name:
    module, _, name = text.partition(" ")
    top = module.partition(".")[0]
    if top in HARMFUL or (top in ("builtins", "__builtin__") and name in HARMFUL_BUILTINS):
        raise Refused(f"it names “{module}.{name}”, which weights have no use for: the file may be poisoned")
    return Name(f"{module}.{name}")


def _made(called: Any, given: Any) -> Any:
    """What calling would have made, of the few functions that make tensors and containers; nothing is called."""
    name = called.text if isinstance(called, Name) else ""
    if name == "collections.OrderedDict":
        return dict(given[0]) if given and isinstance(given[0], dict) else {}
    if name in ("torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor"):
        storage, offset, shape, stride = given[:4]
        numbers = (offset, *shape, *stride)
        if not isinstance(storage, Storage) or not all(type(number) is int and number >= 0 for number in numbers):
            raise Refused("a tensor in it makes no sense")
        return PickledTensor(storage, offset, tuple(shape), tuple(stride))
    if name in ("torch._utils._rebuild_parameter", "torch._tensor._rebuild_from_type_v2"):
        return given[0] if name.endswith("parameter") else _made(given[0], given[2])
    return Inert()


_VALUES: Final = frozenset(
    [
        "INT",
        "BININT",
        "BININT1",
        "BININT2",
        "LONG",
        "LONG1",
        "LONG4",
        "FLOAT",
        "BINFLOAT",
        "STRING",
        "BINSTRING",
        "SHORT_BINSTRING",
        "UNICODE",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE8",
        "BINBYTES",
        "SHORT_BINBYTES",
        "BINBYTES8",
    ]
)

_FIXED: Final[dict[str, Callable[[], Any]]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": Inert,
}

_STEPS: Final[dict[str, Callable[[_Walk], None]]] = {
    "TUPLE": lambda walk: walk._stack.append(tuple(walk._items())),
    "TUPLE1": lambda walk: walk._tuple(1),
    "TUPLE2": lambda walk: walk._tuple(2),
    "TUPLE3": lambda walk: walk._tuple(3),
    "LIST": lambda walk: walk._stack.append(walk._items()),
    "DICT": _Walk._dict,
    "APPEND": lambda walk: walk._append([walk._stack.pop()]),
    "APPENDS": lambda walk: walk._append(walk._items()),
    "SETITEM": lambda walk: walk._set(walk._pair()),
    "SETITEMS": lambda walk: walk._set(walk._items()),
    "ADDITEMS": lambda walk: walk._cut(),
    "FROZENSET": lambda walk: walk._cut(Inert),
    "STACK_GLOBAL": _Walk._global,
    "REDUCE": _Walk._reduce,
    "NEWOBJ": _Walk._reduce,
    "NEWOBJ_EX": lambda walk: walk._drop(3, Inert),
    "BUILD": lambda walk: walk._drop(1),
    "BINPERSID": _Walk._persistent,
    "POP": lambda walk: walk._drop(1),
    "POP_MARK": lambda walk: walk._cut(),
    "DUP": lambda walk: walk._stack.append(walk._stack[-1]),
}


def tensors_of(content: Any) -> dict[str, PickledTensor]:
    """The tensors in what a file holds, by the names that a safetensors file would have.

    They may lie below `WRAPPERS`, that of learnt words below `string_to_param`. A container may hold itself. Raises
    `Refused` where there are none.
    """
    tensors = _tensors_below(content, set(), MAX_LEVELS)
    if not tensors:
        raise Refused("it holds no weights")
    return tensors


def _tensors_below(content: Any, seen: set[int], levels: int) -> dict[str, PickledTensor]:
    if not isinstance(content, dict) or id(content) in seen or not levels:
        return {}
    seen.add(id(content))
    learnt = content.get("string_to_param")
    if isinstance(learnt, dict):
        found = [value for value in learnt.values() if isinstance(value, PickledTensor)]
        return {"emb_params": found[0]} if found else {}
    for wrapper in WRAPPERS:
        if inner := _tensors_below(content.get(wrapper), seen, levels - 1):
            return inner
    return {key: value for key, value in content.items() if isinstance(key, str) and isinstance(value, PickledTensor)}


def open_archive(path: Path) -> Archive:
    """`read_archive` of a file."""
    with path.open("rb") as file:
        return read_archive(file)
