"""What the commands do: file, edit, layer, view, tools, help. Each module adds its own to the command table."""
