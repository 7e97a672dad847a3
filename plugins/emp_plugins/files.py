"""Files that are either whole or absent, and YAML that is read safely."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from emp_plugins.errors import InputError


@contextlib.contextmanager
def atomic_write(path: str | Path, mode: str = "w") -> Iterator[IO[Any]]:
    r"""Opens a temporary file beside ``path`` and renames it there when the block succeeds.

    Args:
        path: The file to write; missing parent folders are made.
        mode: ``"w"`` for UTF-8 text with ``\n`` line ends, ``"wb"`` for bytes.

    Yields:
        The open file. If the block raises, nothing is left behind.

    Example:
        >>> import tempfile, pathlib
        >>> target = pathlib.Path(tempfile.mkdtemp()) / "a.txt"
        >>> with atomic_write(target) as file:
        ...     _ = file.write("whole")
        >>> target.read_text()
        'whole'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, mode, **text) as file:
            yield file
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def read_yaml(path: str | Path) -> Any:
    """Reads one YAML document with the safe loader.

    Args:
        path: A UTF-8 file.

    Returns:
        The parsed document.

    Raises:
        InputError: The file cannot be read, is not UTF-8 or not YAML; names the file and the line.
    """
    import yaml

    path = Path(path)
    try:
        return _parse(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"{mark.line + 1}:{mark.column + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "not YAML"
        raise InputError(f"{path}:{line or ' '}{problem}") from None
    except (OSError, ValueError) as error:  # no name for a file, no right to read it, a wrong date
        raise InputError(f"{path}: cannot be read ({error})") from None


def _parse(text: str) -> Any:
    """Safe loading by libyaml where it was built in: several times as fast as in Python."""
    import yaml

    if hasattr(yaml, "CSafeLoader"):
        with contextlib.suppress(yaml.YAMLError):  # the other one says better where it is wrong
            return yaml.load(text, Loader=yaml.CSafeLoader)
    return yaml.safe_load(text)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
