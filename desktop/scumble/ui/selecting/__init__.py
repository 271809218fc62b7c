"""What the window offers for selections and masks besides the tools."""
