"""distilabel's LLMs for models in this process, with what their own versions leave out.

Of transformers: prompts in batches, and one begin-of-text token instead of two. Of vLLM: sampling
parameters that vLLM 0.20 knows. Importing this module imports distilabel: see `teachers.load`.
"""

from __future__ import annotations

import gc
from typing import Any

from distilabel.models.llms.huggingface.transformers import TransformersLLM
from distilabel.models.llms.utils import prepare_output
from distilabel.models.llms.vllm import vLLM

from emp_datagen.teachers.agent import Messages


class TransformersTeacher(TransformersLLM):
    """A model of transformers, on a GPU where there is one."""

    disable_cuda_device_placement: bool = True

    @property
    def chat_template_of_model(self) -> Any:
        """The tokenizer's chat template, or None."""
        return self._pipeline.tokenizer.chat_template

    def load(self) -> None:
        """Loads model and tokenizer; code from the hub is never run."""
        super().load()
        # Replies grow on the right, so that prompts of a batch are filled up on the left.
        self._pipeline.tokenizer.padding_side = "left"
        # The pipeline's own length, of which transformers would warn with each batch.
        self._pipeline.generation_config.max_length = None

    def unload(self) -> None:
        """Frees the model."""
        self._pipeline = None
        gc.collect()

    def generate(  # type: ignore[override]
        self,
        inputs: list[Messages],
        num_generations: int = 1,
        max_new_tokens: int = 128,
        temperature: float = 1.0,
    ) -> list[dict[str, Any]]:
        """Writes replies.

        Args:
            inputs: Lists of chat messages.
            num_generations: Replies for each.
            max_new_tokens: The most tokens of a reply.
            temperature: Of sampling; 0 takes the likeliest token.

        Returns:
            For each input ``{"generations": [...], "statistics": {...}}``.
        """
        tokenizer = self._pipeline.tokenizer
        sampling = {"temperature": temperature} if temperature > 0 else {}
        copies = 1 if temperature == 0 else num_generations
        outputs = self._pipeline(
            inputs,
            batch_size=len(inputs),
            max_new_tokens=max_new_tokens,
            do_sample=temperature > 0,
            num_return_sequences=copies,
            pad_token_id=tokenizer.pad_token_id,
            return_full_text=False,
            clean_up_tokenization_spaces=False,
            **sampling,
        )
        made = []
        for messages, output in zip(inputs, outputs, strict=True):
            texts = [one["generated_text"] for one in output] * (num_generations // copies)
            prompt = tokenizer.apply_chat_template(messages, tokenize=False)
            asked = len(tokenizer.encode(prompt, add_special_tokens=False))
            given = [len(tokenizer.encode(text, add_special_tokens=False)) for text in texts]
            made.append(prepare_output(texts, input_tokens=[asked], output_tokens=given))
        return made


class VLLMTeacher(vLLM):
    """A model of vLLM on the GPUs that are visible."""

    disable_cuda_device_placement: bool = True

    @property
    def chat_template_of_model(self) -> Any:
        """The tokenizer's chat template, or None."""
        return self._tokenizer.chat_template

    def unload(self) -> None:
        """Frees the model."""
        self._model = self._tokenizer = None
        gc.collect()

    def generate(  # type: ignore[override]
        self,
        inputs: list[Messages],
        num_generations: int = 1,
        max_new_tokens: int = 128,
        temperature: float = 1.0,
    ) -> list[dict[str, Any]]:
        """Writes replies, see `TransformersTeacher.generate`."""
        from vllm import SamplingParams

        copies = 1 if temperature == 0 else num_generations
        sampling = SamplingParams(n=copies, max_tokens=max_new_tokens, temperature=temperature)
        outputs = self._model.chat(inputs, sampling, use_tqdm=False)
        return [
            prepare_output(
                [one.text for one in output.outputs] * (num_generations // copies),
                input_tokens=[len(output.prompt_token_ids or ())],
                output_tokens=[len(one.token_ids) for one in output.outputs],
            )
            for output in outputs
        ]
