"""A click group that imports a verb only when it runs, and answers mistakes in one line."""

from __future__ import annotations

import errno
import importlib
from collections.abc import Mapping
from typing import Any

import click

from emp_plugins.errors import InputError, did_you_mean

Verbs = Mapping[str, tuple[str, str]]


class Failure(click.ClickException):
    """A mistake that the user can mend: one line on stderr, exit status 2."""

    exit_code = 2


class LazyGroup(click.Group):
    """A group of verbs given as a table, so that ``--help`` imports none of them.

    An `InputError` or an `OSError` that leaves a verb becomes one line, ``Error: …``, and exit
    status 2.

    Args:
        *args: Passed to `click.Group`.
        verbs: Verb to ``("module:attribute", short help)``.
        **kwargs: Passed to `click.Group`.

    Example:
        >>> table = {"pairs": ("emp_datagen.pairs:command", "Write preference pairs.")}
        >>> group = LazyGroup("demo", verbs=table)
        >>> group.list_commands(click.Context(group))
        ['pairs']
    """

    def __init__(self, *args: Any, verbs: Verbs, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verbs = dict(verbs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order of the table."""
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports one verb; None for a name outside the table."""
        if cmd_name not in self.verbs:
            return None
        module, _, attribute = self.verbs[cmd_name][0].partition(":")
        return getattr(importlib.import_module(module), attribute)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of verbs from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self.verbs.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the verb, or answers with the nearest one."""
        name = args[0]
        if name not in self.verbs and not name.startswith("-"):
            raise Failure(f"{name}: no such command; {did_you_mean(name, self.verbs)}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the verb and turns mistakes into one line."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise Failure(_one_line(str(error))) from error
        except OSError as error:
            # A reader that closed the pipe, such as head, is no mistake: click ends quietly.
            if error.errno == errno.EPIPE:
                raise
            raise Failure(_one_line(_reason(error))) from error


def _reason(error: OSError) -> str:
    if error.strerror is None:
        return str(error) or type(error).__name__
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror


def _one_line(text: str) -> str:
    return " ".join(text.split())
