"""manage.py import_csv DIR: reads in the files of a folder, the same way as the pages do.

On an empty installation the files themselves make organisers, school units and staff.
"""

import hashlib
import sys
from contextlib import ExitStack
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from followup import clock
from students.imports import engine, running
from students.imports.incoming import Incoming, look_at, propose_whole
from students.imports.kinds import KINDS
from students.imports.models import Batch
from students.imports.places import Places, Whole
from students.imports.reasons import sentence
from students.imports.samples import changed_lines
from students.imports.values import read_date

_SHOWN = 20


class Command(BaseCommand):
    help = "Läser in skolfiler (CSV eller Excel) ur en mapp."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="DIR", help="mapp med filer, eller en enda fil")
        parser.add_argument("--dry-run", action="store_true", help="visa vad som skulle ändras, ändra inget")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            metavar="SLAG=SKOLOR[:DAGAR]",
            help="vad en fil är hel för: inskrivningar=99900011,99900012 eller "
            "narvaro=99900011:2026-11-16..2026-11-20; filen = skolorna och dagarna i filen; inget = ingenting",
        )
        parser.add_argument(
            "--kind", action="append", default=[], metavar="FIL=SLAG", help="vad en fil innehåller"
        )
        parser.add_argument("--source", default="", help="namn på källan, till exempel skolans system")
        parser.add_argument(
            "--release", action="store_true", help="läs in även det som annars stoppas för kontroll"
        )
        parser.add_argument("--no-scan", action="store_true", help="kör ingen skanning efteråt")

    def handle(self, *, folder, dry_run, scope, kind, source, release, no_scan, **options):
        paths = [folder] if folder.is_file() else sorted(p for p in folder.glob("*") if p.is_file())
        paths = [path for path in paths if not path.name.startswith((".", "~$"))]
        if not paths:
            raise CommandError(_("Inga filer i %(folder)s.") % {"folder": folder})
        kinds = dict(_pair(text, "--kind") for text in kind)
        scopes = dict(_pair(text, "--scope") for text in scope)
        for code in [*kinds.values(), *scopes]:
            if code not in KINDS:
                raise CommandError(
                    _("Slaget %(kind)s finns inte. Välj något av: %(kinds)s.")
                    % {"kind": code, "kinds": ", ".join(KINDS)}
                )
        with ExitStack() as stack:
            if dry_run:
                stack.enter_context(transaction.atomic())
            files = [
                self._look_at(stack, path, source, kinds.get(path.name) or kinds.get(path.stem, ""))
                for path in paths
            ]
            if dry_run:
                self._dry_run(files, scopes)
                transaction.set_rollback(True)
            else:
                self._run(files, scopes, release, no_scan)
        if any(one.batch.state in (Batch.State.HELD, Batch.State.FAILED) and one.recognised for one in files):
            sys.exit(1)

    def _look_at(self, stack: ExitStack, path: Path, source: str, kind: str) -> Incoming:
        file = stack.enter_context(path.open("rb"))
        batch = Batch(file_name=path.name, source=source, checksum=_checksum(file), at=clock.now())
        incoming = look_at(name=path.name, file=file, batch=batch, kind=kind)
        if incoming.recognised:
            batch.save()
        return incoming

    def _dry_run(self, files, scopes):
        for one in files:
            self._set_whole(one, scopes)
        running.plan(files, running.Rights())
        for one in files:
            self._tell(one)
        self.stdout.write(_("Inget har ändrats."))

    def _run(self, files, scopes, release, no_scan):
        units: set[int] = set()
        for one in sorted(files, key=lambda one: one.order):
            if one.recognised:
                self._set_whole(one, scopes)
                running.run(one, running.Rights(), beside=files, release=release)
                if one.batch.state == Batch.State.DONE:
                    units |= one.batch.followed
            self._tell(one)
        if units and not no_scan:
            running.offer_to_follow(units)

    def _set_whole(self, one, scopes):
        if one.recognised is None:
            return
        places = Places.of(None)
        text = scopes.get(one.recognised.kind.code, "")
        whole = _whole(text, one, places) if text else propose_whole(one, places)
        batch = one.batch
        batch.whole_for_units, batch.whole_from, batch.whole_until = (
            list(whole.unit_ids),
            whole.first,
            whole.last,
        )

    def _tell(self, one):
        batch = one.batch
        if one.recognised is None:
            self.stdout.write(f"{one.name}: {sentence(batch.error, batch.error_params)}")
            return
        if batch.error:
            self.stdout.write(f"{one.name}: {sentence(batch.error, batch.error_params)}")
        counts = batch.counts
        self.stdout.write(
            _(
                "%(file)s: %(kind)s, %(rows)s rader. Nya: %(added)s, ändrade: %(changed)s, borta: %(gone)s, "
                "oförändrade: %(unchanged)s, stoppade: %(refused)s. %(state)s"
            )
            % {
                "file": one.name,
                "kind": one.recognised.kind.label,
                "state": batch.get_state_display().capitalize() + ".",
                **{
                    key: counts.get(key, 0)
                    for key in ("rows", "added", "changed", "gone", "unchanged", "refused")
                },
            }
        )
        for heading in one.recognised.ignored:
            self.stdout.write(_("  Kolumnen %(column)s läses inte.") % {"column": heading})
        for refusal in batch.refusals.all()[:_SHOWN]:  # never the value: terminals are kept in logs
            where = _("rad %(line)s") % {"line": refusal.line}
            self.stdout.write("  " + ", ".join(filter(None, [where, refusal.column])) + f": {refusal.reason}")
        for line, columns in changed_lines(batch):
            self.stdout.write(
                _("  rad %(line)s ändras: %(columns)s") % {"line": line, "columns": ", ".join(columns)}
            )
        for held in batch.held_because:
            self.stdout.write("  " + running.held_sentence(held))


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise CommandError(_("Skriv %(option)s NAMN=VÄRDE.") % {"option": option})
    return name, value


def _whole(text: str, one, places: Places) -> Whole:
    if text == "inget":
        return Whole()
    in_file = engine.units_and_days(one.file, one.layout, one.recognised, places)
    codes, _colon, days = text.partition(":")
    units = in_file.unit_ids
    if codes != "filen":
        unknown = [code for code in codes.split(",") if code not in places.by_code]
        if unknown:
            raise CommandError(_("Skolenheten %(code)s finns inte i Koll.") % {"code": unknown[0]})
        units = tuple(sorted(places.by_code[code].unit_id for code in codes.split(",")))
    if not days:
        return Whole(units, in_file.first, in_file.last)
    first, _dots, last = days.partition("..")
    try:
        return Whole(units, read_date(first), read_date(last or first))
    except ValueError:
        raise CommandError(_("Skriv dagarna som 2026-11-16..2026-11-20.")) from None


def _checksum(file) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()
