# ruff: noqa: E402
"""Rows for a Healthchecks checkout; run by its own Python in its folder. Prints identities for ``--as``."""

import json
import os
import random
import uuid
from datetime import UTC, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hc.settings")
# The codes that the models draw are the same in every run.
_random = random.Random(7)
uuid.uuid4 = lambda: uuid.UUID(int=_random.getrandbits(128), version=4)

import django

django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from hc.accounts.models import Member, Profile, Project
from hc.api.models import Channel, Check, Flip, Notification, Ping

call_command("migrate", verbosity=0, interactive=False)
call_command("collectstatic", verbosity=0, interactive=False)
call_command("compress", verbosity=0)
HOOK = {
    **{f"method_{state}": "GET" for state in ("down", "up")},
    **{f"url_{state}": "http://127.0.0.1:9/" for state in ("down", "up")},
    **{f"body_{state}": "" for state in ("down", "up")},
    **{f"headers_{state}": {} for state in ("down", "up")},
}
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
users = {
    name: User.objects.create_user(name, f"{name}@example.org", "correct horse") for name in ("ada", "ben")
}
for user in users.values():
    Profile.objects.for_user(user)
for number, (owner, title) in enumerate([("ada", "Backups"), ("ada", "Web site"), ("ben", "Reports")]):
    project = Project.objects.create(
        owner=users[owner],
        name=title,
        api_key=f"{number}" * 32,
        api_key_readonly=f"r{number}" * 16,
        ping_key=f"ping-key-{number}-abcdefgh",
        badge_key=f"badge-key-{number}",
        show_slugs=number == 1,
    )
    channels = [
        Channel.objects.create(
            project=project, kind="email", value=f"ops{number}@example.org", email_verified=True, name="Mail"
        ),
        Channel.objects.create(
            project=project,
            kind="webhook",
            name="Hook",
            value=json.dumps(HOOK),
        ),
    ]
    for index, name in enumerate(["Nightly dump", "Clean up", "Mirror"]):
        check = Check.objects.create(
            project=project,
            name=name,
            slug=name.lower().replace(" ", "-"),
            tags="prod db" if index else "prod",
            desc=f"{name} of {title}",
            created=START,
            status=["up", "down", "new"][index],
            n_pings=0 if index == 2 else 3,
            last_ping=None if index == 2 else START + timedelta(hours=3),
            **({"kind": "cron", "schedule": "0 3 * * *"} if index == 1 else {}),
        )
        check.channel_set.set(channels)
        for n in range(1, 4) if index < 2 else ():
            Ping.objects.create(
                owner=check,
                n=n,
                created=START + timedelta(hours=n),
                kind="fail" if index == 1 and n == 3 else None,
                method="POST",
                remote_addr="192.0.2.7",
                ua="curl/8.5",
                body_raw=b"done: %d files" % n,
            )
        if index == 1:
            Flip.objects.create(
                owner=check, created=START + timedelta(hours=3), old_status="up", new_status="down"
            )
            Notification.objects.create(
                owner=check, check_status="down", channel=channels[0], created=START + timedelta(hours=3)
            )
Member.objects.create(user=users["ben"], project=Project.objects.get(name="Backups"), role="r")

for name, user in users.items():
    client = Client()
    client.force_login(user, backend="hc.accounts.backends.EmailBackend")
    print(f"{name}=Cookie: sessionid={client.cookies['sessionid'].value}")
    key = Project.objects.filter(owner=user).order_by("id").first().api_key
    print(f"{name}=X-Api-Key: {key}")
print(f"viewer=X-Api-Key: {Project.objects.order_by('id').first().api_key_readonly}")
