"""What Axolotl loads: rewards, judges, dataset transforms and the plugin itself.

Recipes name ``emp_plugins.EmpathyPlugin`` and the transforms ``emp_plugins.prompts``, ``pairs``,
``kto``, ``orpo`` and ``wassa``. They are imported when first asked for, so that importing this
package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

_LAZY = {
    "EmpathyPlugin": "emp_plugins.plugin",
    "kto": "emp_plugins.transforms",
    "orpo": "emp_plugins.transforms",
    "pairs": "emp_plugins.transforms",
    "prompts": "emp_plugins.transforms",
    "wassa": "emp_plugins.transforms",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)
