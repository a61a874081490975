"""`python -m relais_notifications`: starts notifications with the settings of the environment."""

from relais_chassis.run import Process, run
from relais_notifications.app import build
from relais_notifications.settings import Settings


def main() -> None:
    """Run until told to stop; the exit status says how it went."""
    settings = Settings()

    async def start(process: Process) -> None:
        await build(process, settings)

    run("notifications", start, settings)


if __name__ == "__main__":
    main()
