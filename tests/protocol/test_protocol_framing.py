"""Frames: what goes in comes out, and nothing that comes from outside can hang or flood the reader."""

import contextlib
import io
import os
import struct
import threading
import tracemalloc

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scumble.api import ModelInfo
from scumble.protocol import (
    MAX_BLOBS,
    MAX_HEADER,
    MAX_PAYLOAD,
    CandidateBlob,
    Finished,
    Frame,
    FrameReader,
    FrameWriter,
    Hello,
    Models,
    Progress,
    ProtocolError,
    RunJob,
    ToEngine,
    ToWindow,
)


def sent(message, arrays=()):
    stream = io.BytesIO()
    FrameWriter(stream).write(message, arrays)
    return stream.getvalue()


def received(data, union=ToWindow):
    return FrameReader(io.BytesIO(data), union).read()


def framed(header: bytes, payload: int = 0, magic: bytes = b"SCMB") -> bytes:
    return struct.pack("<4sIQ", magic, len(header), payload) + header


def test_a_message_and_its_pictures_come_back_unchanged():
    rng = np.random.default_rng(1)
    pictures = [rng.integers(0, 256, shape, dtype=np.uint8) for shape in ((5, 7, 3), (4, 4), (2, 3, 4))]
    message = Finished(job="j", candidates=(CandidateBlob(0, 9), CandidateBlob(2, -1)), notes={"ä": "雪"})
    frame = received(sent(message, pictures))
    assert frame.message == message
    assert all(np.array_equal(a, b) for a, b in zip(frame.blobs, pictures, strict=True))
    assert frame.blob(0).flags.writeable


def test_a_picture_with_gaps_in_memory_is_sent_as_it_looks():
    base = np.arange(6 * 8 * 4, dtype=np.uint8).reshape(6, 8, 4)
    frame = received(sent(Progress(job="j", step=1, steps=2, preview=0), [base[::2, ::-1, :3]]))
    assert np.array_equal(frame.blob(0), base[::2, ::-1, :3])


@given(
    params=st.dictionaries(
        st.text(), st.text() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.booleans()
    )
)
def test_parameters_keep_value_and_type(params):
    job = received(sent(RunJob(job="j", plugin="p", tool="t", params=params)), ToEngine).message
    assert job.params == params
    assert {name: type(value) for name, value in job.params.items()} == {n: type(v) for n, v in params.items()}


def test_a_model_info_comes_back_as_one():
    info = ModelInfo("id", "Title", "sd1", 512, 8, 4, inpainting=True)
    assert received(sent(Models(models=(info,)))).message.models == (info,)


def test_frames_follow_each_other_and_the_end_is_none():
    stream = io.BytesIO(sent(Hello(protocol=1, api="1.0", pid=1)) + sent(Hello(protocol=1, api="1.0", pid=2)))
    reader = FrameReader(stream, ToEngine)
    assert [reader.read().message.pid, reader.read().message.pid, reader.read()] == [1, 2, None]


def test_a_field_of_a_later_version_is_passed_over():
    header = msgspec.msgpack.encode([{"type": "Hello", "protocol": 9, "api": "3", "pid": 4, "later": [1]}, []])
    assert received(framed(header)).message == Hello(protocol=9, api="3", pid=4)


@pytest.mark.parametrize("cut", [1, 15, 16, 20, -1])
def test_a_frame_cut_short_is_an_error(cut):
    whole = sent(Progress(job="j", step=1, steps=2, preview=0), [np.zeros((4, 4, 3), np.uint8)])
    with pytest.raises(ProtocolError):
        received(whole[:cut])


