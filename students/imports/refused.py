"""The refused rows as a spreadsheet: text cells, so that Excel does not ruin them again, and the reason last."""

from io import BytesIO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from .models import Batch

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def refused_file(batch: Batch) -> bytes:
    """Each refused row once, as it stood in the file, with all that is wrong with it in the last column."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(_("Stoppade rader"))
    sheet.freeze_panes = "A2"
    headings = [
        *batch.columns.get("headings", []),
        _("Rad i filen"),
        _("Vad som är fel, och vad du kan göra"),
    ]
    for position in range(len(headings)):
        sheet.column_dimensions[chr(65 + position) if position < 26 else "A" + chr(39 + position)].width = 18
    sheet.append([_text(sheet, heading, bold=True) for heading in headings])
    width = len(headings) - 2
    for line, row, reasons in _by_line(batch):
        cells = [*row[:width], *[""] * (width - len(row)), str(line), reasons]
        sheet.append([_text(sheet, cell) for cell in cells])
    output = BytesIO()
    workbook.save(output)
    return output.getvalue()


def _by_line(batch: Batch):
    line, row, reasons = None, [], []
    for refusal in batch.refusals.filter(settled_at=None).order_by("line", "pk").iterator():
        if refusal.line != line:
            if line is not None:
                yield line, row, " ".join(reasons)
            line, row, reasons = refusal.line, refusal.row, []
        reasons.append(f"{refusal.column}: {refusal.reason}" if refusal.column else refusal.reason)
    if line is not None:
        yield line, row, " ".join(reasons)


def _text(sheet, value: str, *, bold: bool = False) -> WriteOnlyCell:
    """A cell of text, whatever it looks like: no number, no date, no formula."""
    cell = WriteOnlyCell(sheet, value="".join(sign for sign in str(value) if sign >= " " or sign == "\t"))
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell
