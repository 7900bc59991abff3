"""The public URLs: images, links and files (`tracking`), the page to object
(`objection`), and the answer to the self-test (`self_test`). `common` verifies tokens
before any query and renders plain pages. Hits go to the queue.

`documentation` shows the pages of `docs/` to internal users.
"""

from . import tracking, objection, self_test, documentation
