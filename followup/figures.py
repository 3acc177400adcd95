"""How a figure is cut, in one place, so that none shown on a page contradicts its level."""

from decimal import ROUND_FLOOR, Decimal


def cut(value, decimals: int = 1) -> Decimal:
    """Cut, never rounded up: 9.99 per cent is not 10, and has not reached a limit of 10."""
    step = Decimal(1).scaleb(-decimals)
    return Decimal(str(value)).quantize(step, rounding=ROUND_FLOOR)


def cut_percent(part: int, whole: int, decimals: int = 1) -> Decimal:
    """`part` of `whole` in per cent, by whole numbers only."""
    steps = 100 * 10**decimals * part // whole
    return Decimal(steps).scaleb(-decimals)
