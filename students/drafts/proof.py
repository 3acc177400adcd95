"""The proof that an open form carries: who opened it, about whom, which form."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core import signing

from students.models.draft import Draft

SALT = "koll.drafts"
VALID_SECONDS = 7 * 24 * 3600
FIELD = "proof"
FORM_LENGTH = Draft._meta.get_field("form").max_length


@dataclass(frozen=True)
class Proof:
    """Signed by us into a form, and sent back with it.

    Says whose text it is when the sign-in has run out or a colleague has signed in on the same phone:
    the text then becomes the writer's draft, and is shown to nobody. Since nobody but the writer can
    have been given it, it also shows that the form is ours, after the CSRF token has changed in another
    tab.
    """

    user_id: int
    person_id: int
    form: str
    form_uuid: UUID

    @classmethod
    def fresh(cls, *, user, student, form: str, form_uuid: UUID | None = None) -> "Proof":
        return cls(user.pk, student.person_id, form_at(student, form), form_uuid or uuid4())

    @classmethod
    def read(cls, text: str) -> "Proof | None":
        """The proof in a signed text; None where it is missing, too old or not ours."""
        try:
            user_id, person_id, form, form_uuid = signing.loads(text, salt=SALT, max_age=VALID_SECONDS)
        except signing.BadSignature:
            return None
        return cls(user_id, person_id, form, UUID(form_uuid))

    def __str__(self):
        return signing.dumps([self.user_id, self.person_id, self.form, self.form_uuid.hex], salt=SALT)

    @property
    def key(self) -> dict:
        return {
            "user_id": self.user_id,
            "person_id": self.person_id,
            "form": self.form,
            "form_uuid": self.form_uuid,
        }

    def is_for(self, *, user, student, form: str) -> bool:
        return (self.user_id, self.person_id, self.form) == (
            user.pk,
            student.person_id,
            form_at(student, form),
        )


def form_at(student, form: str) -> str:
    """The form at one organiser: what was begun about a person at one does not come up at another."""
    return f"{student.organiser_id}.{form}"[:FORM_LENGTH]
