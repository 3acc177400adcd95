# Moves drafts to the room of the pupils: decisions need them too.

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('students', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(max_length=30, verbose_name='formulär')),
                ('form_uuid', models.UUIDField(verbose_name='formulärets id')),
                ('content', models.JSONField(default=dict, verbose_name='innehåll')),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='sparad')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='students.person', verbose_name='person')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to=settings.AUTH_USER_MODEL, verbose_name='användare')),
            ],
            options={
                'verbose_name': 'utkast',
                'verbose_name_plural': 'utkast',
                'constraints': [models.UniqueConstraint(fields=('user', 'person', 'form'), name='one_draft_per_form')],
            },
        ),
    ]
