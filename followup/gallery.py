"""The components on one page, at /komponenter/ in DEBUG: to choose from, and to look at after a change."""

from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render

from followup import clock
from followup.offers import TimelineEntry, TodayRow


@login_not_required
def components(request):
    today = clock.today()
    rows = [
        TodayRow(
            who="Leo Hammar",
            where="EK2b · vecka 3 av 6",
            sentence="rum 214. Förra gången:",
            strong="lämna in labbrapporten före fredag",
            url="#",
            action="Skriv avstämning",
            action_url="#",
            main=True,
            at=datetime.combine(today, datetime.min.time()).replace(hour=10, minute=20),
        ),
        TodayRow(
            who="Ella Lindqvist",
            where="EK2b · väntar sedan fre 20 nov",
            sentence="Frånvaro",
            strong="17 % de senaste 20 skoldagarna",
            after=", 6 procentenheter mer än i oktober. Oftast måndagar.",
            url="#",
            action="Jag tar den",
            action_url="#",
        ),
        TodayRow(
            who="Alexandra-Josefina Wennergren-Ståhlhammar",
            where="EK2b · väntar sedan fre 20 nov",
            sentence="Två avstämningar i rad blev inte av, senast tis 10 nov",
            action="Skriv avstämning",
            action_url="#",
        ),
    ]
    entries = [
        TimelineEntry(
            today, "check_in", "chat-left-text", "Avstämning med Karin Ahl", "Pratade om måndagarna."
        ),
        TimelineEntry(today - timedelta(days=5), "decision", "people", "Beslut av elevhälsan: elevcoach"),
        TimelineEntry(
            today - timedelta(days=13), "flag", "flag", "Flagga: frånvaro över 15 %", "Karin Ahl tog den."
        ),
    ]
    return render(
        request,
        "components/gallery.html",
        {"rows": rows, "entries": entries, "today": today, "levels": ["red", "yellow", "unknown"]},
    )
