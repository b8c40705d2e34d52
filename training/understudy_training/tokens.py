"""Chats as tokens, with labels on the answers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .conversations import Message
from .problems import BadInput

IGNORED = -100


@dataclass(frozen=True)
class Tokenised:
    """`rows` of {input_ids, labels}; `truncated` counts the chats cut to the length, `dropped` those whose answers
    were cut off whole.
    """

    rows: list[dict[str, list[int]]]
    truncated: int
    dropped: int


def tokenise(chats: list[list[Message]], tokenizer: Any, max_length: int, field: str) -> Tokenised:
    """Applies the base's chat template. A token has a label exactly when an assistant wrote it or ends its turn.

    Raises BadInput when no chat keeps an answer within `max_length` tokens.
    """
    rows = []
    truncated = dropped = 0
    for chat in chats:
        ids, labels = label_answers(chat, tokenizer)
        if len(ids) > max_length:
            truncated += 1
            ids, labels = ids[:max_length], labels[:max_length]
        if all(label == IGNORED for label in labels):
            dropped += 1
            continue
        rows.append({"input_ids": ids, "labels": labels})
    if not rows:
        raise BadInput([f"{field}: no answer fits into maxLength {max_length} tokens; raise config.maxLength"])
    return Tokenised(rows, truncated, dropped)


def label_answers(chat: list[Message], tokenizer: Any) -> tuple[list[int], list[int]]:
    """The token ids of a chat and their labels.

    The chat grows turn by turn: what the template adds for an assistant message beyond its own generation prompt, up
    to the end-of-turn token, is what a served model writes by itself. Raises BadInput for a template that rewrites
    earlier turns, because then the position of an answer is not defined.
    """
    ids: list[int] = []
    labels: list[int] = []
    for index, message in enumerate(chat):
        if message["role"] != "assistant":
            continue
        prompt = _encode(tokenizer, chat[:index], generation_prompt=True)
        whole = _encode(tokenizer, chat[: index + 1], generation_prompt=False)
        if whole[: len(prompt)] != prompt or whole[: len(ids)] != ids:
            raise BadInput(
                ["config.base: its chat template rewrites earlier turns; use a base whose template only appends"]
            )
        labels += [IGNORED] * (len(prompt) - len(ids))
        labels += whole[len(prompt) :]
        ids = whole
        last = len(ids) - 1
        while last >= len(prompt) and ids[last] != tokenizer.eos_token_id:
            last -= 1
        if last >= len(prompt):
            labels[last + 1 :] = [IGNORED] * (len(ids) - last - 1)
    return ids, labels


def _encode(tokenizer: Any, messages: list[Message], *, generation_prompt: bool) -> list[int]:
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=generation_prompt)
    return tokenizer(text, add_special_tokens=False)["input_ids"]
