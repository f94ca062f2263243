"""``python -m grants.cli``: how the processes of ``grants run`` are started."""

from grants.cli import main

if __name__ == "__main__":
    main(prog_name="grants")
