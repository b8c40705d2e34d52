"""What is wrong with an input, said all at once."""

from __future__ import annotations


class BadInput(Exception):
    """Inputs that the caller can mend. `problems` names for each the place, what was found, expected, and the mend."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
