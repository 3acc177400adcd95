"""How a figure is cut, in one place, so that none shown on a page contradicts its level."""

from decimal import ROUND_FLOOR, Decimal
from enum import Enum


def cut(value, decimals: int = 1) -> Decimal:
    """Cut, never rounded up: 9.99 per cent is not 10, and has not reached a limit of 10."""
    step = Decimal(1).scaleb(-decimals)
    return Decimal(str(value)).quantize(step, rounding=ROUND_FLOOR)


def cut_percent(part: int, whole: int, decimals: int = 1) -> Decimal:
    """`part` of `whole` in per cent, by whole numbers only."""
    steps = 100 * 10**decimals * part // whole
    return Decimal(steps).scaleb(-decimals)


FEW = 5  # a number of people smaller than this could be somebody


class Hidden(Enum):
    """A number of people that is not told, and what is said instead; counts as nothing."""

    SMALL = "<5"
    BESIDE = "–"  # big enough, but a small one could be found with it

    def __bool__(self):
        return False


def hide_small(numbers: list[int]) -> list[int | Hidden]:
    """Numbers of people that add up to a total which is shown, without those that must not be told.

    What is fewer than five is hidden, and then so many more, the smallest first, that what is hidden can
    not be found by taking the rest from the total: at least two, and five people together. Behind a nought
    nothing can hide: where only noughts are left nothing is told, not even which are small.
    """
    small = hidden = {at for at, number in enumerate(numbers) if is_few(number)}
    while hidden and _could_be_found(sum(numbers[at] for at in hidden), len(small), len(hidden) - len(small)):
        others = [at for at, number in enumerate(numbers) if number and at not in hidden]
        if not others:
            return [Hidden.BESIDE for _number in numbers]
        hidden = hidden | {min(others, key=numbers.__getitem__)}
    if len(hidden) == len(numbers):
        return [Hidden.BESIDE for _number in numbers]
    return [
        Hidden.SMALL if at in small else Hidden.BESIDE if at in hidden else number
        for at, number in enumerate(numbers)
    ]


def is_few(number: int) -> bool:
    return 0 < number < FEW


def _could_be_found(together: int, small: int, beside: int) -> bool:
    """Whether a small number has one value only, for who knows the sum and which of its parts are small.

    One and five make six in no other way, four and four make eight.
    """
    if small + beside < 2 or together < FEW:
        return True
    most = min(FEW - 1, together - (small - 1) - FEW * beside)
    least = 1 if beside else max(1, together - (FEW - 1) * (small - 1))
    return least >= most
