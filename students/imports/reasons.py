"""Why a row or a file is stopped, in words that say what to do about it.

A reason is kept as a code with its values, so that the sentence is written in the reader's language.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    # one cell
    "missing": _("Värdet saknas. Fyll i det och läs in raden igen."),
    "unreadable": _("Tecken i värdet går inte att läsa. Spara filen som CSV UTF-8 och läs in den igen."),
    "mojibake": _("Å, ä eller ö har blivit fel tecken. Spara filen som CSV UTF-8 och läs in den igen."),
    "too_long": _("Texten är längre än %(limit)s tecken. Korta den och läs in raden igen."),
    "excel_date": _(
        "Excel har gjort om värdet till ett datum. Gör om kolumnen till text och skriv värdet igen."
    ),
    "number_missing": _("Personnumret saknas. Slå upp numret, fyll i det och läs in raden igen."),
    "number_is_birth_date": _(
        "Här står bara ett födelsedatum, och det kan gälla flera elever. "
        "Slå upp personnumret, fyll i det och läs in raden igen."
    ),
    "number_e_notation": _(
        "Excel har gjort om numret så att siffror saknas. Gör om kolumnen till text och spara filen igen."
    ),
    "number_lost_zero": _(
        "Numret har för få siffror, troligen har en nolla i början fallit bort. "
        "Gör om kolumnen till text och spara filen igen."
    ),
    "number_shape": _("Det här är inget personnummer. Skriv 12 siffror: ÅÅÅÅMMDDNNNN."),
    "number_date": _("Numret börjar inte med ett datum som finns. Kontrollera det i skolans system."),
    "number_future": _("Födelsedatumet har inte varit ännu. Kontrollera numret i skolans system."),
    "number_check_digit": _("Kontrollsiffran stämmer inte. Kontrollera numret i skolans system."),
    "date_ambiguous": _("Kan vara %(first)s eller %(second)s. Skriv %(first_iso)s eller %(second_iso)s."),
    "date_shape": _("Det här går inte att läsa som ett datum. Skriv till exempel 2026-11-24."),
    "date_unreal": _("Datumet finns inte i almanackan. Kontrollera det i skolans system."),
    "whole_number": _("Här ska stå ett helt tal, 0 eller mer. Skriv till exempel 60."),
    "too_many_minutes": _("Fler minuter än ett dygn har (1 440). Kontrollera värdet i skolans system."),
    "time_shape": _("Det här går inte att läsa som ett klockslag. Skriv till exempel 08:10."),
    "unit_code_shape": _("En skolenhetskod har 8 siffror. Den står i Skolverkets skolenhetsregister."),
    "organisation_number_shape": _("Ett organisationsnummer har 10 siffror. Kontrollera det."),
    "municipality_code_shape": _("En kommunkod har 4 siffror, till exempel 0180."),
    "email_shape": _("Det här är ingen e-postadress. Rätta den och läs in raden igen."),
    "choice": _("Värdet känns inte igen. Skriv något av: %(choices)s."),
    "role_not_by_file": _("Systemadministratörer läggs till under Användare och roller, inte med en fil."),
    # one row
    "too_many_cells": _(
        "Raden har %(cells)s celler men rubrikraden har %(headings)s. "
        "Troligen står ett skiljetecken i en text: sätt texten inom citattecken."
    ),
    "too_few_cells": _(
        "Raden har %(cells)s celler men rubrikraden har %(headings)s. Filen kan vara avklippt: hämta den på nytt."
    ),
    "unclosed_quote": _("Raden har ett citattecken som aldrig avslutas. Ta bort det och läs in raden igen."),
    "more_absence_than_lessons": _(
        "Mer frånvaro och orapporterat (%(absent)s min) än lektionstid (%(scheduled)s min) samma dag. "
        "Kontrollera i skolans system."
    ),
    "ends_before_start": _("Slutdatum ligger före startdatum (%(starts_on)s). Kontrollera i skolans system."),
    "grade_missing": _("Betyget saknas. Skriv A–F eller -, eller ändra slag till varning."),
    "warning_with_grade": _("En varning har inget betyg. Töm betyget, eller ändra slag till betyg."),
    "temporary_needs_unit": _(
        "Ett tillfälligt nummer gäller bara på en skola. Fyll i skolenhetskoden och läs in raden igen."
    ),
    "place_missing": _("Rollen %(role)s gäller %(place)s. Fyll i kolumnen och läs in raden igen."),
    # a row against what is known
    "unit_unknown": _(
        "Skolenheten finns inte i Koll. Kontrollera koden, eller läs in skolan först (filen skolenheter)."
    ),
    "unit_outside": _("Du får inte läsa in uppgifter för den här skolan. Be skolans administratör göra det."),
    "organiser_unknown": _(
        "Huvudmannen finns inte i Koll. Fyll i organisationsnumret, eller lägg till den först."
    ),
    "organiser_conflict": _(
        "Organisationsnumret hör redan till %(organiser)s. Kontrollera vilken huvudman skolan har."
    ),
    "municipality_unknown": _("Kommunkoden finns inte. Kontrollera den mot SCB:s lista."),
    "student_unknown": _(
        "Eleven finns inte hos skolans huvudman. Läs in eleven först (filerna elever och inskrivningar)."
    ),
    "staff_unknown": _(
        "Ingen i personalen har den här e-postadressen. Läs in personalen först (filen personal)."
    ),
    "waits_for_enrolment": _(
        "Skolenhetskod saknas och ingen inskrivning säger vilken skola eleven går på. "
        "Läs in inskrivningen i samma omgång, eller fyll i skolenhetskoden."
    ),
    "several_organisers": _(
        "Eleven har inskrivningar hos flera huvudmän. Fyll i skolenhetskoden så att det syns vilken raden gäller."
    ),
    "conflict": _("Rad %(lines)s gäller samma sak men säger olika. Ingen av dem läses in. Behåll den rätta."),
    "overlaps": _(
        "Eleven har redan en inskrivning på skolan de här dagarna (från %(starts_on)s). Kontrollera datumen."
    ),
    "names_changed": _(
        "Numret finns redan, med både ett annat förnamn och ett annat efternamn. Avgör om det är samma elev."
    ),
    "role_in_own_organiser_only": _("Du får inte ge roller här. Be huvudmannens administratör göra det."),
    "role_to_oneself": _(
        "Du kan inte ge dig själv en roll eller förlänga den. Be en annan administratör göra det."
    ),
    "mentor_oneself": _(
        "Du kan inte göra dig själv till mentor för den här eleven. Be en annan administratör läsa in raden."
    ),
    # a whole file
    "file_empty": _("Filen är tom."),
    "file_no_rows": _("Filen har rubriker men inga rader."),
    "file_one_column": _(
        "Hela raden hamnade i en kolumn. Spara filen som CSV med semikolon mellan kolumnerna."
    ),
    "file_xls": _(
        "Det här är en gammal Excelfil (.xls). Öppna den i Excel och spara som .xlsx eller CSV UTF-8."
    ),
    "file_pdf": _(
        "Det här är en PDF, och den går inte att läsa rader ur. Exportera som CSV eller Excel i stället."
    ),
    "file_zip": _("Det här är ett paketerat arkiv (.zip). Packa upp det och släpp filerna som ligger i det."),
    "file_ods": _("Det här är ett OpenDocument-blad (.ods). Spara det som .xlsx eller CSV UTF-8."),
    "file_html": _(
        "Det här är en webbsida, fast den kan heta .xls. Öppna den i Excel och spara som .xlsx eller CSV UTF-8."
    ),
    "file_xml": _("Det här är en XML-fil. Exportera som CSV eller Excel i stället."),
    "file_json": _("Det här är en JSON-fil. Exportera som CSV eller Excel i stället."),
    "file_utf16": _("Filen är sparad som Unicode (UTF-16). Spara den som CSV UTF-8 i stället."),
    "file_binary": _("Filen går inte att läsa som text. Exportera som CSV eller Excel (.xlsx) i stället."),
    "file_word": _("Det här är ett Worddokument. Exportera listan som CSV eller Excel i stället."),
    "file_broken": _("Filen är trasig och går inte att öppna. Exportera den på nytt."),
    "file_too_big": _("Filen är för stor för att packas upp. Exportera den som CSV i stället."),
    "file_headings_unknown": _(
        "Rubrikerna känns inte igen. Välj vad filen innehåller och vilka kolumner som är vilka."
    ),
    "file_column_missing": _("Kolumnen %(heading)s saknas."),
    "file_column_missing_guess": _("Kolumnen %(heading)s saknas, menade du %(guess)s?"),
    "file_column_twice": _("Kolumnen %(heading)s finns flera gånger: %(headings)s. Välj vilken som gäller."),
    "places_not_by_you": _("Skolor läggs till av systemadministratören. Be hen läsa in filen."),
    "moved": _(
        "Uppgifterna har ändrats sedan förhandsgranskningen. Granska filen igen innan du läser in den."
    ),
    "unexpected": _(
        "Något gick fel hos oss. Inget ur filen har lästs in. Försök igen, eller hör av dig till supporten."
    ),
    "interrupted": _("Inläsningen avbröts. Inget ur filen har lästs in. Läs in den igen."),
    "file_several_kinds": _("Filen kan vara %(kinds)s. Välj vilken den är."),
}


def sentence(code: str, params: dict | None = None) -> str:
    """The sentence for a reason, in the language of whoever reads it."""
    return str(SENTENCES[code]) % (params or {})


class Refused(ValueError):
    """A value, a row or a file that is not read in: never repaired, always said why."""

    def __init__(self, code: str, column: str = "", **params):
        super().__init__(code)
        self.code, self.column, self.params = code, column, params

    def __str__(self) -> str:
        return sentence(self.code, self.params)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in one row: where, what stood there, and why it was stopped."""

    line: int
    column: str
    value: str
    code: str
    params: dict = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return sentence(self.code, self.params)
