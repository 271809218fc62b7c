"""The docks round the canvas. They show the current document and change it through its history."""
