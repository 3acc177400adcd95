"""The names of the programmes of upper secondary school, by the two letters their codes begin with.

The same letters name a programme in GY11 ("EK", "EKJUR") and in GY25 ("EK25"); the introductory
programmes have three.
"""

from collections import Counter
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


def programme_name(code: str) -> str:
    """The name a code stands for; the code itself where it is none of these."""
    code = code.upper()
    name = PROGRAMMES.get(code[:3]) or PROGRAMMES.get(code[:2])
    return str(name) if name else code


def programme_choices(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Codes to choose among, by name; the code beside it where two have the same, as BF and BF25."""
    named = [(code, programme_name(code)) for code in codes]
    times = Counter(name for _code, name in named)
    return sorted(
        ((code, f"{name} ({code})" if times[name] > 1 else name) for code, name in named),
        key=lambda choice: sort_key(choice[1]),
    )
