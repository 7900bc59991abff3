"""The development environment: what `make` and the scripts beside this file run.

`commands` is the entry point. `setup` makes the environment in `.dev/` and hands on its
paths, databases and configuration; `demo` shows the addon to a person; `checks` holds
what a change has to pass.
"""
