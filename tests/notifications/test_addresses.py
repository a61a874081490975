"""Where webhooks may go: the public Internet, however an address is written."""

import socket

import pytest

from relais_notifications.deliveries.addresses import NotAllowed, expected_of, is_public, public_socket

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2002:a00:1::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_told_from_public_ones(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://partner.example/hook",
        "ftp://partner.example/hook",
        "https://",
        "https://user:secret@partner.example/",
        "https://partner.example/#there",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://2130706433/",
        "https://127.0.0.01/",
        "https://127.1/",
        "https://127.0.0%2e1/",
        "https://partner.example:99999/",
        "https://partner.example/a b",
        "https://pärtner.example/",
        "https://partner.example/" + "a" * 2000,
        "not a url",
        "",
    ],
)
def test_a_url_that_cannot_be_an_endpoint_is_refused_with_what_is_expected(url: str) -> None:
    assert expected_of(url, allow_private=False)


@pytest.mark.parametrize(
    "url", ["https://partner.example/hook?token=1", "https://partner.example:8443/", "https://93.184.215.14/"]
)
def test_public_urls_are_taken(url: str) -> None:
    assert expected_of(url, allow_private=False) is None


def test_tests_and_demonstrations_may_allow_private_addresses() -> None:
    assert expected_of("http://127.0.0.1:8080/hook", allow_private=True) is None


@pytest.mark.parametrize("address", [*PRIVATE, "2130706433", "127.0.0.01", "0x7f.1", "localhost"])
def test_no_socket_is_made_for_what_is_not_public(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with pytest.raises(NotAllowed):
        public_socket((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 443)))
