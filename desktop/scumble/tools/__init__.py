"""Canvas tools as generators: press, yield, move…, release. Know no widget."""
