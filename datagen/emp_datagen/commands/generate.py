"""What all generating verbs do: options in, a run, its last line out."""

from __future__ import annotations

import errno
import os
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from emp_plugins.errors import InputError

PARTLY = 1
"""Exit status of a run in which some rows failed."""

STOPPED = 130
"""Exit status of a run that was stopped."""


def generate(verb: str, given: Mapping[str, Any]) -> None:
    """Runs a verb.

    Args:
        verb: A key of `emp_datagen.make.MAKERS`.
        given: The verb's options; those that it does not have keep their defaults.

    Raises:
        InputError: An option is wrong.
    """
    from emp_datagen.run import engine

    plan, spec = plan_of(verb, given), crew_of(verb, given)
    if given["preview"]:
        _preview(plan, spec, given["preview"])
        return
    options = options_of(given)
    check_out(options.out)
    from emp_datagen.run.estimate import announce
    from emp_datagen.run.progress import bar

    announce(plan, spec, options.prices)
    try:
        with bar(plan.n) as progress:
            report = engine.run(plan, spec, options, progress)
    except engine.Interrupted as stop:
        click.echo(
            f"Stopped ({stop.reason}): {stop.finished} finished rows are kept in "
            f"{options.out}.journal; run the same command again to go on",
            err=True,
        )
        raise SystemExit(STOPPED) from None
    click.echo(report.line())
    if report.failed:
        click.echo("run the same command with --resume to try the failed rows again", err=True)
        raise SystemExit(PARTLY)


def plan_of(verb: str, given: Mapping[str, Any]) -> Any:
    """The plan that options describe.

    Raises:
        InputError: A persona, template or bank is wrong.
    """
    from emp_datagen import bank
    from emp_datagen.cases import Plan
    from emp_datagen.personas import load

    folder = given.get("bank") or bank.SHIPPED
    held = bank.load_bank(folder)
    names = tuple(name for entry in given.get("errors", ()) for name in _names(entry))
    for name in names:
        if name not in held.errors:
            from emp_plugins.errors import did_you_mean

            hint = did_you_mean(name, held.errors)
            raise InputError(f"--errors: {name!r}: no such clinical error; {hint}")
    return Plan(
        kind=verb,
        personas=load(given["personas"], given.get("persona_dir")),
        n=given["n"],
        seed=given["seed"],
        split=given["split"],
        header=given["header"],
        format=given.get("format_", "conversational"),
        template=_template(given),
        risk_share=given.get("risk_share"),
        turns=max(given["turns"], given["cut"]),
        cut=given["cut"],
        errors=names,
        bank=folder,
    )


def crew_of(verb: str, given: Mapping[str, Any]) -> Any:
    """Who works on the rows, by the options.

    Raises:
        InputError: A teacher's name or the judges' block is wrong.
    """
    from emp_datagen import bank
    from emp_datagen.crew import CrewSpec
    from emp_datagen.judging.select import Rule
    from emp_datagen.teachers import Settings, check_name

    for name in filter(None, (given.get("teacher"), given.get("client"))):
        check_name(name)
    settings = Settings(
        concurrency=given.get("concurrency", 8),
        rpm=given.get("rpm", 0),
        tpm=given.get("tpm", 0),
        timeout=given.get("timeout", 120.0),
        retries=given.get("retries", 5),
        temperature=given.get("temperature", 0.9),
        max_tokens=given.get("max_tokens", 512),
        prompts=given.get("prompt_dir"),
        personas=given.get("persona_dir"),
        bank=given.get("bank") or bank.SHIPPED,
    )
    judged = "no_judge" in given and not given["no_judge"]
    teacher = given.get("teacher", "scripted")
    turns = max(given.get("turns", 1), given.get("cut", 0))
    alone = verb == "prompts" and teacher == "scripted" and turns == 1
    return CrewSpec(
        teacher="" if alone else teacher,
        client=given.get("client", ""),
        settings=settings,
        judging=judging_block(given),
        judged=judged or verb == "groups",
        rule=Rule(
            given.get("select", "label"),
            given.get("min_margin", 0.0),
            given.get("max_length_ratio", 1e9),
        ),
        candidates=given.get("candidates", 4),
        critique=given.get("critique", False),
        revise=given.get("revise", False),
    )


def judging_block(given: Mapping[str, Any]) -> dict[str, Any] | None:
    """``judges`` and ``rewards`` of the datagen recipe, with ``--judge`` among them.

    Raises:
        InputError: A key or value of them is wrong.
    """
    from emp_datagen.commands.config import BLOCKS
    from emp_datagen.judging.clinical import completed
    from emp_plugins.config import EmpathyConfig

    meta = click.get_current_context().meta
    block = {key: meta[key] for key in BLOCKS if key in meta}
    name = given.get("judge", "")
    if name:
        model, at, url = name.removeprefix("openai:").rpartition("@")
        if not at or not model:
            raise InputError(f"--judge: {name!r}: write it as MODEL@URL")
        if urlsplit(url).username or urlsplit(url).password:
            raise InputError("--judge: no user name or password in the URL; set OPENAI_API_KEY")
        block = completed(block)
        llm = {"backend": "openai", "model": model, "base_url": url}
        block["judges"] = {**block["judges"], "llm": llm}
        block["rewards"] = {"llm_judge": {"weight": 2.0}, **block["rewards"]}
    EmpathyConfig.from_block(completed(block))
    return block or None


def options_of(given: Mapping[str, Any]) -> Any:
    """How the run is carried out, by the options.

    Raises:
        InputError: Prices are wrong, or an excluded file is missing.
    """
    from emp_datagen.run.engine import Options
    from emp_datagen.run.work import Prices

    for path in given["exclude"]:
        if not path.is_file():
            raise InputError(f"--exclude: {path}: no such file")
    return Options(
        out=given["out"],
        resume=given["resume"],
        overwrite=given["overwrite"],
        exclude=given["exclude"],
        workers=given["workers"],
        ray=given["ray"],
        prices=Prices(*_prices(given.get("price", "")), most=_most(given)),
        command=shlex.join(["emp-datagen", *sys.argv[1:]]),
    )


def check_out(path: Path) -> None:
    """Fails before any work is done where the file cannot be written.

    Args:
        path: The file to write later.

    Raises:
        InputError: It is a folder, or of a form that is not written.
        OSError: The folder cannot be made or written to.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder, expected a file")
    folder = path.parent
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is a file, expected a folder", str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(errno.EACCES, "folder is not writable", str(folder))


def _preview(plan: Any, spec: Any, count: int) -> None:
    import dataclasses

    from emp_datagen.commands.show import show
    from emp_datagen.run.engine import preview

    for row in preview(dataclasses.replace(plan, n=count), spec):
        show(row)


def _template(given: Mapping[str, Any]) -> Any:
    from emp_datagen.rows import template_of

    wanted = given.get("structure") or given.get("template")
    return template_of(given.get("template")) if wanted else None


def _names(entry: str) -> list[str]:
    return [part.strip() for part in entry.split(",") if part.strip()]


def _prices(text: str) -> tuple[float, float]:
    if not text:
        return 0.0, 0.0
    try:
        one, other = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"--price: {text!r}: write it as IN,OUT, for example 0.15,0.60") from None
    if one < 0 or other < 0:
        raise InputError(f"--price: {text!r}: a price is at least 0")
    return one, other


def _most(given: Mapping[str, Any]) -> float:
    most = given.get("max_cost", 0.0)
    if most and not given.get("price"):
        raise InputError("--max-cost: needs --price IN,OUT, the price of a million tokens")
    return most
