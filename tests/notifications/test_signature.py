"""Signatures, checked by the library that receivers use."""

import secrets
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from relais_notifications.deliveries.signature import SECRET_BYTES, signed, written

BODY = '{"specversion":"1.0","data":{"motif":"déménagement"}}'.encode()


def now() -> datetime:
    return datetime.now(UTC)


def test_a_receiver_verifies_the_message_with_the_secret_it_was_shown() -> None:
    secret = secrets.token_bytes(SECRET_BYTES)
    headers = signed([secret], "5f0c", now(), BODY)
    assert Webhook(written(secret)).verify(BODY, headers) == {"specversion": "1.0", "data": {"motif": "déménagement"}}


def test_both_secrets_verify_while_one_replaces_the_other() -> None:
    old, new = secrets.token_bytes(SECRET_BYTES), secrets.token_bytes(SECRET_BYTES)
    headers = signed([new, old], "5f0c", now(), BODY)
    for secret in (old, new):
        Webhook(written(secret)).verify(BODY, headers)


@pytest.mark.parametrize(
    ("change", "body"),
    [({"webhook-id": "other"}, BODY), ({"webhook-timestamp": "1"}, BODY), ({}, BODY + b" ")],
)
def test_nothing_signed_can_be_changed(change: dict[str, str], body: bytes) -> None:
    secret = secrets.token_bytes(SECRET_BYTES)
    headers = signed([secret], "5f0c", now(), BODY) | change
    with pytest.raises(WebhookVerificationError):
        Webhook(written(secret)).verify(body, headers)


def test_another_secret_does_not_verify() -> None:
    headers = signed([secrets.token_bytes(SECRET_BYTES)], "5f0c", now(), BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(written(secrets.token_bytes(SECRET_BYTES))).verify(BODY, headers)
