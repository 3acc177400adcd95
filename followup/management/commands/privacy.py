"""`manage.py privacy`: writes docs/privacy.md from what the models say of themselves."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from followup.privacy import our_models

PAGE = Path(settings.BASE_DIR) / "docs" / "privacy.md"

# What each kind of data is for, and the law it rests on. Every model stands in one of the groups.
GROUPS = [
    (
        "Vem eleven är",
        "Skolan ska veta vem den undervisar och nå hem (skollagen 26 a kap.; hemkommun: 29 kap. 6 §). Skyddade "
        "personuppgifter visas bara för dem som är utsedda (offentlighets- och sekretesslagen 22 kap. 1 §).",
        "students.Person students.ProtectionMark students.NamedAccess students.Student students.Guardian",
    ),
    (
        "Skolans uppgifter",
        "De läses in ur skolans egna system, för att se i tid vem som behöver något (skollagen 3 kap. 2-7 §§, "
        "15 kap. 16 §). Det är ett allmänt intresse (GDPR art. 6.1 e). Koll är inte skolans arkiv: originalen "
        "finns i systemen som filerna kom ur.",
        "students.Enrolment students.Group students.GroupMember students.GroupStaff students.AttendanceDay "
        "students.Absence students.Grade students.EarlierFact students.FactDispute",
    ),
    (
        "Vad nattens skanning säger",
        "Flaggor säger vad som är känt och sedan när, aldrig vad en elev är. Ingen flagga är ett beslut: människor "
        "bedömer (GDPR art. 22).",
        "risk.Threshold risk.Scan risk.ScanPart risk.Flag risk.FlagEvent",
    ),
    (
        "Vad människor gör",
        "Elevhälsans och rektors beslut, insatser och avstämningar (skollagen 2 kap. 25 §, 3 kap.). Fritext kan vara "
        "känslig (GDPR art. 9.2 g; dataskyddslagen 3 kap. 3 §) och omfattas av sekretess (offentlighets- och "
        "sekretesslagen 23 kap. 2 §). Tidigare lydelser sparas med det de rättar och försvinner med det.",
        "students.Involvement students.SupportMeasure students.Draft risk.Decision coaching.CheckIn",
    ),
    (
        "Filer som läses in",
        "Filen sparas så att den kan granskas, rättas och läsas in igen. Innehållet gallras varje natt när tiden är "
        "ute; kvar blir när den lästes in, av vem och vad den ändrade.",
        "students.Upload students.UploadedFile students.FilePart students.Batch students.Refusal "
        "students.HeadingMapping",
    ),
    (
        "Personal och platser",
        "Vem som har vilken roll var och hur länge, så att var och en ser sina elever och ingen annan.",
        "accounts.Installation accounts.Municipality accounts.Organiser accounts.SchoolUnit accounts.User "
        "accounts.Grant accounts.Invitation",
    ),
    (
        "Spåret",
        "Vem som har läst och gjort vad, när (GDPR art. 5.2 och 32). Bara nummer, aldrig namn eller text. Databasen "
        "vägrar ändra och ta bort.",
        "audit.Event audit.Reading",
    ),
]

HEAD = """# Personuppgifter i Koll

Vad som sparas, varför och hur länge. Sidan skrivs av `manage.py privacy` ur vad modellerna säger om sina fält; ett prov fäller den som lägger till ett fält utan att tänka. Varje huvudman är personuppgiftsansvarig för sina egna elever (GDPR art. 4.7); inget går mellan huvudmän.

*Personuppgift* är varje fält som säger något om en människa. *Känsligt* är fritext och annat som kan handla om hälsa eller liknande.
"""

TAIL = """
## Hur det tas bort

Varje natt, utan att någon gör något: inlästa filers innehåll och stoppade rader (30 dagar efter inläsningen), utkast (30 dagar), sessioner som har gått ut. Övriga tider i tabellerna är huvudmannens regler: de gallras ännu för hand, av databasens ägare.

Utanför tabellerna: en inloggning har adress och webbläsare i `usersessions_usersession` tills den avslutas. Cachen i Redis har räknare för inloggningsförsök, utan namn. Loggen har händelser med id, aldrig namn, nummer eller text. Kakorna står på sidan Kakor.

Skyddade elever syns i tabellerna som alla andra, men på sidor, i sökning, i filer ut och i brev bara för dem som är utsedda för dem.
"""


class Command(BaseCommand):
    help = "Skriver docs/privacy.md. Med --check säger det bara om den är gammal."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true")

    def handle(self, *, check, **options):
        page = written()
        if not check:
            PAGE.write_text(page, encoding="utf-8")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            raise CommandError("docs/privacy.md är gammal. Kör manage.py privacy.")


def written() -> str:
    models = {model._meta.label: model for model in our_models()}
    parts = [HEAD]
    for title, why, labels in GROUPS:
        parts.append(
            f"\n## {title}\n\n{why}\n\n| uppgift | personuppgifter | känsliga | sparas |\n| --- | --- | --- | --- |\n"
        )
        parts += [_row(models.pop(label)) for label in labels.split()]
    if models:
        raise CommandError(
            f"Sätt in {', '.join(models)} i en grupp i followup/management/commands/privacy.py."
        )
    return "".join([*parts, TAIL])


def _row(model) -> str:
    privacy = model.Privacy
    cells = [
        str(model._meta.verbose_name),
        _names(model, getattr(privacy, "personal", [])),
        _names(model, getattr(privacy, "sensitive", [])),
        getattr(privacy, "kept", "Tills vidare."),
    ]
    return "| " + " | ".join(cells) + " |\n"


def _names(model, fields) -> str:
    return ", ".join(str(model._meta.get_field(name).verbose_name) for name in fields) or "–"
