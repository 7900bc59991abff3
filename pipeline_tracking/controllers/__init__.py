"""Serve the public URLs: images, links and files (`tracking`), the opt-out page
(`objection`), and the answer to the self-test (`self_test`). These controllers extend
`common`, which verifies tokens before any query. `tracking` appends hits to the queue.

`documentation` shows the pages of `docs/` to internal users.
"""

from . import tracking, objection, self_test, documentation
