def test_the_tests_run_on_a_real_postgresql(db):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int, current_setting('koll.allow_erase')"
        )
        version, erase = cursor.fetchone()
    assert version >= 180000
    assert erase == "on"
