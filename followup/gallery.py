"""The components on one page, at /komponenter/ in DEBUG: to choose from, and to look at after a change."""

from datetime import datetime, timedelta

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render

from followup import charts, clock, fields
from followup.forms import ButtonRow, Helper
from followup.offers import TimelineEntry, TodayRow


class Example(forms.Form):
    marks_optional = True
    made = forms.ChoiceField(
        label="Träffades ni?", choices=[("yes", "Ja"), ("no", "Nej, försökte")], widget=fields.Segments
    )
    rating = fields.ScaleField(label="Hur har veckan varit?", help_text="Leo väljer själv.", required=False)
    choice = forms.ChoiceField(
        label="Beslut",
        choices=[("coach", "Stödinsats eller elevcoach"), ("none", "Ingen åtgärd, därför att …")],
        widget=forms.RadioSelect,
    )
    flags = forms.MultipleChoiceField(
        label="Gäller avstämningen detta?",
        choices=[("1", "Frånvaro 12 % de senaste 20 skoldagarna")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    responsible = forms.ChoiceField(label="Ansvarig", choices=[("", "Välj person"), ("1", "Karin Ahl")])
    on = fields.DateField(label="Följs upp", help_text="Till exempel 2026-12-17 eller 17 december 2026.")
    at = fields.TimeField(label="Tid", required=False)
    limit = fields.NumberField(label="Gräns, procent", required=False)
    note = forms.CharField(
        label="Kort anteckning",
        help_text="Sakligt och kort. Inget om hälsa eller om hur Leo är som person.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    sure = forms.BooleanField(label="Skicka en kopia till mentorn", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["on"].proposals = [("2026-12-15", "Om tre veckor: tis 15 dec")]
        self.helper = Helper(
            self, ButtonRow("Spara avstämning", back_url="#", note="Skanningen går direkt efter.")
        )


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
    points = [
        charts.Point(f"v. {34 + n}", value, f"{value} %")
        if value is not None
        else charts.Point(f"v. {34 + n}", None, "okänt")
        for n, value in enumerate([7, 6, 8, 9, 7, None, 10, 12, 9, 13, 14, 13, 17])
    ]
    before = [
        charts.Point(point.label, 6 + n * 0.45, f"{6 + n * 0.45:.1f} %") for n, point in enumerate(points)
    ]
    form = Example(request.POST or None)
    form.is_valid()
    return render(
        request,
        "components/gallery.html",
        {
            "rows": rows,
            "entries": entries,
            "today": today,
            "form": form,
            "strip": charts.strip("Frånvaro", points, limits=[15], ink=True),
            "by_week": charts.lines(
                "Frånvaro per vecka",
                [charts.Series("2025/26", before, quiet=True), charts.Series("2026/27", points)],
                unit=" %",
            ),
            "bars": [("Frånvaro", [3, 3, 2]), ("Ogiltig frånvaro", [2, 2, 1])],
            "levels": ["red", "yellow", "unknown"],
        },
    )
