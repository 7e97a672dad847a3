"""Libraries that print, log and warn, kept away from the output of a command."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Iterator

ENVIRONMENT = {
    "AXOLOTL_DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
"""No telemetry, no network, no warning about forks."""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silences prints, logs and warnings, and puts the environment back afterwards.

    Yields:
        None.

    Example:
        >>> with quiet():
        ...     print("a banner")
        ...     os.environ["LEFT_BEHIND"] = "1"
        >>> "LEFT_BEHIND" in os.environ
        False
    """
    before, disabled = dict(os.environ), logging.root.manager.disable
    os.environ.update(ENVIRONMENT)
    logging.disable(logging.CRITICAL)
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)
