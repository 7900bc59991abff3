"""Infer opens: a recipient who clicked, downloaded or replied had opened the email.

Times are naive UTC `datetime`s.
"""

from datetime import timedelta

# A mail client can load the image of an opened email shortly after a click.
IMAGE_DELAY = timedelta(minutes=1)


def infer_open(evidence, recorded):
    """Infer when an email was opened if no image was loaded.

    :param list[datetime] evidence: clicks, downloads and replies by the recipient
    :param datetime | None recorded: the recipient's first recorded open
    :return: the time of the first evidence; None without evidence, or if an open was
        recorded before the evidence or within `IMAGE_DELAY` after it
    :rtype: datetime | None
    """
    first = min(evidence, default=None)
    if first is None or (recorded and recorded <= first + IMAGE_DELAY):
        return None
    return first
