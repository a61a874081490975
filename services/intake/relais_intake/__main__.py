"""`python -m relais_intake`: starts intake with the settings of the environment."""

from relais_chassis.run import Process, run
from relais_intake.app import build
from relais_intake.settings import Settings


def main() -> None:
    """Run until told to stop; the exit status says how it went."""
    settings = Settings()

    async def start(process: Process) -> None:
        await build(process, settings)

    run("intake", start, settings)


if __name__ == "__main__":
    main()
