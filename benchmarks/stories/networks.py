"""Draw the addresses of stories.

Each story has networks of its own, so that stories do not look like one source. The
networks of vendors are shared, as in reality.
"""

import ipaddress

# Exchange Online Protection: docs/field.md#clicks (warmbly#412, #526); gophish#973 and
# laravel-passwordless-login#79 show requests from 40.107 and 104.47.
EXCHANGE_PROTECTION = (
    *("40.92.0.0/15", "40.107.0.0/16", "52.100.0.0/14"),
    "104.47.0.0/17",
)
# Safe Links opens links from other networks of Microsoft: opencollective#3656
# (40.94.16), laravel-passwordless-login#79 (20.72.100), phinsec.io (40.64).
SAFE_LINKS = ("40.94.0.0/17", "20.72.64.0/18", "40.64.64.0/18")
# Outlook on the web loads images from Microsoft's networks (warmbly#412).
OUTLOOK_WEB = ("40.126.0.0/18", "52.96.0.0/14", "13.107.128.0/22", "20.190.128.0/18")
# Barracuda Email Gateway Defense: docs/field.md#clicks
BARRACUDA = (
    *("209.222.82.0/24", "35.157.190.224/27", "18.185.115.192/26"),
    *("18.184.203.224/27", "35.176.92.96/27", "3.24.133.128/25", "15.222.16.128/25"),
)
# Google's image proxy, and the networks of its special crawlers
# (developers.google.com/static/search/apis/ipranges/special-crawlers.json).
GOOGLE_PROXY = ("66.249.80.0/22", "66.102.6.0/23", "74.125.208.0/22", "172.253.0.0/18")
GOOGLE_SPECIAL = (
    *("66.249.87.0/24", "66.249.89.0/24", "66.249.90.0/24"),
    *("108.177.2.0/24", "192.178.16.0/24", "209.85.238.0/24"),
)
# Yahoo's and AOL's proxies (Yahoo's AS 26101, 36647).
YAHOO_PROXY = ("66.163.184.0/21", "67.195.204.0/22", "98.137.64.0/21", "74.6.128.0/21")
# Egress of iCloud Private Relay (mask-api.icloud.com/egress-ip-ranges.csv).
PRIVATE_RELAY = (
    "172.225.0.0/18",
    "104.28.32.0/19",
    "146.75.128.0/19",
    "140.248.0.0/18",
)
# Both scanners and isolated browsers: Proofpoint AS 22843, 26211, Mimecast AS 30031.
ISOLATION = ("67.231.144.0/20", "148.163.128.0/19", "91.220.42.0/24", "207.211.30.0/23")
# Trend Micro visits pages after its users (serverfault.com/questions/138240).
TREND_MICRO = ("150.70.64.0/18", "216.104.0.0/19")
VENDORS = tuple(
    ipaddress.ip_network(network)
    for network in (
        *(*EXCHANGE_PROTECTION, *SAFE_LINKS, *OUTLOOK_WEB, *BARRACUDA),
        *(*GOOGLE_PROXY, *GOOGLE_SPECIAL, *YAHOO_PROXY, *PRIVATE_RELAY),
        *(*ISOLATION, *TREND_MICRO),
        # Other networks of these vendors, of which no person may come by chance.
        *("3.0.0.0/15", "13.64.0.0/11", "20.0.0.0/8", "40.64.0.0/10", "51.0.0.0/8"),
        *("34.64.0.0/10", "35.184.0.0/13", "52.96.0.0/12", "52.112.0.0/14"),
        *("52.120.0.0/14", "62.209.50.0/23", "62.140.7.0/24", "87.248.96.0/19"),
        *("188.125.64.0/19", "213.167.64.0/19", "35.0.0.0/8", "15.0.0.0/8"),
    )
)


class Networks:
    """Draws addresses for the stories of a half."""

    def __init__(self, half, chooser):
        self._half = half
        self._chooser = chooser
        self._used = set()

    def home(self, with_ipv6=True):
        """Return an address of a person or an office, in a new network."""
        if with_ipv6 and self._chooser.random() < 0.25:
            return self._home6()
        return self._new_ipv4(self._half.homes)

    def cloud(self):
        """Return an address in a new network of a data centre."""
        return self._new_ipv4(self._half.clouds)

    def neighbour(self, ip):
        """Return another address in the same /24 or /64, also odd or even."""
        if ":" in ip:
            return ip.rsplit(":", 1)[0] + f":{self._chooser.randrange(1, 65536):x}"
        beginning, last = ip.rsplit(".", 1)
        others = set(range(2 - int(last) % 2, 255, 2)) - {int(last)}
        return f"{beginning}.{self._chooser.choice(sorted(others))}"

    def vendor(self, networks):
        """Return an address of a vendor. The halves share none.

        :param networks: of the vendor
        """
        network = ipaddress.ip_network(self._chooser.choice(networks))
        while True:
            number = self._chooser.randrange(1, network.num_addresses - 1)
            address = network.network_address + number
            if int(address) % 2 == self._half.parity:
                return str(address)

    def _new_ipv4(self, firsts):
        while True:
            parts = (
                self._chooser.choice(firsts),
                *self._chooser.choices(range(256), k=2),
            )
            address = ipaddress.ip_address(
                ".".join(map(str, (*parts, self._chooser.randrange(1, 255))))
            )
            if parts in self._used or any(address in vendor for vendor in VENDORS):
                continue
            self._used.add(parts)
            return str(address)

    def _home6(self):
        while True:
            beginning = self._chooser.choice(self._half.homes6)
            network = f"{beginning}:{self._chooser.randrange(4096, 65536):x}"
            if network not in self._used:
                self._used.add(network)
                ends = [self._chooser.randrange(4096, 65536) for _ in range(4)]
                subnet = self._chooser.randrange(1, 256)
                return ":".join([network, f"{subnet:x}", *(f"{end:x}" for end in ends)])
