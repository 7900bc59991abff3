"""Serve the public URLs: images, links and files (`tracking`), the opt-out page
(`objection`), and the answer to the self-test (`self_test`).

All controllers extend `common`, which verifies tokens before any query. `tracking`
appends hits to the queue.
"""

from . import tracking, objection, self_test
