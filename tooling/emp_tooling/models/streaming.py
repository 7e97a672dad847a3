"""Text from a generation in another thread, as it comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any


def stream(generate: Callable[..., None], tokenizer: Any) -> Iterator[str]:
    """Runs a generation in a thread and yields its text.

    Args:
        generate: Calls a model's ``generate`` with the keyword arguments it is given: the streamer
            and a stopping criterion.
        tokenizer: Decodes the tokens.

    Yields:
        Pieces of text, without prompt and special tokens. When the iterator is closed, or the
        reader is interrupted, the generation ends at its next token and the thread with it.

    Raises:
        Exception: Whatever the generation raised.
    """
    from transformers import StoppingCriteriaList, TextIteratorStreamer

    streamer = TextIteratorStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
    unwanted = threading.Event()
    failed: list[Exception] = []

    def run() -> None:
        try:
            generate(streamer=streamer, stopping_criteria=StoppingCriteriaList([_until(unwanted)]))
        except Exception as error:  # handed to the reader
            failed.append(error)
            streamer.on_finalized_text("", stream_end=True)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield from filter(None, streamer)
    finally:
        unwanted.set()
        thread.join()
    if failed:
        raise failed[0]


def _until(unwanted: threading.Event) -> Callable[..., Any]:
    def stop(input_ids: Any, scores: Any, **options: Any) -> Any:
        import torch

        return torch.full((len(input_ids),), unwanted.is_set(), device=input_ids.device)

    return stop
