"""Reading and writing pictures; saves that cannot harm the file before; recovery after a crash."""
