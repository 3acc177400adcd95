"""The refused rows as a spreadsheet: text cells, so that Excel does not ruin them again, and the reason last."""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from followup.scoping import Scope

from .models import Batch, Refusal
from .unseen import reason_without_row, unseen_refusals

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


_AT_ONCE = 2000


def refused_file(batch: Batch, scope: Scope) -> bytes:
    """Each refused row once, as it stood in the file, with all that is wrong with it in the last column.

    Of a row that the reader must not see, only where it stands in her file and why.
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(_("Stoppade rader"))
    sheet.freeze_panes = "A2"
    headings = [
        *batch.columns.get("headings", []),
        _("Rad i filen"),
        _("Vad som är fel, och vad du kan göra"),
    ]
    for position in range(1, len(headings) + 1):
        sheet.column_dimensions[get_column_letter(position)].width = 18
    sheet.append([_text(sheet, heading, bold=True) for heading in headings])
    width = len(headings) - 2
    for line, row, reasons in _by_line(batch, scope):
        cells = [*row[:width], *[""] * (width - len(row)), str(line), reasons]
        sheet.append([_text(sheet, cell) for cell in cells])
    output = BytesIO()
    workbook.save(output)
    return output.getvalue()


def _by_line(batch: Batch, scope: Scope):
    line, row, reasons = None, [], []
    for refusal, hidden in _told(batch, scope):
        if refusal.line != line:
            if line is not None:
                yield line, row, " ".join(reasons)
            line, row, reasons = refusal.line, [] if hidden else refusal.row, []
        reason = reason_without_row(refusal) if hidden else refusal.reason
        reasons.append(f"{refusal.column}: {reason}" if refusal.column else reason)
    if line is not None:
        yield line, row, " ".join(reasons)


def _told(batch: Batch, scope: Scope) -> Iterator[tuple[Refusal, bool]]:
    """The refusals in the order of the file, each with whether the reader must not see its row."""
    refusals = (
        batch.refusals.filter(settled_at=None).select_related("batch").order_by("line", "pk").iterator()
    )
    while some := list(islice(refusals, _AT_ONCE)):
        hidden = unseen_refusals(some, scope)
        yield from ((refusal, refusal.pk in hidden) for refusal in some)


def _text(sheet, value: str, *, bold: bool = False) -> WriteOnlyCell:
    """A cell of text, whatever it looks like: no number, no date, no formula."""
    cell = WriteOnlyCell(sheet, value="".join(filter(_is_written, str(value))))
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell


def _is_written(sign: str) -> bool:
    """Whether a spreadsheet may hold a sign; with any other in it, it could not be opened."""
    return (sign >= " " or sign == "\t") and sign not in "\ufffe\uffff"
