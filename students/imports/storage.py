"""Uploaded files in the database, a megabyte a row: web and worker may be on different hosts."""

import hashlib
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

from .models import FilePart, Upload, UploadedFile

_PART = 1024 * 1024
_IN_MEMORY = 8 * _PART


def store(upload: Upload, name: str, chunks: Iterable[bytes]) -> UploadedFile:
    file = UploadedFile.objects.create(upload=upload, name=name[:255], size=0, checksum="")
    digest, size = hashlib.sha256(), 0
    for number, part in enumerate(_parts(chunks)):
        digest.update(part)
        size += len(part)
        FilePart.objects.create(file=file, number=number, content=part)
    file.size, file.checksum = size, digest.hexdigest()
    file.save(update_fields=["size", "checksum"])
    return file


def _parts(chunks: Iterable[bytes]) -> Iterable[bytes]:
    waiting = b""
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= _PART:
            yield waiting[:_PART]
            waiting = waiting[_PART:]
    if waiting:
        yield waiting


def opened(file: UploadedFile) -> BinaryIO:
    """The content as a file of its own; the caller closes it."""
    spool = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    for content in file.parts.order_by("number").values_list("content", flat=True).iterator(chunk_size=4):
        spool.write(content)
    spool.seek(0)
    return spool
