"""`relais contracts`: writes the schemas, the AsyncAPI document and the catalogue from the contracts."""


def contracts(*, check: bool = False) -> int:
    """Write what is generated from the contracts.

    Parameters
    ----------
    check
        Write nothing; exit 1 and name the files when some are stale.
    """
    from relais_cli import language

    return language.main(check)
