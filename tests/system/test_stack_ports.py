"""Ports are ours from the choice to the release, whoever else is choosing."""

import socket
import subprocess
import sys

from relais_cli.stack import ports

TAKE = "from relais_cli.stack import ports; print(ports.hold({port}))"


def taken_by_another_process(port: int) -> bool:
    done = subprocess.run([sys.executable, "-c", TAKE.format(port=port)], capture_output=True, text=True, check=True)
    return done.stdout.strip() == "True"


def test_a_port_that_is_held_is_refused_to_everybody_else() -> None:
    port = ports.free_port()
    assert not taken_by_another_process(port)
    ports.release(port)
    assert taken_by_another_process(port)


def test_a_port_somebody_listens_on_is_never_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not ports.hold(server.getsockname()[1])


def test_a_preferred_port_is_given_when_it_is_free() -> None:
    port = ports.free_port()
    ports.release(port)
    assert ports.free_port(port) == port
    assert ports.free_port(port) != port
    ports.release(port)
