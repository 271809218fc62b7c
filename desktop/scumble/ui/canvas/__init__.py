"""The canvas: the widget that shows a document and takes strokes."""
