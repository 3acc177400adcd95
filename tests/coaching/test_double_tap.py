"""CHK-04 with two requests at the same moment: the second tap waits for the first, and finds it saved."""

from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection

from followup.coaching import actions
from followup.coaching.models import CheckIn
from followup.coaching.said import Said
from followup.risk.models import FlagEvent

from .test_flags import TUESDAY


@pytest.mark.django_db(transaction=True)
def test_chk_04_two_taps_at_the_same_moment_save_once_and_answer_the_flag_once(world, flag):
    form_uuid, together, saved = uuid4(), Barrier(2), []
    said = Said(on=TUESDAY, made=True, channel="meeting", rating=6, flag_ids=frozenset({flag.pk}))

    def tap():
        together.wait()
        try:
            saved.append(
                actions.write_check_in(
                    by=world.karin, student=world.ella, unit_id=world.norra.pk, form_uuid=form_uuid, said=said
                )
            )
        finally:
            connection.close()

    taps = [Thread(target=tap) for _tap in range(2)]
    for each in taps:
        each.start()
    for each in taps:
        each.join()
    assert saved[0] == saved[1] == CheckIn.objects.get()
    assert FlagEvent.objects.filter(what="contacted").count() == 1
