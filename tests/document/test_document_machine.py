"""Random edits, undo, redo, save and load, against a plain numpy model of the document that knows no tiles.

The model keeps one large array for each layer and mask, and a copy of all of it for each step of the history.
"""

from __future__ import annotations

import copy
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from scumble.document import BGRA8, BlendMode, Document, Rect
from scumble.document.arranging import duplicate_layer, move_layer, remove_layer
from scumble.document.edits import add_layer, set_layer, translate
from scumble.document.masks import add_mask, apply_mask, remove_mask
from scumble.document.selecting import (
    delete_selection,
    deselect,
    invert_selection,
    load_selection,
    save_selection,
    select,
)
from scumble.files import open_document, save_document
from scumble.paint import Brush, Sample, Stroke, clear, fill

WIDTH, HEIGHT = 300, 270
"""A few pixels more than a tile, so that most edits cross the border of one."""

MARGIN = 400
"""How far the model sees beyond the canvas."""

BOUNDS = Rect(0, 0, WIDTH, HEIGHT)
WORLD = BOUNDS.expanded(MARGIN)
CANVAS = BOUNDS.slices(WORLD)

rects = st.builds(Rect, st.integers(-60, 290), st.integers(-60, 260), st.integers(1, 120), st.integers(1, 120))
channel = st.sampled_from([0.0, 0.2, 0.5, 1.0])
colours = st.tuples(channel, channel, channel)
combinations = st.sampled_from(["replace", "add", "subtract", "intersect"])
modes = st.sampled_from([BlendMode.NORMAL, BlendMode.MULTIPLY, BlendMode.SCREEN, BlendMode.LUMINOSITY])


@dataclass
class Plain:
    """A layer: stored pixels over the whole world, and its mask if it has one."""

    name: str
    pixels: np.ndarray
    mask: np.ndarray | None = None
    opacity: float = 1.0
    visible: bool = True
    mode: BlendMode = BlendMode.NORMAL


@dataclass
class Model:
    """Everything that undo brings back."""

    layers: list[Plain] = field(default_factory=list)
    selection: np.ndarray = field(default_factory=lambda: np.zeros((HEIGHT, WIDTH), np.uint8))
    kept: dict[str, np.ndarray] = field(default_factory=dict)


def noise(rect, seed, transparent=0.3):
    rng = np.random.default_rng(seed)
    straight = rng.integers(0, 256, (rect.height, rect.width, 4), dtype=np.uint8)
    straight[rng.random(straight.shape[:2]) < transparent, 3] = 0
    return BGRA8.from_straight(straight)


def rounded(numerator):
    """Divided by 255, to the nearest."""
    return np.rint(numerator / 255.0).astype(np.uint8)


