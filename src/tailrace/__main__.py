"""`python -m tailrace` in, the command line out."""

from tailrace.cli import main

if __name__ == "__main__":
    main()
