"""Chats as tokens, with labels on the answers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .conversations import Message, Pair
from .problems import BadInput

IGNORED = -100
REWRITES = "config.base: its chat template rewrites earlier turns; use a base whose template only appends"


@dataclass(frozen=True)
class Tokenised:
    """`rows` of {input_ids, labels}; `truncated` counts the chats cut to the length, `dropped` those whose answers
    were cut off whole.
    """

    rows: list[dict[str, list[int]]]
    truncated: int
    dropped: int


@dataclass(frozen=True)
class TokenisedPairs:
    """`rows` of {prompt_ids, chosen_ids, rejected_ids}; `truncated` and `dropped` as of Tokenised."""

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


def tokenise_pairs(pairs: list[Pair], tokenizer: Any, max_length: int, field: str) -> TokenisedPairs:
    """Applies the base's chat template. A completion ends with its end-of-turn token, as label_answers has it.

    A pair whose prompt fills `max_length` tokens, or whose completions are the same once they are cut, teaches nothing
    and is dropped. Raises BadInput when no pair is left.
    """
    rows = []
    truncated = dropped = 0
    for pair in pairs:
        turns = [
            _turn([*pair.prompt, {"role": "assistant", "content": answer}], len(pair.prompt), tokenizer)
            for answer in (pair.chosen, pair.rejected)
        ]
        prompt = turns[0].prompt
        room = max_length - len(prompt)
        chosen, rejected = (turn.answer[: max(0, room)] for turn in turns)
        truncated += any(len(turn.answer) > room for turn in turns)
        if room <= 0 or chosen == rejected:
            dropped += 1
            continue
        rows.append({"prompt_ids": prompt, "chosen_ids": chosen, "rejected_ids": rejected})
    if not rows:
        raise BadInput([f"{field}: no two answers differ within maxLength {max_length} tokens; raise config.maxLength"])
    return TokenisedPairs(rows, truncated, dropped)


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
        turn = _turn(chat, index, tokenizer)
        whole = [*turn.prompt, *turn.answer, *turn.rest]
        if whole[: len(ids)] != ids:
            raise BadInput([REWRITES])
        labels += [IGNORED] * (len(turn.prompt) - len(ids)) + turn.answer + [IGNORED] * len(turn.rest)
        ids = whole
    return ids, labels


@dataclass(frozen=True)
class _Turn:
    """The tokens of a chat up to an assistant's turn: before it, what it writes, what the template adds behind."""

    prompt: list[int]
    answer: list[int]
    rest: list[int]


def _turn(chat: list[Message], index: int, tokenizer: Any) -> _Turn:
    prompt = _encode(tokenizer, chat[:index], generation_prompt=True)
    whole = _encode(tokenizer, chat[: index + 1], generation_prompt=False)
    if whole[: len(prompt)] != prompt:
        raise BadInput([REWRITES])
    end = len(whole)
    while end > len(prompt) and whole[end - 1] != tokenizer.eos_token_id:
        end -= 1
    if end == len(prompt):
        end = len(whole)
    return _Turn(prompt, whole[len(prompt) : end], whole[end:])


def _encode(tokenizer: Any, messages: list[Message], *, generation_prompt: bool) -> list[int]:
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=generation_prompt)
    return tokenizer(text, add_special_tokens=False)["input_ids"]
