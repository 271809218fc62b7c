import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from scumble.tools import moving


@pytest.fixture
def translations(monkeypatch):
    """The distances of every translation that is made."""
    made = []
    translate = moving.translate

    def counted(edit, document, layer, dx, dy):
        made.append((dx, dy))
        translate(edit, document, layer, dx, dy)

    monkeypatch.setattr(moving, "translate", counted)
    return made


def test_many_moves_between_two_frames_are_one_translation(program, session, hand, picture, translations):
    program.window.tools.set_tool("move")
    hand.press(100, 100)
    for step in range(1, 30):
        hand.move(100 + step, 100)
    assert not translations
    QApplication.processEvents()
    assert translations == [(29, 0)]
    hand.move(150, 105)
    hand.release(160, 110)
    QApplication.processEvents()
    assert translations == [(29, 0), (60, 10)]
    assert picture(session)[:10].max() == 0
    assert picture(session)[10:, 60:].min() == 255


def test_a_move_that_was_given_up_does_not_come_late(program, session, hand, picture, translations):
    program.window.tools.set_tool("move")
    before = picture(session)
    hand.press(100, 100)
    hand.move(130, 100)
    hand.key(Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert not translations
    assert (picture(session) == before).all()
