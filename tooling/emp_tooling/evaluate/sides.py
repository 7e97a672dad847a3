"""The two models of an evaluation: the one that was trained, and the one it is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from emp_tooling.evaluate.journal import Journal, Remembered
from emp_tooling.evaluate.material import sha256
from emp_tooling.evaluate.settings import BASE, Settings
from emp_tooling.models import Model
from emp_tooling.models import adapter as adapters
from emp_tooling.models.open import open_base, open_model
from emp_tooling.models.sampling import Sampling
from emp_tooling.recipe import required

WEIGHTS = "*.safetensors"
TOKENIZER = ("tokenizer_config.json", "chat_template.jinja")


@dataclass(frozen=True)
class Place:
    """Where a model is.

    Attributes:
        name: For tables: its folder, its name on the hub, or ``MODEL@URL``.
        identity: What its replies depend on; retrained weights have another one.
        open: Opens it.
        is_adapter: Whether it is an adapter in a folder.
    """

    name: str
    identity: Any
    open: Callable[[], Model]
    is_adapter: bool = False


def trained_side(settings: Settings, recipe: dict[str, Any], journal: Journal) -> Remembered:
    """The trained model; its weights are looked for now and loaded when they are needed.

    Args:
        settings: The evaluation.
        recipe: The recipe's keys.
        journal: Where replies are kept.

    Returns:
        The model.

    Raises:
        InputError: There is no such adapter or model, or the adapter belongs to another base.
    """
    place = _place(settings, recipe, trained=settings.trained, endpoint=settings.endpoint)
    return _remembered(place, "model", settings, recipe, journal)


def base_side(
    settings: Settings, recipe: dict[str, Any], journal: Journal, trained: Remembered
) -> Remembered:
    """The model to compare with; it shares the weights of an adapter's base that is in memory.

    Args:
        settings: The evaluation; ``compare`` is not ``none``.
        recipe: The recipe's keys.
        journal: Where replies are kept.
        trained: What ``trained_side`` gave.

    Returns:
        The model.

    Raises:
        InputError: See ``trained_side``.
    """
    compare = settings.compare
    if compare == BASE:
        place = _base(settings, recipe, trained)
    elif is_endpoint(compare):
        place = _place(settings, recipe, endpoint=compare)
    else:
        place = _place(settings, recipe, trained=Path(compare))
    return _remembered(place, "base", settings, recipe, journal)


def is_endpoint(name: str) -> bool:
    """Whether a text is ``MODEL@URL`` and no folder.

    Example:
        >>> is_endpoint("llama@http://127.0.0.1:8000/v1"), is_endpoint("outputs/dpo")
        (True, False)
    """
    return "@http" in name


def _base(settings: Settings, recipe: dict[str, Any], trained: Remembered) -> Place:
    """The recipe's base; beside an adapter it is that model with the adapter switched off."""
    base = required(recipe, "base_model", settings.recipe)
    beside = _place(settings, recipe, trained=settings.trained, endpoint=settings.endpoint)

    def opened() -> Model:
        # Also where every reply of the adapter was in the journal: the chat template is the
        # adapter's, and the base alone could have another one, or none.
        shared = trained.open() if beside.is_adapter else trained.opened
        return open_base(
            recipe,
            settings.recipe,
            engine=settings.engine,
            batch_size=settings.batch_size,
            trained=shared,
        )

    identity = [base, _weights(Path(base))]
    if beside.is_adapter:
        identity.append(_tokenizer(Path(beside.name)))
    return Place(base, identity, opened)


def _place(
    settings: Settings,
    recipe: dict[str, Any],
    *,
    trained: Path | None = None,
    endpoint: str | None = None,
) -> Place:
    def opened() -> Model:
        return open_model(
            recipe,
            settings.recipe,
            adapter=trained,
            endpoint=endpoint,
            engine=settings.engine,
            batch_size=settings.batch_size,
        )

    if endpoint is not None:
        return Place(endpoint, [endpoint], opened)
    base = required(recipe, "base_model", settings.recipe)
    found = adapters.find(recipe, settings.recipe, trained)
    identity = [str(found.folder), _weights(found.folder)]
    if found.is_adapter:
        adapters.check_base(found.folder, base, settings.recipe)
        identity += [base, _weights(Path(base))]
    return Place(str(found.folder), identity, opened, found.is_adapter)


def _remembered(
    place: Place, side: str, settings: Settings, recipe: dict[str, Any], journal: Journal
) -> Remembered:
    sampling = asdict(Sampling.from_recipe(recipe, settings.recipe))
    return Remembered(
        place.name,
        place.open,
        journal,
        side=side,
        identity=[place.identity, sampling],
        batch_size=settings.batch_size,
    )


def _tokenizer(folder: Path) -> list[str]:
    """Hashes of the files that an adapter's chat template can stand in."""
    return [sha256(folder / name) for name in TOKENIZER if (folder / name).is_file()]


def _weights(folder: Path) -> list[Any]:
    """Names, sizes and times of a folder's weights: they change when it is trained again."""
    files = sorted(folder.glob(WEIGHTS)) if folder.is_dir() else []
    return [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files]
