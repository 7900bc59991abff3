"""Infer opens: an email was open when its recipient clicked, downloaded or replied.

Times are naive UTC `datetime`s.
"""

from datetime import timedelta

# The images of an email that is open already can come a moment after a click in it.
IMAGE_DELAY = timedelta(minutes=1)


def infer_open(evidence, recorded):
    """When an email must have been open, where no image tells.

    :param list[datetime] evidence: clicks, downloads and replies by the recipient
    :param datetime | None recorded: the recipient's first recorded open
    :return: the first of the evidence; None where there is none, or where the open was
        recorded
    :rtype: datetime | None
    """
    first = min(evidence, default=None)
    if first is None or (recorded and recorded <= first + IMAGE_DELAY):
        return None
    return first
