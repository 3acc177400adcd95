"""School units and their organisers: few rows, with much hanging on each."""

from followup.accounts.models import Municipality, Organiser, SchoolUnit

from ..facts import Changes
from ..run import Run
from ..samples import FEW, Sample
from ..staging import Stage

_COLUMNS = {
    "name": "school_unit_name",
    "school_form": "school_form",
    "municipality_id": "municipality_code",
}


def merge_units(stage: Stage, run: Run) -> Changes:
    stage.fill()
    if not stage.places.may_make_places:
        stage.stop("true", "school_unit_code", "places_not_by_you")
    stage.stop_conflicts(
        ["unit_code"],
        ["school_unit_name", "organiser", "organisation_number", "municipality_code", "school_form"],
    )
    stage.stop(
        """s.municipality_code <> '' AND EXISTS (SELECT 1 FROM accounts_municipality)
           AND NOT EXISTS (SELECT 1 FROM accounts_municipality m WHERE m.code = s.municipality_code)""",
        "municipality_code",
        "municipality_unknown",
    )
    stage.stop(
        """coalesce(s.organisation_number, '') = ''
           AND NOT EXISTS (SELECT 1 FROM accounts_schoolunit u WHERE u.code = s.unit_code)""",
        "organiser",
        "organiser_unknown",
    )
    stage.stop(
        """EXISTS (SELECT 1 FROM accounts_schoolunit u JOIN accounts_organiser o ON o.id = u.organiser_id
                    WHERE u.code = s.unit_code AND s.organisation_number <> ''
                      AND o.organisation_number <> s.organisation_number)""",
        "organisation_number",
        "organiser_conflict",
    )
    return _apply(stage, run)


def _apply(stage: Stage, run: Run) -> Changes:
    stage.cursor.execute("""
        SELECT line, unit_code, school_unit_name, organiser, coalesce(organisation_number, ''),
               coalesce(municipality_code, ''), coalesce(school_form, '') FROM staged ORDER BY line
    """)
    staged = stage.cursor.fetchall()
    codes = {code for *_, code, _form in staged if code}
    known_codes = set(Municipality.objects.filter(code__in=codes).values_list("code", flat=True))
    organisers = {o.organisation_number: o for o in Organiser.objects.all()}
    units = {unit.code: unit for unit in SchoolUnit.objects.filter(code__in=[row[1] for row in staged])}
    changes, changed, made, samples = Changes(), [], [], []
    for line, code, name, organiser_name, number, municipality, form in staged:
        if number and number not in organisers:
            organisers[number] = Organiser(
                name=organiser_name,
                organisation_number=number,
                kind=_kind(number),
                municipality_id=municipality if municipality in known_codes else None,
            )
        wanted = {"name": name}
        if form:
            wanted["school_form"] = form
        if municipality in known_codes:
            wanted["municipality_id"] = municipality
        unit = units.get(code)
        if unit is None:
            made.append((code, number, wanted))
        elif any(getattr(unit, key) != value for key, value in wanted.items()):
            samples.append(
                Sample(
                    line=line,
                    name=unit.name,
                    fields=[
                        [_COLUMNS[key], getattr(unit, key), value]
                        for key, value in wanted.items()
                        if getattr(unit, key) != value
                    ],
                )
            )
            for key, value in wanted.items():
                setattr(unit, key, value)
            changed.append(unit)
        else:
            changes.unchanged += 1
    Organiser.objects.bulk_create([o for o in organisers.values() if o.pk is None])
    SchoolUnit.objects.bulk_update(changed, ["name", "school_form", "municipality_id"])
    new = SchoolUnit.objects.bulk_create(
        SchoolUnit(code=code, organiser=organisers[number], **wanted) for code, number, wanted in made
    )
    changes.added, changes.changed = len(new), len(changed)
    changes.samples = {"changed": samples[:FEW]}
    changes.units = {unit.pk for unit in [*changed, *new]}
    changes.digest = f"{sorted(code for code, *_ in made)}:{sorted(unit.code for unit in changed)}"
    return changes


def _kind(organisation_number: str) -> str:
    """The first digits of the number tell municipalities (212) and regions (232) from others."""
    return {
        "212": Organiser.Kind.MUNICIPAL,
        "222": Organiser.Kind.MUNICIPAL,
        "232": Organiser.Kind.REGIONAL,
    }.get(organisation_number[:3], Organiser.Kind.INDEPENDENT)