@pytest.mark.parametrize(
    "data",
    [
        framed(b"\x80", magic=b"GET "),
        struct.pack("<4sIQ", b"SCMB", MAX_HEADER + 1, 0),
        struct.pack("<4sIQ", b"SCMB", 1, MAX_PAYLOAD + 1),
        framed(b"\x91" * 100_000 + b"\x80"),
        framed(msgspec.msgpack.encode([{"type": "Hullo"}, []])),
        framed(msgspec.msgpack.encode([{"type": "Shutdown"}, []])),
        framed(msgspec.msgpack.encode([{"type": "Hello", "protocol": "1", "api": "1", "pid": 1}, []])),
        framed(msgspec.msgpack.encode([{"type": "Started", "job": "j"}, [["float64", [1]]]]), 1),
        framed(msgspec.msgpack.encode([{"type": "Started", "job": "j"}, [["uint8", []]]]), 1),
        framed(msgspec.msgpack.encode([{"type": "Started", "job": "j"}, [["uint8", [0]]]])),
        framed(msgspec.msgpack.encode([{"type": "Started", "job": "j"}, [["uint8", [-1, -4]]]]), 4),
        framed(msgspec.msgpack.encode([{"type": "Started", "job": "j"}, [["uint8", [1] * 5]]]), 1),
        framed(msgspec.msgpack.encode([{"type": "Started", "job": "j"}, [["uint8", [2, 2]]]]), 5),
        framed(msgspec.msgpack.encode([{"type": "Started", "job": "j"}, [["uint8", [1 << 24] * 4]]]), MAX_PAYLOAD),
        framed(
            msgspec.msgpack.encode([{"type": "Started", "job": "j"}, [["uint8", [1]]] * (MAX_BLOBS + 1)]), MAX_BLOBS + 1
        ),
        framed(b"\x92\x82\xa4type\xa7Started\xa3job\xa2\xff\xfe\x90"),
    ],
)
def test_what_is_no_frame_is_refused(data):
    with pytest.raises(ProtocolError):
        received(data)


def refused(data):
    reader = FrameReader(io.BytesIO(data), ToWindow)
    try:
        while reader.read() is not None:
            pass
    except ProtocolError:
        return True
    return False


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_never_hang_nor_flood(data):
    tracemalloc.start()
    try:
        assert refused(data) == (data != b"")
        assert tracemalloc.get_traced_memory()[1] < 3 * MAX_HEADER
    finally:
        tracemalloc.stop()


@settings(max_examples=300, deadline=None)
@given(position=st.integers(0, 10_000), value=st.integers(0, 255))
def test_one_wrong_byte_never_escapes_as_another_error(position, value):
    data = bytearray(sent(Progress(job="job", step=1, steps=2, preview=0), [np.zeros((4, 4, 3), np.uint8)]))
    data[position % len(data)] = value
    with contextlib.suppress(ProtocolError):
        assert isinstance(received(bytes(data)), Frame)


def test_a_blob_that_is_not_there_is_an_error():
    frame = received(sent(Progress(job="j", step=1, steps=2, preview=3)))
    with pytest.raises(ProtocolError):
        frame.blob(frame.message.preview)


@pytest.mark.parametrize("array", [np.zeros((2, 2), np.float32), np.zeros((0, 4), np.uint8), np.zeros(())])
def test_what_cannot_be_a_blob_is_not_sent(array):
    stream = io.BytesIO()
    with pytest.raises(ProtocolError):
        FrameWriter(stream).write(Progress(job="j", step=1, steps=2, preview=0), [array])
    assert stream.getvalue() == b""


@pytest.mark.parametrize(
    "message",
    [
        RunJob(job="j", plugin="p", tool="t", params={"seed": 2**70}),
        RunJob(job="j", plugin="p", tool="t", params={"prompt": "x" * MAX_HEADER}),
        RunJob(job="j", plugin="p", tool="t", params={"prompt": "\ud800"}),
        RunJob(job="j", plugin="p", tool="t", params={"prompt": object()}),
    ],
)
def test_a_message_that_does_not_fit_is_not_sent(message):
    stream = io.BytesIO()
    with pytest.raises(ProtocolError):
        FrameWriter(stream).write(message)
    assert stream.getvalue() == b""


def test_more_pictures_than_a_frame_holds_are_not_sent():
    with pytest.raises(ProtocolError):
        sent(Finished(job="j", candidates=()), [np.zeros((1, 1), np.uint8)] * (MAX_BLOBS + 1))


def test_frames_of_several_threads_do_not_mix():
    source, sink = os.pipe()
    picture = np.full((200, 300), 7, np.uint8)
    with open(source, "rb", buffering=0) as reading, open(sink, "wb", buffering=0) as writing:
        writer = FrameWriter(writing)

        def send(name):
            for step in range(20):
                writer.write(Progress(job=name, step=step, steps=20, preview=0), [picture])

        threads = [threading.Thread(target=send, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        reader = FrameReader(reading, ToWindow)
        frames = [reader.read() for _ in range(60)]
        for thread in threads:
            thread.join()
    assert all(np.array_equal(frame.blob(0), picture) for frame in frames)
    for name in "abc":
        assert [frame.message.step for frame in frames if frame.message.job == name] == list(range(20))