class Machine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.document = Document(WIDTH, HEIGHT)
        self.model = Model()
        self.past, self.future = [], []
        self.active = None
        self.number = 0
        self.held = []
        self.folder = tempfile.TemporaryDirectory()

    def teardown(self):
        for snapshot, surface, pixels in self.held:
            assert np.array_equal(snapshot.read_colour(surface, WORLD), pixels)
        self.folder.cleanup()

    # What the rules share

    def step(self, change):
        """Changes the model, as one step; nothing is one where nothing changed."""
        before = copy.deepcopy(self.model)
        change(self.model)
        self.past.append(before)
        self.future.clear()

    def unless_unchanged(self, change):
        before, position = copy.deepcopy(self.model), self.document.history.position
        assert position in (len(self.past), len(self.past) + 1)
        change(self.model)
        if position > len(self.past):
            self.past.append(before)
            self.future.clear()
        else:
            assert same(before, self.model), "a change without a step"

    @property
    def layer(self):
        return self.document.layers[self.index]

    @property
    def index(self):
        ids = [layer.id for layer in self.document.layers]
        return ids.index(self.document.active.id)

    def has_layer(self):
        return bool(self.document.layers)

    # Layers

    @precondition(lambda self: len(self.document.layers) < 6)
    @rule(rect=rects, seed=st.integers(0, 99), masked=st.booleans())
    def add(self, rect, seed, masked):
        self.number += 1
        place = self.index + 1 if self.has_layer() else 0
        pixels = noise(rect, seed)
        mask = np.full((rect.height, rect.width), 180, np.uint8) if masked else None
        add_layer(self.document, f"Layer {self.number}", pixels=pixels, origin=(rect.x, rect.y), mask=mask)

        def change(model):
            plain = Plain(f"Layer {self.number}", np.zeros((WORLD.height, WORLD.width, 4), np.uint8))
            plain.pixels[rect.slices(WORLD)] = pixels
            if masked:
                plain.mask = np.zeros((WORLD.height, WORLD.width), np.uint8)
                plain.mask[rect.slices(WORLD)] = mask
            model.layers.insert(place, plain)

        self.step(change)

    @precondition(lambda self: len(self.document.layers) > 1)
    @rule()
    def remove(self):
        index = self.index
        remove_layer(self.document, self.layer.id)
        self.step(lambda model: model.layers.pop(index))

    @precondition(lambda self: 0 < len(self.document.layers) < 6)
    @rule()
    def duplicate(self):
        self.number += 1
        index, name = self.index, f"Layer {self.number}"
        duplicate_layer(self.document, self.layer.id, name)
        self.step(lambda model: model.layers.insert(index + 1, replace(copy.deepcopy(model.layers[index]), name=name)))

    @precondition(has_layer)
    @rule(data=st.data())
    def activate(self, data):
        index = data.draw(st.integers(0, len(self.document.layers) - 1))
        self.document.activate(self.document.layers[index].id)

    @precondition(lambda self: len(self.document.layers) > 1)
    @rule(data=st.data())
    def reorder(self, data):
        old = self.index
        new = data.draw(st.integers(0, len(self.document.layers) - 1).filter(lambda place: place != old))
        move_layer(self.document, self.layer.id, parent=None, index=new)
        self.step(lambda model: model.layers.insert(new, model.layers.pop(old)))

    @precondition(has_layer)
    @rule(opacity=st.sampled_from([0.0, 0.4, 1.0]), visible=st.booleans(), mode=modes)
    def change(self, opacity, visible, mode):
        index = self.index
        set_layer(self.document, self.layer.id, "Change", opacity=opacity, visible=visible, mode=mode)

        def change(model):
            model.layers[index] = replace(model.layers[index], opacity=opacity, visible=visible, mode=mode)

        self.unless_unchanged(change)

    @precondition(has_layer)
    @rule(dx=st.integers(-9, 9), dy=st.integers(-9, 9))
    def move(self, dx, dy):
        index = self.index
        with self.document.history.transaction("Move") as edit:
            translate(edit, self.document, self.layer, 100, -3)
            translate(edit, self.document, self.layer, dx, dy)

        def change(model):
            plain = model.layers[index]
            plain.pixels = np.roll(plain.pixels, (dy, dx), (0, 1))
            if plain.mask is not None:
                plain.mask = np.roll(plain.mask, (dy, dx), (0, 1))

        self.unless_unchanged(change)

    # Masks

    @precondition(lambda self: self.has_layer() and self.layer.mask is None)
    @rule()
    def mask(self):
        index = self.index
        add_mask(self.document, self.layer.id)

        def change(model):
            mask = np.zeros((WORLD.height, WORLD.width), np.uint8)
            mask[CANVAS] = model.selection if model.selection.any() else 255
            model.layers[index].mask = mask

        self.step(change)

    @precondition(lambda self: self.has_layer() and self.layer.mask is not None)
    @rule(apply=st.booleans())
    def unmask(self, apply):
        index = self.index
        (apply_mask if apply else remove_mask)(self.document, self.layer.id)

        def change(model):
            plain = model.layers[index]
            if apply:
                plain.pixels = rounded(plain.pixels.astype(float) * plain.mask[..., None])
            plain.mask = None

        self.step(change)

    # Painting

    @precondition(has_layer)
    @rule(colour=colours, opacity=st.sampled_from([0.3, 1.0]))
    def fill(self, colour, opacity):
        index = self.index
        with self.document.history.transaction("Fill") as edit:
            fill(self.document, edit, self.layer.surface, colour, opacity)

        def change(model):
            limit = model.selection if model.selection.any() else np.full((HEIGHT, WIDTH), 255, np.uint8)
            coverage = np.rint(limit * opacity)[..., None]
            below = model.layers[index].pixels[CANVAS].astype(float)
            model.layers[index].pixels[CANVAS] = rounded(below * (255 - coverage) + BGRA8.solid(*colour) * coverage)

        self.unless_unchanged(change)

    @precondition(has_layer)
    @rule()
    def clear(self):
        index = self.index
        with self.document.history.transaction("Clear") as edit:
            clear(self.document, edit, self.layer.surface)

        def change(model):
            if model.selection.any():
                kept = 255.0 - model.selection[..., None]
                model.layers[index].pixels[CANVAS] = rounded(model.layers[index].pixels[CANVAS] * kept)
            else:
                model.layers[index].pixels[:] = 0

        self.unless_unchanged(change)

    @precondition(has_layer)
    @rule(x=st.integers(-20, 310), y=st.integers(-20, 280), size=st.sampled_from([1.0, 30.0]), erase=st.booleans())
    def stroke(self, x, y, size, erase):
        """The model takes a stroke as it comes, once it is sure that it stayed where it may be."""
        index = self.index
        with self.document.history.transaction("Stroke") as edit:
            stroke = Stroke(self.document, edit, self.layer.surface, Brush(size=size), (1.0, 0.5, 0.0), erase=erase)
            for dx in (0, 30, 60):
                stroke.add(Sample(x + dx, y))
        painted = self.document.surface(self.layer.surface).read(WORLD)

        def change(model):
            changed = (painted != model.layers[index].pixels).any(2)
            allowed = np.zeros_like(changed)
            allowed[CANVAS] = model.selection > 0 if model.selection.any() else True
            allowed &= (
                np.hypot(
                    np.maximum(np.abs(np.arange(WORLD.width) + WORLD.x - x - 30) - 30, 0)[None, :],
                    (np.arange(WORLD.height) + WORLD.y - y)[:, None],
                )
                < size / 2 + 2
            )
            assert not (changed & ~allowed).any()
            model.layers[index].pixels = painted

        self.unless_unchanged(change)

    # Selecting

    @rule(rect=rects, mode=combinations, value=st.sampled_from([255, 128]))
    def select(self, rect, mode, value):
        select(self.document, rect, value, mode=mode)

        def change(model):
            given = np.zeros((HEIGHT, WIDTH), np.uint8)
            part = rect & BOUNDS
            given[part.slices(BOUNDS)] = value
            model.selection = combine(model.selection, given, mode)

        self.unless_unchanged(change)

    @rule()
    def invert(self):
        invert_selection(self.document)
        self.unless_unchanged(lambda model: setattr(model, "selection", 255 - model.selection))

    @rule()
    def deselect(self):
        deselect(self.document)
        self.unless_unchanged(lambda model: setattr(model, "selection", np.zeros_like(model.selection)))

    @rule(name=st.sampled_from(["sky", "face"]))
    def keep(self, name):
        save_selection(self.document, name)
        self.step(lambda model: model.kept.update({name: model.selection.copy()}))

    @precondition(lambda self: self.model.kept)
    @rule(data=st.data(), mode=combinations)
    def load(self, data, mode):
        name = data.draw(st.sampled_from(sorted(self.model.kept)))
        load_selection(self.document, name, mode=mode)
        self.unless_unchanged(
            lambda model: setattr(model, "selection", combine(model.selection, model.kept[name], mode))
        )

    @precondition(lambda self: self.model.kept)
    @rule(data=st.data())
    def forget(self, data):
        name = data.draw(st.sampled_from(sorted(self.model.kept)))
        delete_selection(self.document, name)
        self.step(lambda model: model.kept.pop(name))

    # Time

    @rule()
    def undo(self):
        done = self.document.history.undo()
        assert (done is not None) == bool(self.past)
        if self.past:
            self.future.append(self.model)
            self.model = self.past.pop()

    @rule()
    def redo(self):
        done = self.document.history.redo()
        assert (done is not None) == bool(self.future)
        if self.future:
            self.past.append(self.model)
            self.model = self.future.pop()

    @precondition(lambda self: self.has_layer() and len(self.held) < 4)
    @rule()
    def hold(self):
        """A snapshot stays as it is, whatever comes."""
        surface = self.layer.surface
        self.held.append((self.document.snapshot(), surface, self.model.layers[self.index].pixels.copy()))

    @precondition(has_layer)
    @rule()
    def save_and_load(self):
        path = Path(self.folder.name) / "picture.ora"
        save_document(self.document.snapshot(), path)
        self.document = open_document(path).document
        self.past.clear()
        self.future.clear()
        # A file keeps what is selected under a name, not what is selected.
        self.model.selection = self.document.selection.read(BOUNDS)

    # What holds at every moment

    @invariant()
    def all_is_as_the_model_says(self):
        document, model = self.document, self.model
        assert [layer.name for layer in document.layers] == [plain.name for plain in model.layers]
        for layer, plain in zip(document.layers, model.layers, strict=True):
            assert (layer.visible, layer.mode) == (plain.visible, plain.mode)
            assert abs(layer.opacity - plain.opacity) < 1e-6
            assert np.array_equal(document.surface(layer.surface).read(WORLD), plain.pixels)
            assert (layer.mask is None) == (plain.mask is None)
            if layer.mask is not None:
                assert np.array_equal(document.surface(layer.mask).read(WORLD), plain.mask)
        assert np.array_equal(document.selection.read(BOUNDS), model.selection)
        kept = {one.name: document.surface(one.surface).read(BOUNDS) for one in document.structure.selections}
        assert kept.keys() == model.kept.keys()
        assert all(np.array_equal(kept[name], model.kept[name]) for name in kept)

    @invariant()
    def the_history_is_as_long_as_the_model_says(self):
        assert self.document.history.position == len(self.past)
        assert len(self.document.history.names) == len(self.past) + len(self.future)

    @invariant()
    def no_tile_is_empty_or_writable(self):
        for layer in self.document.layers:
            for tile in self.document.surface(layer.surface).tiles.values():
                assert tile.frozen
                assert tile.pixels.any()


def combine(old, given, mode):
    if mode == "replace":
        return given.copy()
    if mode == "add":
        return np.maximum(old, given)
    return np.minimum(old, given if mode == "intersect" else 255 - given)


def same(one, other):
    pairs = zip(one.layers, other.layers, strict=True)
    return np.array_equal(one.selection, other.selection) and all(
        np.array_equal(mine.pixels, theirs.pixels)
        and (mine.opacity, mine.visible, mine.mode) == (theirs.opacity, theirs.visible, theirs.mode)
        for mine, theirs in pairs
    )


Machine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestDocumentMachine = Machine.TestCase
