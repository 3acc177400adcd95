"""Personal numbers that belong to nobody: the tax agency's test numbers (CC0), then temporary ones."""

import gzip
import random
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

TEST_NUMBERS = Path(__file__).parent / "data" / "test_numbers.txt.gz"


class Numbers:
    """Deals out each test number once; when a birth year has no more, a temporary number for the unit."""

    def __init__(self, chance: random.Random):
        self.chance = chance
        self.left = defaultdict(list)
        self.given = defaultdict(int)
        with gzip.open(TEST_NUMBERS, "rt") as lines:
            for number in lines.read().split():
                self.left[int(number[:4])].append(number)
        for numbers in self.left.values():
            chance.shuffle(numbers)

    def of_year(self, year: int, unit_id: int) -> tuple[str, str, date]:
        """Number, its kind, and the birth date."""
        if self.left[year]:
            number = self.left[year].pop()
            return number, "personnummer", date(year, int(number[4:6]), int(number[6:8]))
        while True:
            born = date(year, 1, 1) + timedelta(days=self.chance.randrange(365))
            self.given[unit_id, born] += 1
            if self.given[unit_id, born] < 100:
                return f"{born:%Y%m%d}TF{self.given[unit_id, born]:02d}", "temporary", born
