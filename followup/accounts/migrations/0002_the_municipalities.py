"""Fills in Sweden's 290 municipalities, so that nobody has to type them."""

import csv
from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent.parent / "data" / "municipalities.csv"


def fill(apps, schema_editor):
    Municipality = apps.get_model("accounts", "Municipality")
    with FILE.open(encoding="utf-8", newline="") as file:
        Municipality.objects.bulk_create(
            (Municipality(code=row["code"], name=row["name"]) for row in csv.DictReader(file)),
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=False)]
