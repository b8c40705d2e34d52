"""What to learn from, as JSONL: chats, one {"messages": [{role, content}, ...]} a row, as chat endpoints take them; and
preferences, one {"prompt": [message, ...], "chosen": [message], "rejected": [message]} a row, as TRL takes them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .problems import BadInput

ROLES = ("system", "user", "assistant")
MOST_PROBLEMS = 200

Message = dict[str, str]


@dataclass(frozen=True)
class Pair:
    """Two answers to one prompt, of which people, or a judge, preferred the first."""

    prompt: list[Message]
    chosen: str
    rejected: str


Row = TypeVar("Row")


def read_conversations(path: Path, field: str) -> list[list[Message]]:
    """Every chat of a file. Raises BadInput with all problems, each with its row (from 1), place, finding and mend."""
    return _read_rows(path, field, "chat", _problems_of_chat, lambda row: _plain(row["messages"]))


def read_preferences(path: Path, field: str) -> list[Pair]:
    """Every pair of a file. Raises BadInput as read_conversations."""

    def pair(row: dict[str, Any]) -> Pair:
        chosen, rejected = (row[name][0]["content"] for name in ("chosen", "rejected"))
        return Pair(_plain(row["prompt"]), chosen, rejected)

    return _read_rows(path, field, "pair", _problems_of_pair, pair)


def _plain(messages: list[dict[str, Any]]) -> list[Message]:
    return [{"role": message["role"], "content": message["content"]} for message in messages]


def _read_rows(
    path: Path, field: str, kind: str, problems_of: Callable[[Any, str], list[str]], parse: Callable[[Any], Row]
) -> list[Row]:
    problems: list[str] = []
    rows: list[Row] = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{field} row {number}"
        try:
            row = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError:
            problems.append(f"{place}: is not UTF-8; save the file as UTF-8")
            continue
        except ValueError as error:
            problems.append(f"{place}: is not JSON ({error}); write one JSON object a line")
            continue
        found = problems_of(row, place)
        problems += found
        if not found:
            rows.append(parse(row))
    if not problems and not rows:
        problems.append(f"{field}: {path.name} holds no rows, expected at least one {kind}")
    if len(problems) > MOST_PROBLEMS:
        problems = [*problems[:MOST_PROBLEMS], f"{field}: and {len(problems) - MOST_PROBLEMS} problems more"]
    if problems:
        raise BadInput(problems)
    return rows


def _problems_of_chat(row: Any, place: str) -> list[str]:
    if not isinstance(row, dict) or not isinstance(row.get("messages"), list):
        return [f'{place}, messages: is missing or no list, expected {{"messages": [{{"role", "content"}}, ...]}}']
    messages = row["messages"]
    problems = _problems_of_messages(messages, f"{place}, messages")
    if not problems and (not messages or messages[-1]["role"] != "assistant"):
        problems.append(f"{place}, messages: ends without an assistant message; add the answer or drop the row")
    if not problems and not any(message["role"] == "user" for message in messages):
        problems.append(f"{place}, messages: holds no user message; add the question or drop the row")
    return problems


def _problems_of_pair(row: Any, place: str) -> list[str]:
    if not isinstance(row, dict):
        return [f'{place}: found no object, expected {{"prompt", "chosen", "rejected"}}, each a list of messages']
    problems = []
    for name in ("prompt", "chosen", "rejected"):
        messages = row.get(name)
        if not isinstance(messages, list):
            problems.append(f'{place}, {name}: is missing or no list, expected [{{"role", "content"}}, ...]')
            continue
        found = _problems_of_messages(messages, f"{place}, {name}")
        if not found and name == "prompt" and (not messages or messages[-1]["role"] != "user"):
            found.append(f"{place}, prompt: ends without a user message; end it with the question")
        if not found and name != "prompt" and [message["role"] for message in messages] != ["assistant"]:
            found.append(f"{place}, {name}: found {len(messages)} messages, expected one of the assistant")
        problems += found
    if not problems and row["chosen"][0]["content"] == row["rejected"][0]["content"]:
        problems.append(f"{place}: chosen and rejected are the same; drop the row")
    return problems


def _problems_of_messages(messages: list[Any], place: str) -> list[str]:
    problems = []
    for index, message in enumerate(messages):
        at = f"{place}[{index}]"
        if not isinstance(message, dict):
            problems.append(f"{at}: found {json.dumps(message)[:60]}, expected an object with role and content")
            continue
        role, content = message.get("role"), message.get("content")
        if role not in ROLES:
            problems.append(f"{at}.role: found {json.dumps(role)}, expected one of {', '.join(ROLES)}; rename it")
        if role == "system" and index > 0:
            problems.append(f"{at}.role: found system after the first message; move it to the front")
        if not isinstance(content, str) or not content.strip():
            problems.append(f"{at}.content: found {json.dumps(content)[:60]}, expected text; fill it or drop the row")
    return problems
