"""The parts of the benchmark, by the name to ask for them."""

from . import rewrite, serving

ALL = {
    "serving": serving.main,
    "rewrite": lambda folder: {"rewrite": rewrite.main()},
}
