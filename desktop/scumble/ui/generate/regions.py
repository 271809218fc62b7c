"""The regions of the document: masks with a name and words of their own, in the form of a tool that takes them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from scumble.api import ScumbleError, Tool
from scumble.document import ChangeSet, RegionPrompt, SavedSelection
from scumble.document.edits import delete_selection, rename_selection, save_selection
from scumble.document.regions import add_region, regions_of, set_region
from scumble.document.selecting import kept_selection
from scumble.paint.layermasks import select_tiles
from scumble.ui.commands import Command, with_document
from scumble.ui.generate.fields import calm
from scumble.ui.generate.inturn import takes_turns
from scumble.ui.generate.regionedit import RegionEditing
from scumble.ui.generate.regionoverlay import RegionsOverlay, tint_name, tint_of
from scumble.ui.generate.regionrow import RegionRow
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.section import Section
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow

MEMORY: Final = "regions"

ADD: Final = Command(
    "generate.add-region",
    QT_TRANSLATE_NOOP("commands", "Add &region"),
    "region-add",
    (),
    QT_TRANSLATE_NOOP("commands", "Give what is selected a prompt of its own; where nothing is, paint a new region"),
    with_document,
)


class RegionsPanel(QWidget):
    """Follows the current document. While it is open, the canvas shows each region in its tint.

    `laid_out`: there are other fields in it.
    """

    laid_out = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._session: DocumentSession | None = None
        self._tool: Tool | None = None
        self._veiled = self._typing = False
        self._overlays: dict[DocumentSession, RegionsOverlay] = {}
        self.rows: dict[str, RegionRow] = {}
        self.editing = RegionEditing(window, self._restore_tint)
        self.editing.changed.connect(self._refresh)
        self.command = window.commands.add(ADD, self.add)
        self._timer = QTimer(self, singleShot=True, interval=60)
        self._timer.timeout.connect(self._show_tints)
        self.section = Section(self.tr("Regions"), self._make_body(), window.icons, shown=False)
        self.section.toggled.connect(self._on_folded)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.section)
        window.session_opened.connect(self._on_opened)
        window.session_closed.connect(self._on_closed)
        window.session_changed.connect(self.follow)
        for session in window.sessions:
            self._on_opened(session)
        self.follow(window.session)

    @property
    def in_turn(self) -> bool:
        """Whether each region is to be a job of its own."""
        return takes_turns(self._tool) and self.order.currentIndex() == 1

    def set_tool(self, tool: Tool | None) -> None:
        """Another tool is picked; the panel is seen where that takes regions."""
        if tool == self._tool:
            return
        self._tool = tool
        self.setVisible(tool is not None and tool.regions)
        self._refresh()

    def veil(self, veiled: bool) -> None:
        """Keeps the tints off the canvas, or shows them again."""
        if veiled != self._veiled:
            self._veiled = veiled
            self._show_tints()

    def follow(self, session: DocumentSession | None) -> None:
        """Shows the regions of another document."""
        if session is not self._session:
            self.editing.finish()
            self._session = session
            for name in list(self.rows):
                self._drop(name)
        self._refresh()

    def add(self) -> None:
        """Makes what is selected a region; where nothing is, an empty one that is painted at once."""
        session = self._session
        if session is None:
            return
        self.editing.finish()
        session.settle()
        document = session.document
        empty = not document.selection.tiles
        session.set_quick_mask(False)
        name = self._free_name()
        add_region(document, name, RegionPrompt(), self.tr("Add region"))
        self.section.set_shown(True)
        if empty:
            self.paint_region(name, True)
        else:
            self.rows[name].prompt.setFocus()
        QTimer.singleShot(0, self.add_button, self._scroll_to_end)

    def paint_region(self, name: str, on: bool) -> None:
        """Begins to paint a region, or puts it back."""
        session = self._session
        if session is None:
            return
        if on:
            self.editing.begin(session, name, self._tint(name))
            self._window.canvas_of(session).setFocus()
        else:
            self.editing.finish()

    # Parts

    def _make_body(self) -> QWidget:
        body = QWidget()
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        self.hint = QLabel(
            self.tr("A region is a part of the picture with a prompt of its own. Select one and add it, or paint it.")
        )
        self.hint.setObjectName("muted")
        self.hint.setWordWrap(True)
        self.add_button = QPushButton(self.tr("Add region"))
        self.add_button.setIcon(self.command.icon())
        self.add_button.setToolTip(self.command.toolTip())
        self.add_button.clicked.connect(self.command.trigger)
        self.order = QComboBox()
        self.order.addItems([self.tr("In one job"), self.tr("One after another")])
        self.order.setAccessibleName(self.tr("How the regions are made"))
        self.order.setToolTip(
            self.tr("All regions in one picture that fits together, or each as a fill of its own with its strength")
        )
        calm(self.order)
        self.order.setCurrentIndex(int(bool(self._window.memory.blob(MEMORY))))
        self.order.currentIndexChanged.connect(self._on_order)
        foot = QHBoxLayout()
        foot.addWidget(self.add_button)
        foot.addStretch(1)
        foot.addWidget(self.order)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.hint)
        column.addLayout(self._list)
        column.addLayout(foot)
        return body

    def _make_row(self, kept: SavedSelection, place: int) -> RegionRow:
        name = kept.name
        row = RegionRow(name, kept.region or RegionPrompt(), tint_of(place), tint_name(place), self._window.icons)
        row.asked.connect(lambda region: self._set(name, region))
        row.typing.connect(lambda: self._on_typing(row))
        later = self._window.settle_then
        row.renamed.connect(lambda new: later(lambda: self._rename(name, new)))
        row.edit.connect(lambda on: later(lambda: self.paint_region(name, on)))
        row.act.connect(lambda what: later(lambda: self._act(name, what)))
        return row

    # What the rows ask

    def _set(self, name: str, region: RegionPrompt) -> None:
        session = self._session
        if session is not None:
            if self._typing:
                self._typing = False
                session.end_interaction()
            step = self.tr("Change region “{name}”").format(name=name)
            session.settle_then(lambda: set_region(session.document, name, region, step))

    def _on_typing(self, row: RegionRow) -> None:
        """What is being typed is committed before whatever comes next."""
        session = self._session
        if session is None or self._typing:
            return

        def begin() -> None:
            if not self._typing:
                session.begin_interaction(row.finish_typing)
                self._typing = True

        session.settle_then(begin)

    def _rename(self, name: str, new: str) -> None:
        session = self._session
        if session is None or new == name or name not in self.rows:
            return
        session.settle()
        try:
            if new:
                editing = self.editing.name == name
                if editing:
                    self.editing.rename(new)
                rename_selection(session.document, name, new, self.tr("Rename region"))
        except ValueError:
            self.editing.rename(name)
            self._window.show_error(ScumbleError("selection-name-taken", name=new))
        self._refresh()

    def _act(self, name: str, what: str) -> None:
        session = self._session
        if session is None:
            return
        self.editing.finish()
        session.settle()
        document = session.document
        if what == "select":
            tiles = document.surface(kept_selection(document, name).surface).tiles
            select_tiles(document, tiles, "replace", self.tr("Select region"))
        elif what == "replace":
            save_selection(document, name, self.tr("Region “{name}”").format(name=name))
        else:
            delete_selection(document, name, self.tr("Delete region"))

    def _on_folded(self, shown: bool) -> None:
        self._show_tints()
        if shown:
            QTimer.singleShot(0, self.add_button, self._scroll_to_end)

    def _on_order(self, index: int) -> None:
        self._window.memory.keep_blob(MEMORY, b"in turn" if index else b"")

    # What the document says

    def _on_opened(self, session: DocumentSession) -> None:
        overlay = self._overlays[session] = RegionsOverlay(session.document)
        self._window.canvas_of(session).add_overlay(overlay)
        session.changed.connect(lambda change: self._on_changed(session, change))

    def _on_closed(self, session: DocumentSession) -> None:
        self.editing.drop(session)
        self._overlays.pop(session, None)

    def _on_changed(self, session: DocumentSession, change: ChangeSet) -> None:
        if session is self._session and change.structure:
            self._refresh()
        elif session is self._session and (change.history or change.size):
            self._timer.start()

    def _refresh(self) -> None:
        kept = regions_of(self._session.document) if self._session is not None else ()
        names = [each.name for each in kept]
        if list(self.rows) != names:
            for name in list(self.rows):
                self._drop(name)
            for place, each in enumerate(kept):
                row = self.rows[each.name] = self._make_row(each, place)
                self._list.addWidget(row)
            for last in (self.add_button, self.order):
                last.raise_()  # the Tab key goes by the order of the children
            self.laid_out.emit()
        with_strength = self._tool is not None and "strength" in self._tool.params
        for each in kept:
            row = self.rows[each.name]
            row.show_region(each.name, each.region or RegionPrompt())
            row.show_strength(with_strength)
            row.show_editing(self.editing.name == each.name)
        counting = sum(1 for each in kept if each.region and each.region.on)
        title = self.tr("Regions")
        self.section.heading.setText(f"{title} ({counting})" if counting else title)
        self.hint.setVisible(not kept)
        self.add_button.setEnabled(self._session is not None)
        self.order.setVisible(takes_turns(self._tool) and len(kept) > 1)
        self._show_tints()

    def _drop(self, name: str) -> None:
        row = self.rows.pop(name)
        self._list.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _show_tints(self) -> None:
        session = self._session
        if session is None or session not in self._overlays:
            return
        seen = self.section.shown and not self.isHidden() and not self._veiled
        kept = regions_of(session.document) if seen else ()
        shown = [(each.surface, self._tint(each.name)) for each in kept if self._is_tinted(each)]
        if self._overlays[session].show(shown):
            self._window.canvas_of(session).update()

    def _is_tinted(self, kept: SavedSelection) -> bool:
        return kept.region is not None and kept.region.on and kept.name != self.editing.name

    def _tint(self, name: str) -> QColor:
        return tint_of(list(self.rows).index(name))

    def _restore_tint(self, session: DocumentSession) -> None:
        settings = self._window.settings
        colour, opacity = QColor(settings.text("mask.colour")), settings.number("mask.opacity")
        self._window.canvas_of(session).tint(colour, opacity / 100)

    def _scroll_to_end(self) -> None:
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QScrollArea):
            parent = parent.parentWidget()
        if isinstance(parent, QScrollArea):
            # A new row has a height of its own only after the layout's turn.
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
            parent.ensureWidgetVisible(self.add_button)

    def _free_name(self) -> str:
        assert self._session is not None
        taken = {kept.name for kept in self._session.document.structure.selections}
        stem = self.tr("Region")
        return next(f"{stem} {number}" for number in range(1, len(taken) + 2) if f"{stem} {number}" not in taken)
