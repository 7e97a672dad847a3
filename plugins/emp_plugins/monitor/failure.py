"""Why the monitor itself failed, without what clients say."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path

from emp_plugins.errors import InputError

LIBRARIES = tuple(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))


def reason(error: BaseException) -> str:
    """A failure in a few words.

    Only our own errors and the system's are quoted: the message of any other may hold the text
    that was at hand when it was raised.

    Args:
        error: What was raised.

    Returns:
        Its kind and the place that raised it, the innermost of the user's or ours where a library
        raised it.

    Example:
        >>> reason(OSError(28, "No space left on device"))
        'OSError: No space left on device'
        >>> reason(KeyError("what a client said"))
        'KeyError'
    """
    kind = type(error).__name__
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{kind}: {error.strerror}"
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if not frame.filename.startswith(LIBRARIES)]
    place = next(reversed(ours or frames), None)
    return kind if place is None else f"{kind} at {Path(place.filename).name}:{place.lineno}"
