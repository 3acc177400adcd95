"""All the pupils I see, those a search finds, those of a class."""

from django.http import Http404
from django.shortcuts import render

from followup.accounts.permissions import Permission
from followup.navigation import only_reads
from students.access import can_protect
from students.forms import Narrowing, SearchForm
from students.queries import lists

SEARCH_KEY = "search"  # the words stay in the session: never in an address, so never in a log


def student_list(request):
    request.scope.check(Permission.SEE_STUDENTS)
    found = lists.choices_of(request.scope)
    narrowing = Narrowing(request.GET, found, by_mentor=bool(lists.looked_after(request.scope)))
    page = lists.student_list(
        request.scope, narrowing.choice, request.GET.get("sida"), lacking_mentor=narrowing.lacking_mentor
    )
    request.reading.add([row.student for row in page.rows], page="students:list")
    context = {"page": page, "narrowing": narrowing, "may_protect": can_protect(request.scope)}
    return render(request, "students/list.html", context)


@only_reads
def search(request):
    """Posted on Enter; a GET shows the last search again, so that one can go back to it."""
    request.scope.check(Permission.SEE_STUDENTS)
    if request.method == "POST":
        request.session[SEARCH_KEY] = request.POST.get("q", "")[:100]
    words = request.session.get(SEARCH_KEY, "")
    form = SearchForm({"q": words})
    found = lists.found_by(request.scope, form.cleaned_data["q"]) if form.is_valid() else None
    if found:
        request.reading.add([row.student for row in found.rows], page="students:search")
    return render(request, "students/search.html", {"found": found, "form": form, "search_words": words})


def school_class(request, unit: int, school_class: str):
    request.scope.check(Permission.SEE_STUDENTS)
    page = lists.class_list(request.scope, unit, school_class) if "\0" not in school_class else None
    if page is None:
        raise Http404
    request.reading.add([row.student for row in page.rows], page="students:class")
    return render(request, "students/class.html", {"page": page})
