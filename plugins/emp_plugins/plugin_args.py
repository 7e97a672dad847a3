"""The key that the plugin adds to Axolotl's configuration schema."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class EmpathyArgs(BaseModel):
    """Lets Axolotl accept and keep ``empathy:``; ``EmpathyConfig`` validates its content."""

    empathy: dict[str, Any] | None = None
