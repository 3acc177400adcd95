"""scan.night: every unit's part for one day, against one statement that only reads the days.

The floor reads exactly the days of the longest window and sums them per pupil.
"""

from datetime import timedelta

from django.db import connection

from followup import clock
from followup.risk.models import Flag, FlagEvent, Scan
from tests.bench.lines import say, timed

MOST = 3.0
LONGEST_WINDOW = 60  # days, the last one included
FLOOR = """
    SELECT count(*), sum(absent) FROM (
        SELECT student_id, sum(excused + unexcused) AS absent, sum(scheduled - unreported)
        FROM students_attendanceday WHERE date BETWEEN %s AND %s GROUP BY student_id
    ) pupils
"""


def measure(rows: int = 0) -> None:
    from followup.risk.actions import scan_now

    day = clock.today() - timedelta(days=1)
    Scan.objects.all().delete()
    with connection.cursor() as cursor:
        floors = []
        for _ in range(2):
            with timed() as watch:
                cursor.execute(FLOOR, [day - timedelta(days=LONGEST_WINDOW - 1), day])
                pupils = cursor.fetchone()[0]
            floors.append(watch.seconds)
    floor = min(floors)
    for name in ("scan.night", "scan.again"):
        before = Flag.objects.count(), FlagEvent.objects.count()
        with timed() as watch:
            scan_now(day=day, hands=2)
        after = Flag.objects.count(), FlagEvent.objects.count()
        say(
            name,
            watch.seconds,
            "s",
            floor=floor,
            most=MOST,
            pupils=pupils,
            rows=sum(after) - sum(before),
            microseconds_per_pupil=round(watch.seconds / max(pupils, 1) * 1e6, 1),
        )
