"""The compositor: a document's tiles, as they look."""
