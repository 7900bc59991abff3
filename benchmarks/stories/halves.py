"""Define the two halves of the stories, which share no parameters.

Rules are tuned with the development half only. The held-back half shows whether the
rules also hold for programs, networks and paces that nobody tuned them for.

Versions and members of families are split by parity: the development half has the
even ones, the held-back half the odd ones.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Half:
    """The parameters of a half.

    Ranges are (lowest, highest). Times are in seconds.
    """

    name: str
    seed: int
    parity: int  # 0 or 1: of versions and members of families
    homes: tuple  # first numbers of IPv4 addresses of people
    homes6: tuple  # beginnings of IPv6 networks of people
    clouds: tuple  # first numbers of IPv4 addresses of data centres
    links: tuple  # numbers of links of an email with several links
    burst_start: tuple  # after sending
    burst_gap: tuple  # between two links of a burst
    slow_gap: tuple  # between two links, about one a second
    slower_gap: tuple  # between two links of a slow scan
    image_lead: tuple  # between the image and the burst
    doubled: tuple  # between a person's click and its repetition
    crowd: tuple  # number of people in an office, or of a provider
    gateway: tuple  # number of emails that one gateway scans within seconds
    hasty_gap: tuple  # between two links that a person opens in tabs

    def members(self, options):
        """Return the options that belong to this half.

        :param options: a sequence
        """
        return options[self.parity :: 2]


DEVELOPMENT = Half(
    name="development",
    seed=20261130,
    parity=0,
    homes=(24, 62, 71, 78, 82, 86, 90, 93, 109, 176, 188),
    homes6=("2003:c0", "2a01:e0a", "2600:1700", "2a02:8108"),
    clouds=(3, 18, 54, 159, 167),
    links=(3, 4, 6, 9),
    burst_start=(20, 60),
    burst_gap=(0.02, 0.4),
    slow_gap=(0.8, 1.3),
    slower_gap=(5, 14),
    image_lead=(5, 50),
    doubled=(2, 14),
    crowd=(25, 42),
    gateway=(4, 14),
    hasty_gap=(0.45, 2.2),
)
HELD_BACK = Half(
    name="held back",
    seed=77310427,
    parity=1,
    homes=(37, 46, 50, 67, 77, 79, 83, 87, 95, 178, 213),
    homes6=("2a02:810d", "2601:200", "2804:14c", "2a00:23c7"),
    clouds=(34, 44, 52, 138, 165),
    links=(3, 5, 7, 12),
    burst_start=(12, 280),
    burst_gap=(0.005, 0.6),
    slow_gap=(0.9, 1.7),
    slower_gap=(7, 20),
    image_lead=(8, 88),
    doubled=(4, 20),
    crowd=(32, 48),
    gateway=(5, 20),
    hasty_gap=(0.35, 2.4),
)
HALVES = (DEVELOPMENT, HELD_BACK)
