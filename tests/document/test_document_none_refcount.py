"""PySide6 6.12.0 loses a reference to None with each call that returns it, under Python 3.11, and aborts in the end."""

import sys

from PySide6.QtGui import QImage


def test_calls_into_qt_keep_the_references_to_none():
    image = QImage(4, 4, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)  # the first call prepares what Qt's binding needs, and keeps it
    before = sys.getrefcount(None)
    for _ in range(1000):
        image.fill(0)
    assert abs(sys.getrefcount(None) - before) < 100
