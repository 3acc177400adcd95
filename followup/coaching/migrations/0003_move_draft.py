# Moves drafts to the room of the pupils: decisions need them too.

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('coaching', '0002_initial'),
    ]

    operations = [
        migrations.DeleteModel(
            name='Draft',
        ),
    ]
