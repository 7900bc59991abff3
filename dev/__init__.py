"""The development environment, behind `make` and the scripts in this folder.

`commands` is the entry point. `setup` makes the environment in `.dev/`, and provides
its paths, databases and configuration. `demo` shows the addon to a person. `checks`
checks a change before it is merged.
"""
