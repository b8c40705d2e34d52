"""Files that are either complete or absent."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_json(path: Path, value: Any) -> None:
    """Writes JSON so that a reader, or a crash, never sees half of it. NaN and infinities become null."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with partial.open("w", encoding="utf-8") as stream:
        json.dump(finite(value), stream, ensure_ascii=False, indent=1, allow_nan=False)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(path)


def finite(value: Any) -> Any:
    """The value with every number that JSON can't carry replaced by null."""
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [finite(item) for item in value]
    return value


def describe_files(folder: Path) -> list[dict[str, Any]]:
    """Every file below a folder with its digest: {path (relative), sha256, bytes}, sorted by path."""
    return [
        {"path": path.relative_to(folder).as_posix(), "sha256": sha256_of(path), "bytes": path.stat().st_size}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def digest_of_folder(folder: Path) -> str:
    """One digest for a folder: SHA-256 over the sorted lines "<sha256>  <path>" of its files, as sha256sum prints
    them.
    """
    lines = "".join(f"{entry['sha256']}  {entry['path']}\n" for entry in describe_files(folder))
    return hashlib.sha256(lines.encode()).hexdigest()
