"""`python -m scumble.engine`: speaks the protocol on its standard input and output until the input ends."""

import os


def take_pipes() -> tuple[int, int]:
    """Keeps the standard input and output for the frames, and returns them as descriptors that no child inherits.

    From then on, reading finds the end at once, and whatever prints goes to the standard error.
    """
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return source, sink


if __name__ == "__main__":
    pipes = take_pipes()
    # only now, because an import may print
    from scumble.engine.process import serve

    with open(pipes[0], "rb", buffering=0) as source, open(pipes[1], "wb", buffering=0) as sink:
        serve(source, sink)
