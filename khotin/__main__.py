"""`python -m khotin` is the command `khotin`."""

from khotin.cli import main

main()
