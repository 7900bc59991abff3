"""The public URLs: images, links and files (`tracking`), the page to object
(`objection`), and the answer to the self-test (`self_test`). `common` has what they
share: tokens are verified before any query. They hand on hits to the queue.
"""

from . import tracking, objection, self_test
