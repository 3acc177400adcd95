"""Pupils and the facts about them; a file per noun."""

from students.imports.models import Batch, FilePart, HeadingMapping, Refusal, Upload, UploadedFile
from students.models.attendance import Absence, AttendanceDay
from students.models.concern import Involvement, NamedAccess, SupportMeasure
from students.models.dispute import FactDispute
from students.models.draft import Draft
from students.models.enrolment import Enrolment, Group, GroupMember, GroupStaff
from students.models.grade import Grade
from students.models.history import EarlierFact
from students.models.person import Person, Protection, ProtectionMark
from students.models.student import Guardian, Student, followed_ids, visible_ids

__all__ = [
    "Absence",
    "AttendanceDay",
    "Batch",
    "Draft",
    "EarlierFact",
    "Enrolment",
    "FactDispute",
    "FilePart",
    "Grade",
    "Group",
    "GroupMember",
    "GroupStaff",
    "Guardian",
    "HeadingMapping",
    "Involvement",
    "NamedAccess",
    "Person",
    "Protection",
    "ProtectionMark",
    "Refusal",
    "Student",
    "SupportMeasure",
    "Upload",
    "UploadedFile",
    "followed_ids",
    "visible_ids",
]
