"""``EmpathyInference``: from a recipe to replies, prompted as in its training."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from emp_plugins.completion import Template
from emp_plugins.config import EmpathyConfig
from emp_plugins.safety import judge_reply
from emp_tooling.inference.live import Live
from emp_tooling.inference.reader import Reader, settings
from emp_tooling.inference.reply import Reading, Reply
from emp_tooling.inference.split import Splitter
from emp_tooling.inference.transcript import Conversation, checked
from emp_tooling.models import Model
from emp_tooling.models.sampling import Sampling
from emp_tooling.recipe import read_recipe

ONLY_REASONING = "no answer, only reasoning"


class EmpathyInference:
    """The trained model of a recipe, to talk to.

    System prompt, state header and chat template are those of the training, from the recipe and
    the model's folder. The state s_t is read from the client's turns by the recipe's emotion
    judge, the risk by phrase tables and the risk judge.

    A recipe asks for structure where it has an ``empathy:`` block without ``answer: whole``. Where
    it does not, a reply without any tags is a whole answer, not a fault; without a block the
    default template and judges count.

    Attributes:
        model: What replies.

    Example:
        ```python
        listener = EmpathyInference("recipes/tiny_grpo_empathy.yml", user={"diagnosis": "MDD"})
        reply = listener.respond("I can't sleep since they let me go.")
        print(reply.answer, reply.risk.level, reply.state.trend)
        ```
    """

    def __init__(
        self,
        recipe: str | Path,
        adapter: str | Path | None = None,
        *,
        endpoint: str | None = None,
        user: Mapping[str, str] | None = None,
        locale: str | None = None,
        sampling: Sampling | None = None,
        model: Model | None = None,
    ) -> None:
        """Reads the recipe and loads the model.

        Args:
            recipe: The YAML file that was trained.
            adapter: Folder of the adapter or of a merged model; None for the recipe's
                ``output_dir``.
            endpoint: ``MODEL@URL`` of a server that has the model; nothing is loaded here.
            user: u_t, what is known of the client: ``diagnosis``, ``severity``.
            locale: Where the client lives, for crisis resources: ``en-GB``; None for the recipe's
                ``empathy.rewards.safety.locale``.
            sampling: How tokens are drawn; None for the recipe's ``trl`` block.
            model: A model that is open already; the other sources are not looked at.

        Raises:
            InputError: The recipe or its model cannot be used, or the locale is unknown.
        """
        from emp_plugins.monitor.prompts import header_style

        read = read_recipe(recipe)
        config = EmpathyConfig.from_recipe(read)
        self._structured = config is not None and config.answer == "tagged"
        self._config = config or EmpathyConfig()
        self._locale = locale
        self._reader = Reader(
            self._config, style=header_style(read), user=user or {}, locale=locale
        )
        self.model = model or _open(read, recipe, adapter, endpoint, sampling)

    def read(self, messages: Conversation) -> Reading:
        """The state, the risk and the prompt of a conversation, without asking the model.

        Args:
            messages: See ``respond``.

        Returns:
            The reading.

        Raises:
            InputError: See ``respond``.
        """
        (reading,) = self._reader.read([checked(messages)])
        return reading

    def respond(self, messages: Conversation, *, seed: int | None = None) -> Reply:
        """Replies to a conversation.

        Args:
            messages: The client's message, or messages (``role`` and ``content``) that end with
                it; earlier replies as the client saw them, which is ``Reply.answer``.
            seed: The same seed gives the same reply; None draws anew each time.

        Returns:
            The reply.

        Raises:
            InputError: A message has an unknown role or no text, named by its index, or the model
                cannot be used.
        """
        (reply,) = self.respond_all([messages], seed=seed)
        return reply

    def respond_all(
        self, conversations: Sequence[Conversation], *, seed: int | None = None
    ) -> list[Reply]:
        """Replies to many conversations, in batches.

        Args:
            conversations: See ``respond``.
            seed: See ``respond``.

        Returns:
            One reply each.

        Raises:
            InputError: See ``respond``.
        """
        readings = self._reader.read([checked(one) for one in conversations])
        drawn = secrets.randbelow(2**31) if seed is None else seed
        texts = self.model.reply([reading.prompt for reading in readings], seed=drawn)
        return [self._reply(one, text) for one, text in zip(readings, texts, strict=True)]

    def stream(self, messages: Conversation, *, seed: int | None = None) -> Live:
        """Replies piece by piece.

        Args:
            messages: See ``respond``.
            seed: See ``respond``.

        Returns:
            An iterator over the pieces, which knows the state and the risk before the first one
            and the whole reply after the last.

        Raises:
            InputError: See ``respond``; the model may also fail while it is iterated.
        """
        reading = self.read(messages)
        pieces = self.model.stream(reading.prompt, seed=seed)
        return Live(reading, pieces, self._splitter(), lambda text: self._reply(reading, text))

    def generate_empathetic_response(self, user_message: str) -> str:
        """The answer to a single message.

        Args:
            user_message: What the client says.

        Returns:
            What the client sees.

        Raises:
            InputError: See ``respond``.
        """
        return self.respond(user_message).answer

    def close(self) -> None:
        """Frees the model."""
        self.model.close()

    @property
    def _template(self) -> Template:
        return self._config.resolved_template

    def _splitter(self) -> Splitter:
        return Splitter(self._template)

    def _reply(self, reading: Reading, text: str) -> Reply:
        splitter = self._splitter()
        for _ in (*splitter.feed(text), *splitter.finish()):
            pass
        answer, reasoning = splitter.answer, splitter.reasoning
        return Reply(
            answer=answer,
            reasoning=reasoning,
            state=reading.state,
            risk=reading.risk,
            raw=text,
            problems=self._problems(text, splitter),
            safety=self._broken_rule(answer or text, reading),
        )

    def _problems(self, text: str, splitter: Splitter) -> tuple[str, ...]:
        if not self._structured and not splitter.tagged and splitter.answer:
            return ()
        found = self._template.parse(text).problems
        mute = splitter.reasoning and not splitter.answer
        return (*found, ONLY_REASONING) if mute else found

    def _broken_rule(self, shown: str, reading: Reading) -> str:
        limits = settings(self._config)
        verdict = judge_reply(
            shown,
            reading.risk.level,
            limits.min_chars,
            client=reading.client,
            locale=(self._locale or limits.locale) if limits.locale_only else None,
        )
        return "" if verdict.safe else verdict.rule


def _open(
    recipe: dict,
    path: str | Path,
    adapter: str | Path | None,
    endpoint: str | None,
    sampling: Sampling | None,
) -> Model:
    from emp_tooling.models.open import open_model

    return open_model(recipe, path, adapter=adapter, endpoint=endpoint, sampling=sampling)
