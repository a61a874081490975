"""`python -m relais_cli`: what ./relais hands over to."""

from relais_cli.main import main

if __name__ == "__main__":
    main()
