"""An address or a form full of nonsense gets a plain answer, never "Något gick fel hos oss"."""

import pytest
from django.urls import reverse

HUGE = "9" * 30
NULL = "%00"


@pytest.mark.parametrize("who", ["karin", "mette", "anna", "ulla", "sten"])
@pytest.mark.parametrize(
    "address",
    [
        f"/elever/{HUGE}/",
        f"/flaggor/{HUGE}/",
        f"/elever/klass/1/{NULL}/",
        f"/elever/{{ella}}/uppgifter/?lasar={HUGE * 200}",
        f"/elever/{{ella}}/stammer-inte/person/{NULL}/",
        "/vantelista/?sparat=%C2%B2",
        f"/vantelista/?skola={HUGE}&klass={NULL}&elev={NULL}&sida={NULL}",
    ],
)
def test_an_address_that_leads_nowhere(client, world, who, address):
    client.force_login(getattr(world, who))
    assert client.get(address.format(ella=world.ella.pk)).status_code in (200, 403, 404)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("accounts:users", {"words": "a\0b"}),
        ("accounts:work_as", {"working_as": f"school:{HUGE * 200}"}),
        ("student_search", {"q": "a\0b"}),
    ],
)
def test_a_form_that_says_nothing(client, world, name, sent):
    client.force_login(world.ulla)
    assert client.post(reverse(name), sent).status_code in (200, 404)


def test_a_text_with_a_null_sign_is_kept(client, world):
    """What she had written in a form was lost when it was pasted with a sign that the database does not take."""
    client.force_login(world.karin)
    form = reverse("coaching:check_in", args=[world.ella.pk])
    proof = client.get(form).context["form"].proof
    client.post(
        form,
        {"proof": str(proof), "met": "yes", "channel": "meeting", "rating": "²", "note": "Ella\0 mår bra"},
    )
    assert "Ella mår bra" in client.get(form).content.decode()
