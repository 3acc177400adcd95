"""The names of the programmes of upper secondary school, by the two letters their codes begin with.

The same letters name a programme in GY11 ("EK", "EKJUR") and in GY25 ("EK25"); the introductory
programmes have three.
"""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from students.ordering import sort_key

PROGRAMMES = {
    "BA": _("Bygg- och anläggningsprogrammet"),
    "BF": _("Barn- och fritidsprogrammet"),
    "EE": _("El- och energiprogrammet"),
    "EK": _("Ekonomiprogrammet"),
    "ES": _("Estetiska programmet"),
    "FR": _("Frisör- och stylistprogrammet"),
    "FS": _("Försäljnings- och serviceprogrammet"),
    "FT": _("Fordons- och transportprogrammet"),
    "HA": _("Handels- och administrationsprogrammet"),
    "HT": _("Hotell- och turismprogrammet"),
    "HU": _("Humanistiska programmet"),
    "HV": _("Hantverksprogrammet"),
    "IN": _("Industritekniska programmet"),
    "NA": _("Naturvetenskapsprogrammet"),
    "NB": _("Naturbruksprogrammet"),
    "RL": _("Restaurang- och livsmedelsprogrammet"),
    "SA": _("Samhällsvetenskapsprogrammet"),
    "TE": _("Teknikprogrammet"),
    "VF": _("VVS- och fastighetsprogrammet"),
    "VO": _("Vård- och omsorgsprogrammet"),
    "IMV": _("Programinriktat val"),
    "IMY": _("Yrkesintroduktion"),
    "IMA": _("Individuellt alternativ"),
    "IMS": _("Språkintroduktion"),
}


def programme_of(code: str) -> str:
    """The letters that a code begins with and that name its programme; the whole code where it is none of these."""
    code = code.upper()
    return next((letters for letters in (code[:3], code[:2]) if letters in PROGRAMMES), code)


def programme_name(code: str) -> str:
    """The name a code stands for; the code itself where it is none of these."""
    letters = programme_of(code)
    return str(PROGRAMMES.get(letters, letters))


def programme_choices(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Programmes to choose among, by name: the letters that all codes of one begin with, for BF and BF25 are one.

    Until the last pupils of GY11 have left, every school has classes of both.
    """
    return sorted(
        ((letters, programme_name(letters)) for letters in {programme_of(code) for code in codes}),
        key=lambda choice: sort_key(choice[1]),
    )
