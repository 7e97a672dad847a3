"""The matrices of a decoder, from its architecture alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SEPARATE = ("llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2")
"""Model types with the seven Llama projections."""

FUSED = ("phi3",)
"""Model types that keep query, key and value in one matrix, and gate and up in another."""

HEAD_DIM = {"gemma": 256, "gemma2": 256, "qwen3": 128}
"""Width of a head where ``head_dim`` is left to the configuration class."""

TIED = ("gemma", "gemma2")
"""Model types whose configuration class ties the embeddings unless told otherwise."""

NORMS = {"gemma2": 4}
"""Norms in a layer where there are not two."""


SIZES = {
    "vocab": "vocab_size",
    "hidden": "hidden_size",
    "intermediate": "intermediate_size",
    "layers": "num_hidden_layers",
    "heads": "num_attention_heads",
}
"""What every architecture must state."""


@dataclass(frozen=True)
class Projection:
    """One linear module of a layer.

    Attributes:
        block: The submodule that holds it, ``self_attn`` or ``mlp``.
        inputs: Width of what goes in.
        outputs: Width of what comes out.
        bias: Whether it adds a bias.
    """

    block: str
    inputs: int
    outputs: int
    bias: bool = False

    @property
    def weights(self) -> int:
        """Entries of its matrix."""
        return self.inputs * self.outputs


@dataclass(frozen=True)
class Shape:
    """Sizes of a decoder whose model type is known here.

    Attributes:
        model_type: As transformers calls it.
        vocab: Rows of the embedding.
        hidden: Width of the residual stream.
        intermediate: Width inside the MLP.
        layers: Number of layers.
        heads: Query heads in a layer.
        kv_heads: Key and value heads in a layer.
        head_dim: Width of a head.
        positions: Longest sequence it was made for, or None where the architecture does not say.
        tied: Whether the output head is the embedding.
        qkv_bias: Whether query, key and value have a bias.
        o_bias: Whether the attention's output has one.
        mlp_bias: Whether the MLP has one.
    """

    model_type: str
    vocab: int
    hidden: int
    intermediate: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    positions: int | None
    tied: bool
    qkv_bias: bool = False
    o_bias: bool = False
    mlp_bias: bool = False

    @classmethod
    def of(cls, architecture: Mapping[str, Any]) -> Shape | None:
        """The sizes that an architecture states.

        Args:
            architecture: Keys of a ``config.json``.

        Returns:
            The sizes, or None for a model type that is not known here or lacks a size.

        Example:
            >>> from emp_plugins.check.architectures import find
            >>> Shape.of(find("meta-llama/Llama-3.1-8B-Instruct")).parameters
            8030261248
        """
        kind = architecture.get("model_type")
        sizes = {field: architecture.get(key) for field, key in SIZES.items()}
        if kind not in SEPARATE + FUSED or not all(map(_size, sizes.values())):
            return None
        hidden, heads = sizes["hidden"], sizes["heads"]
        attention_bias = bool(architecture.get("attention_bias"))
        return cls(
            model_type=kind,
            **sizes,
            kv_heads=_first(architecture.get("num_key_value_heads"), heads),
            head_dim=_first(architecture.get("head_dim"), HEAD_DIM.get(kind, hidden // heads)),
            positions=_first(architecture.get("max_position_embeddings"), None),
            tied=bool(architecture.get("tie_word_embeddings", kind in TIED)),
            qkv_bias=attention_bias or kind == "qwen2",
            o_bias=attention_bias,
            mlp_bias=bool(architecture.get("mlp_bias")),
        )

    @property
    def layer_class(self) -> str:
        """Name of transformers' class of one layer, such as ``Qwen2DecoderLayer``."""
        return f"{self.model_type.capitalize()}DecoderLayer"

    @property
    def projections(self) -> dict[str, Projection]:
        """The linear modules of one layer, by name."""
        query, pair = self.heads * self.head_dim, self.kv_heads * self.head_dim
        output = Projection("self_attn", query, self.hidden, self.o_bias)
        down = Projection("mlp", self.intermediate, self.hidden, self.mlp_bias)
        if self.model_type in FUSED:
            return {
                "qkv_proj": Projection("self_attn", self.hidden, query + 2 * pair),
                "o_proj": output,
                "gate_up_proj": Projection("mlp", self.hidden, 2 * self.intermediate),
                "down_proj": down,
            }
        up = Projection("mlp", self.hidden, self.intermediate, self.mlp_bias)
        return {
            "q_proj": Projection("self_attn", self.hidden, query, self.qkv_bias),
            "k_proj": Projection("self_attn", self.hidden, pair, self.qkv_bias),
            "v_proj": Projection("self_attn", self.hidden, pair, self.qkv_bias),
            "o_proj": output,
            "gate_proj": up,
            "up_proj": up,
            "down_proj": down,
        }

    @property
    def linear(self) -> int:
        """Matrix entries of the layers, which 4-bit and 8-bit loading quantizes."""
        return self.layers * sum(item.weights for item in self.projections.values())

    @property
    def embedding(self) -> int:
        """Entries of the embedding, and of an output head of its own."""
        return self.vocab * self.hidden

    @property
    def other(self) -> int:
        """Norms and biases."""
        biases = sum(item.outputs for item in self.projections.values() if item.bias)
        norms = NORMS.get(self.model_type, 2) * self.hidden
        if self.model_type == "qwen3":
            norms += 2 * self.head_dim  # one each for queries and keys
        return self.layers * (norms + biases) + self.hidden

    @property
    def parameters(self) -> int:
        """All parameters, a tied head counted once."""
        return self.linear + self.other + self.embedding * (1 if self.tied else 2)


def _first(value: object, default: int | None) -> Any:
    return value if _size(value) else default


def _size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
