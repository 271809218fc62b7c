"""Frames on a pipe: a prefix of 16 bytes, a msgpack header, and the raw bytes of its blobs.

The prefix holds a magic number, the length of the header and the length of all blobs together, little-endian. The
header is the pair of the message and its blobs' types and shapes. Whatever comes from the other side is checked before
memory is taken for it: each length has a cap, and the blobs must add up to what the prefix says.
"""

from __future__ import annotations

import math
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, Literal, Protocol, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from scumble.protocol.messages import MAX_BLOBS, Message

MAX_HEADER: Final = 1 << 20
"""The longest header, in bytes."""

MAX_PAYLOAD: Final = 2 << 30
"""The most bytes that all blobs of a frame may have."""

MAGIC: Final = b"SCMB"
_PREFIX: Final = struct.Struct("<4sIQ")

_DTYPES: Final[dict[str, np.dtype[Any]]] = {"uint8": np.dtype(np.uint8), "uint16": np.dtype("<u2")}
"""The types of samples, as they lie in a frame."""

Array = NDArray[np.uint8]
"""A picture or a mask; in an adjustment of a document with 16 bits it holds uint16, which nothing here minds."""
MessageT = TypeVar("MessageT")


class ProtocolError(Exception):
    """The other side sent what is no frame, or it was asked to send what does not fit into one."""


class Stream(Protocol):
    """The part of a raw binary file that frames need. Both methods may do less than they were asked to."""

    def readinto(self, buffer: Any, /) -> int | None:
        """Fills the buffer from its start; 0 means the end."""
        ...

    def write(self, data: Any, /) -> int | None:
        """Writes from the start of `data`; returns how many bytes."""
        ...


class Blob(msgspec.Struct, frozen=True, array_like=True):
    """The type and shape of an array whose bytes, C-contiguous, follow the header."""

    dtype: Literal["uint8", "uint16"]
    shape: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1, le=1 << 24)], ...], msgspec.Meta(min_length=1, max_length=4)
    ]

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return math.prod(self.shape) * _DTYPES[self.dtype].itemsize


class _Head(msgspec.Struct, Generic[MessageT], frozen=True, array_like=True):
    message: MessageT
    blobs: Annotated[tuple[Blob, ...], msgspec.Meta(max_length=MAX_BLOBS)]


@dataclass(frozen=True, slots=True, eq=False)
class Frame(Generic[MessageT]):
    """A message and its blobs."""

    message: MessageT
    blobs: tuple[Array, ...] = ()

    def blob(self, index: int) -> Array:
        """The array that the message names; raises `ProtocolError` where there is none."""
        if not 0 <= index < len(self.blobs):
            raise ProtocolError(f"the message names blob {index} of {len(self.blobs)}")
        return self.blobs[index]


class FrameReader(Generic[MessageT]):
    """Reads frames whose messages are of one union, such as `ToEngine`. For one thread."""

    def __init__(self, stream: Stream, union: Any) -> None:
        self._stream = stream
        self._decoder: msgspec.msgpack.Decoder[_Head[MessageT]] = msgspec.msgpack.Decoder(_Head[union])

    def read(self) -> Frame[MessageT] | None:
        """The next frame; None at the end of the stream. Blocks. Raises `ProtocolError`."""
        prefix = bytearray(_PREFIX.size)
        got = self._fill(memoryview(prefix))
        if got == 0:
            return None
        if got < len(prefix):
            raise ProtocolError("the stream ended inside a prefix")
        magic, header_size, payload_size = _PREFIX.unpack(prefix)
        if magic != MAGIC or header_size > MAX_HEADER or payload_size > MAX_PAYLOAD:
            raise ProtocolError(f"no frame begins with {bytes(prefix)!r}")
        head = self._head(header_size)
        if sum(blob.size for blob in head.blobs) != payload_size:
            raise ProtocolError("the blobs do not add up")
        return Frame(head.message, tuple(self._array(blob) for blob in head.blobs))

    def _head(self, size: int) -> _Head[MessageT]:
        header = bytearray(size)
        if self._fill(memoryview(header)) < size:
            raise ProtocolError("the stream ended inside a header")
        try:
            return self._decoder.decode(header)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise ProtocolError(f"no message: {error}") from error

    def _array(self, blob: Blob) -> Array:
        try:
            array: Array = np.empty(blob.shape, dtype=_DTYPES[blob.dtype])
        except MemoryError as error:
            raise ProtocolError(f"no memory for {blob.size} bytes") from error
        if self._fill(_bytes(array)) < blob.size:
            raise ProtocolError("the stream ended inside a blob")
        return array

    def _fill(self, view: memoryview) -> int:
        got = 0
        while got < len(view):
            count = self._stream.readinto(view[got:])
            if not count:
                break
            got += count
        return got


class FrameWriter:
    """Writes frames. Any thread may call it; frames never mix."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._encoder = msgspec.msgpack.Encoder()
        self._lock = threading.Lock()

    def write(self, message: Message, arrays: Sequence[Array] = ()) -> None:
        """Sends a message and its blobs, without a copy of those that are C-contiguous. Blocks.

        Raises `ProtocolError` if it does not fit into a frame, before anything is sent, and `OSError` if nobody reads.
        """
        solid = [np.ascontiguousarray(array) for array in arrays]
        start = self._start(message, solid)
        with self._lock:
            self._push(memoryview(start))
            for array in solid:
                self._push(_bytes(array))

    def _start(self, message: Message, arrays: Sequence[Array]) -> bytes:
        for array in arrays:
            if array.dtype not in _DTYPES.values() or not 1 <= array.ndim <= 4 or array.size == 0:
                raise ProtocolError(f"no blob can be made of {array.dtype} {array.shape}")
        if len(arrays) > MAX_BLOBS:
            raise ProtocolError(f"{len(arrays)} pictures are more than {MAX_BLOBS}")
        blobs = tuple(Blob("uint8" if array.itemsize == 1 else "uint16", array.shape) for array in arrays)
        try:
            header = self._encoder.encode(_Head(message, blobs))
        except (TypeError, OverflowError, UnicodeEncodeError) as error:
            raise ProtocolError(str(error)) from error
        payload = sum(array.nbytes for array in arrays)
        if len(header) > MAX_HEADER or payload > MAX_PAYLOAD:
            raise ProtocolError(f"{len(header)} + {payload} bytes are more than {MAX_HEADER} + {MAX_PAYLOAD}")
        return _PREFIX.pack(MAGIC, len(header), payload) + header

    def _push(self, view: memoryview) -> None:
        while view:
            view = view[self._stream.write(view) or 0 :]


def _bytes(array: Array) -> memoryview:
    """The memory of a C-contiguous array."""
    return array.reshape(-1).view(np.uint8).data
