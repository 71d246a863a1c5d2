"""The outcome of a test."""

from dataclasses import dataclass

PASSED, FAILED, INVALID = "passed", "failed", "invalid"


@dataclass
class Outcome:
    """`invalid`: the test did not run, so that nothing is known."""

    result: str
    detail: str = ""


def passed():
    return Outcome(PASSED)


def failed(detail=""):
    return Outcome(FAILED, detail)


def invalid(detail):
    return Outcome(INVALID, detail)
