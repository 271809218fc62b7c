"""What can be done with candidates and results besides applying them: commands, menus, and the wires to the window."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QDockWidget, QFileDialog, QMenu

from scumble.api import Picture, ScumbleError
from scumble.document import Recipe, Rect
from scumble.files.atomic import atomic_write
from scumble.files.png import encode_whole
from scumble.files.results import Entry, Kept
from scumble.generation import Prepared, Region, layer_name, prepare
from scumble.generation.blend import recipe
from scumble.generation.likeness import can_repeat, more_like, starts_from_picture
from scumble.generation.prompts import prompt_of
from scumble.plugins import Catalogue, resolve_params
from scumble.render import flatten
from scumble.ui.candidates.keeper import ResultKeeper
from scumble.ui.candidates.results import ResultsDock
from scumble.ui.candidates.together import TogetherMode, can_join
from scumble.ui.commands import Command
from scumble.ui.generate.candidates import Candidates, Result
from scumble.ui.generate.jobs import JobBoard
from scumble.ui.generate.strip import CandidateStrip
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow

LIKE: Final = Command(
    "candidates.like",
    QT_TRANSLATE_NOOP("commands", "&More like this"),
    "more-like",
    ("Ctrl+Shift+L",),
    QT_TRANSLATE_NOOP("commands", "More like this: others that begin from this candidate"),
)
SET: Final = Command(
    "candidates.apply-set",
    QT_TRANSLATE_NOOP("commands", "Apply a&ll of this set"),
    "apply-all",
    tip=QT_TRANSLATE_NOOP("commands", "Apply the results for all parts of the selection, in one step"),
)
STAR: Final = Command("candidates.star", QT_TRANSLATE_NOOP("commands", "&Star the candidate"), "star", ("*",))
TOGETHER: Final = Command(
    "candidates.together",
    QT_TRANSLATE_NOOP("commands", "Paint candidates &together"),
    "together",
    ("Ctrl+Shift+T",),
    QT_TRANSLATE_NOOP("commands", "Paint together: a brush takes parts of each of the candidates that are chosen"),
)
RESULTS: Final = Command("results.show", QT_TRANSLATE_NOOP("commands", "&Results"), "results", ("Ctrl+Shift+R",))


class CandidateActs(QObject):
    """Belongs to what generates in one window. Without a `folder` nothing is kept."""

    def __init__(
        self,
        window: MainWindow,
        catalogue: Catalogue,
        candidates: Candidates,
        strip: CandidateStrip,
        board: JobBoard,
        use: Callable[[Recipe], object],
        folder: Path | None,
    ) -> None:
        """`use` puts a recipe into the form."""
        super().__init__(window)
        self._window = window
        self._catalogue = catalogue
        self._candidates = candidates
        self._strip = strip
        self._board = board
        self._use = use
        self.mode: TogetherMode | None = None
        self.keeper = ResultKeeper(window, candidates, catalogue, folder) if folder is not None else None
        self.results: ResultsDock | None = None
        self.results_widget: QDockWidget | None = None
        self.actions = self._add_commands()
        if self.keeper is not None:
            self._add_results(self.keeper)
        strip.menu_wanted.connect(lambda place: self.make_menu().popup(place))
        strip.set_button.setDefaultAction(self.actions[0])
        strip.like_button.clicked.connect(self.more_like)
        strip.star_button.clicked.connect(self.star)
        strip.together_button.clicked.connect(self.paint_together)
        strip.picked.connect(self._pick)
        strip.ended.connect(self._end)
        strip.chosen_changed.connect(self._refresh)
        candidates.shown_changed.connect(self._refresh)
        candidates.changed.connect(self._refresh)
        self._refresh()

    # What a person can do

    def more_like(self) -> None:
        """Asks for others that begin from the candidate that is shown."""
        result = self._one()
        if result is None:
            return
        prepared, candidate = result.placed()
        prepared = completed(begun_from_picture(prepared, self._catalogue), result.session)
        if not can_repeat(prepared):
            self._window.show_error(ScumbleError("result-unrepeatable", tool=prepared.tool.title))
            return
        wanted = more_like(prepared, candidate, uuid.uuid4().hex)
        self._board.submit(wanted, result.session, layer_name(wanted))

    def apply_set(self) -> None:
        """Applies what was made together with the candidate that is shown, in one step."""
        self._window.settle_then(self._apply_set)

    def _apply_set(self) -> None:
        result = self._one()
        if result is not None:
            with suppress(ScumbleError):  # the witness has said it
                self._candidates.apply_set(self._candidates.set_of(result, self._strip.chosen))

    def star(self) -> None:
        """Gives what is chosen a star, or takes it where all have one."""
        chosen = self._strip.chosen
        if chosen:
            self._candidates.star(chosen, not all(result.starred for result in chosen))

    def paint_together(self) -> None:
        """A brush takes parts of each of those that are chosen."""
        self._window.settle_then(self._paint_together)

    def _paint_together(self) -> None:
        canvas = self._window.canvas
        if canvas is None or self.mode is not None:
            return
        chosen = self._strip.chosen
        try:
            mode = TogetherMode(canvas, self._window.tools, chosen, self._candidates.apply_together)
        except ScumbleError as error:
            self._window.show_error(error)
            return
        self.mode = mode
        self._candidates.show(None)
        mode.changed.connect(self._number)
        mode.ended.connect(self._on_ended)
        canvas.setFocus()
        self._number()

    def use_settings(self) -> None:
        """Puts what made the candidate into the form."""
        result = self._one()
        if result is not None:
            prepared, candidate = result.placed()
            self._use(recipe(prepared, candidate, prepared.anchor.box, prepared.blend, dict(result.notes)))

    def make_menu(self) -> QMenu:
        """What can be done with the candidates that are chosen."""
        menu = QMenu(self._strip)
        menu.aboutToHide.connect(menu.deleteLater)
        result = self._one()
        menu.addAction(self.tr("Apply"), self._strip.apply_shown).setEnabled(result is not None)
        menu.addActions(self.actions[:4])
        menu.addSeparator()
        for text, act in (
            (self.tr("Use its settings"), self.use_settings),
            (self.tr("Copy the seed"), lambda: self._copy(str(result.candidate.seed) if result is not None else "")),
            (self.tr("Copy the prompt"), lambda: self._copy(_prompt(result) if result is not None else "")),
            (self.tr("Save as a file…"), lambda: self._save(result)),
        ):
            menu.addAction(text, act).setEnabled(result is not None)
        menu.addSeparator()
        menu.addAction(self.tr("Discard"), self._strip.discard_shown)
        return menu

    def show_results(self) -> None:
        """Brings the Results dock to the front, with the cursor where one searches."""
        if self.results_widget is not None and self.results is not None:
            self.results_widget.show()
            self.results_widget.raise_()
            self.results.search.setFocus()

    # Candidates

    def _one(self) -> Result | None:
        """The candidate that is shown, or the first of those chosen."""
        return self._candidates.shown or next(iter(self._strip.chosen), None)

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    def _save(self, result: Result | None) -> None:
        if result is not None:
            self._save_picture(result.candidate.image, f"{layer_name(result.prepared)} {result.candidate.seed}")

    def _save_picture(self, picture: Picture, name: str) -> None:
        """Asks for a file, and writes it on another thread."""
        plain = "".join(sign for sign in name if sign.isalnum() or sign in " -_").strip() or "result"
        dialog = QFileDialog(self._window, self.tr("Save as a file"), str(Path.home() / f"{plain}.png"), "PNG (*.png)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.fileSelected.connect(lambda chosen: self.save_to(picture, Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, picture: Picture, path: Path) -> None:
        """Writes a picture without loss."""

        def work() -> None:
            with atomic_write(path) as file:
                file.write(encode_whole(picture))

        done = self.tr("Saved {name}").format(name=path.name)
        self._window.background.run(
            work, lambda _: self._window.status.showMessage(done, 3000), self._window.show_error
        )

    # Painting together

    def _pick(self, result: Result) -> None:
        if self.mode is not None and result in self.mode.results:
            self.mode.choose(self.mode.results.index(result))

    def _number(self) -> None:
        if self.mode is not None:
            self._strip.paint_from(self.mode.results, self.mode.results[self.mode.source])
            hint = self.tr(
                "Painting from candidate {number}. Number keys choose another, Enter makes one layer of all."
            )
            self._window.status.showMessage(hint.format(number=self.mode.source + 1))

    def _end(self, apply: bool) -> None:
        if self.mode is not None:
            (self.mode.apply if apply else self.mode.give_up)()

    def _on_ended(self) -> None:
        self.mode = None
        self._strip.paint_from((), None)
        self._window.status.clearMessage()
        self._refresh()

    # Results

    def _add_results(self, keeper: ResultKeeper) -> None:
        window = self._window
        self.results = ResultsDock(keeper, window.theme, window.icons)
        window.screen_colours.show(self.results.grid.viewport())
        right = Qt.DockWidgetArea.RightDockWidgetArea
        self.results_widget = window.add_dock(self.tr("Results"), self.results, right, "results")
        layers = window.findChild(QDockWidget, "layers")
        if layers is not None:
            window.tabifyDockWidget(layers, self.results_widget)
        self.results_widget.hide()
        self.results.chosen.connect(self._on_chosen)

    def _on_chosen(self, act: str, entry: Entry) -> None:
        if self.keeper is None:
            return
        acts: dict[str, Callable[[Kept], object]] = {
            "layer": self.add_layer,
            "document": self.open_picture,
            "settings": lambda kept: self._use(kept.recipe),
            "export": lambda kept: self._export(kept),
        }
        self.keeper.load(entry.about.id, acts[act])

    def add_layer(self, kept: Kept) -> None:
        """Puts a result into the current document: in its place where that is its own, else in the middle."""
        session = self._window.session
        if session is None:
            self.open_picture(kept)
        elif self.keeper is not None:
            result = self.keeper.result(kept, session)
            result.prepared = as_layer(result.prepared, session, own=kept.about.document == session.document.key)
            self._candidates.put(result)

    def open_picture(self, kept: Kept) -> None:
        """Opens a result as a document of its own."""
        if self.keeper is not None:
            self._candidates.put(self.keeper.result(kept, None))

    def _export(self, kept: Kept) -> None:
        if kept.recipe.crop is not None:
            self._save_picture(kept.recipe.crop, f"{kept.about.title} {kept.about.seed}")

    # Commands

    def _add_commands(self) -> list[QAction]:
        commands = self._window.commands
        return [
            commands.add(replace(SET, enabled=self._has_set), self.apply_set),
            commands.add(replace(LIKE, enabled=self._has_one), self.more_like),
            commands.add(replace(STAR, enabled=self._has_one), self.star),
            commands.add(replace(TOGETHER, enabled=self._has_several), self.paint_together),
            commands.add(RESULTS, self.show_results),
        ]

    def _has_one(self, _session: DocumentSession | None) -> bool:
        return self.mode is None and self._one() is not None

    def _has_set(self, _session: DocumentSession | None) -> bool:
        result = self._one()
        return self.mode is None and result is not None and len(self._candidates.set_of(result)) > 1

    def _has_several(self, _session: DocumentSession | None) -> bool:
        return self.mode is None and can_join(self._strip.chosen)

    def _refresh(self) -> None:
        if self.mode is not None and self._candidates.shown is not None:
            self._candidates.show(None)  # one that has just come waits in the strip
            return
        self._window.commands.refresh(self._window.session)
        self._strip.together_button.setEnabled(self.mode is None and len(self._strip.chosen) > 1)


def begun_from_picture(prepared: Prepared, catalogue: Catalogue) -> Prepared:
    """What was made of words alone, as a wish to a tool that starts from a picture, where there is one.

    What the two tools call by one name goes along.
    """
    own, job = prepared.tool, prepared.job
    if own.inputs or own.result != "layer":
        return prepared
    for plugin, tool in catalogue.generators():
        needs = [given for given in tool.inputs if not given.optional and given.kind != "canvas"]
        if starts_from_picture(tool) and tool.result == "layer" and tool.model == own.model and not needs:
            types = {name: param.type for name, param in own.params.items()}
            both = [name for name, param in tool.params.items() if types.get(name) == param.type]
            with suppress(ScumbleError):
                params = resolve_params(tool, {name: job.params[name] for name in both if name in job.params})
                asked = replace(job, plugin=plugin.id, tool=tool.id, params=params, inputs={})
                return replace(prepared, tool=tool, plugin_version=plugin.version, job=asked)
    return prepared


def completed(prepared: Prepared, session: DocumentSession | None) -> Prepared:
    """A job made of a recipe, with what it lacks taken from the document as that is now, where it can be."""
    if session is None or can_repeat(prepared):
        return prepared
    box, document, job = prepared.anchor.box, session.document, prepared.job
    pictures = {given.name: job.inputs[given.name] for given in prepared.tool.inputs if given.name in job.inputs}
    try:
        again = prepare(
            job.id,
            prepared.tool,
            job.params,
            document,
            Region(box, job.size),
            flatten(document.snapshot(), box),
            plugin=job.plugin,
            pictures=pictures,
            selection=prepared.selection,
            blend=prepared.blend,
        )
    except ScumbleError:
        return prepared
    return replace(prepared, job=replace(job, inputs={**again.job.inputs, **job.inputs}))


def as_layer(prepared: Prepared, session: DocumentSession, *, own: bool) -> Prepared:
    """A job whose picture becomes a layer of a document, whatever its tool makes: of its own where it was, of another
    one in the middle of the canvas, as large as it was."""
    tool = prepared.tool
    if tool.result == "picture":
        tool = msgspec.structs.replace(tool, result="layer")
    if own:
        return replace(prepared, tool=tool)
    width, height = prepared.job.size
    canvas = session.document.bounds
    shrink = max(width / canvas.width, height / canvas.height, 1.0)
    width, height = max(round(width / shrink), 1), max(round(height / shrink), 1)
    box = Rect((canvas.width - width) // 2, (canvas.height - height) // 2, width, height)
    return replace(
        prepared,
        tool=msgspec.structs.replace(tool, result="layer"),
        anchor=replace(prepared.anchor, box=box),
        affected=box,
        selection=None,
        below="",
    )


def _prompt(result: Result) -> str:
    return prompt_of(result.prepared.tool, result.prepared.job.params)
