"""Chats to learn from: JSONL, one {"messages": [{role, content}, ...]} a row, as chat endpoints take them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .problems import BadInput

ROLES = ("system", "user", "assistant")
MOST_PROBLEMS = 200

Message = dict[str, str]


def read_conversations(path: Path, field: str) -> list[list[Message]]:
    """Every chat of a file. Raises BadInput with all problems, each with its row (from 1), place, finding and mend."""
    problems: list[str] = []
    chats: list[list[Message]] = []
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
        found = _problems_of(row, place)
        problems += found
        if not found:
            chats.append([{"role": message["role"], "content": message["content"]} for message in row["messages"]])
    if not problems and not chats:
        problems.append(f"{field}: {path.name} holds no rows, expected at least one chat")
    if len(problems) > MOST_PROBLEMS:
        problems = [*problems[:MOST_PROBLEMS], f"{field}: and {len(problems) - MOST_PROBLEMS} problems more"]
    if problems:
        raise BadInput(problems)
    return chats


def _problems_of(row: Any, place: str) -> list[str]:
    if not isinstance(row, dict) or not isinstance(row.get("messages"), list):
        return [f'{place}, messages: is missing or no list, expected {{"messages": [{{"role", "content"}}, ...]}}']
    messages = row["messages"]
    problems = []
    for index, message in enumerate(messages):
        at = f"{place}, messages[{index}]"
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
    if not problems and (not messages or messages[-1]["role"] != "assistant"):
        problems.append(f"{place}, messages: ends without an assistant message; add the answer or drop the row")
    if not problems and not any(message["role"] == "user" for message in messages):
        problems.append(f"{place}, messages: holds no user message; add the question or drop the row")
    return problems
