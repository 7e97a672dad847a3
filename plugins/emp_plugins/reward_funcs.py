"""What ``trl.reward_funcs`` names: ``emp_plugins.reward_funcs.<reward>``.

Names resolve through the plugin that Axolotl holds, so each run gets its own configured rewards.
``gated:pkg:mod:fn`` is the user's ``pkg.mod.fn`` behind the safety gate; the name alone says which
function it wraps, because a Ray worker only sees the dumped configuration.
"""

from __future__ import annotations

import importlib
from typing import Any

GATED = "gated:"
PLUGIN_NAMES = ("emp_plugins.EmpathyPlugin", "emp_plugins.plugin.EmpathyPlugin")
"""Under which names a recipe may list the plugin."""


def gated_name(dotted: str) -> str:
    """The name under which a user's function is found behind the gate.

    Example:
        >>> gated_name("my.rewards.fn")
        'gated:my:rewards:fn'
    """
    return GATED + dotted.replace(".", ":")


def import_function(dotted: str) -> Any:
    """Imports ``pkg.mod.fn``.

    Args:
        dotted: The dotted path.

    Returns:
        The function.

    Raises:
        ImportError: A module of the path, or one that it needs, is missing.
        AttributeError: The module holds no such name.
    """
    module, _, name = dotted.rpartition(".")
    return getattr(importlib.import_module(module), name)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    plugin = _plugin()
    if plugin is None or not plugin.rewards:
        raise AttributeError(
            f"emp_plugins.reward_funcs.{name}: no recipe with an empathy: block is registered; "
            "outside Axolotl use emp_plugins.rewards.make"
        )
    if name.startswith(GATED):
        from emp_plugins.rewards.gated import GatedReward

        function = import_function(name.removeprefix(GATED).replace(":", "."))
        return GatedReward(function, plugin.rewards["safety"])
    if name not in plugin.rewards:
        raise AttributeError(f"emp_plugins.reward_funcs.{name}: not in the empathy: block")
    return plugin.rewards[name]


def _plugin() -> Any:
    from axolotl.integrations.base import PluginManager

    plugins = PluginManager.get_instance().plugins
    return next((plugins[name] for name in PLUGIN_NAMES if name in plugins), None)
