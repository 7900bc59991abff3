"""Write user agents of people: browsers, phones, apps and proxies.

The formats are public facts; versions are drawn. `Half.parity` keeps the versions of
the two halves apart. FIXED lists the strings without a version, which both halves use.
"""

from .model import MAIL, PROXY

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
APPLE_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"

# docs/field.md#opens
GMAIL_PROXY = (
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0"
    " (via ggpht.com GoogleImageProxy)"
)
GMAIL_PREFETCH = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/42.0.2311.135"
    " Safari/537.36 Edge/12.246 Mozilla/5.0"
)
YAHOO_PROXY = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
PRIVACY_PROTECTION = "Mozilla/5.0"
# crawlerdetect 0.4.2, devices.txt; warmbly#564: Apple Mail without privacy protection
MAC_MAIL = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE_WEBKIT}"
FIXED = {
    "",
    GMAIL_PROXY,
    GMAIL_PREFETCH,
    YAHOO_PROXY,
    PRIVACY_PROTECTION,
    MAC_MAIL,
}

# matomo-org/device-detector, bots.yml; warmbly's tests of mail clients
OTHER_PROXIES = (
    "Mozilla/5.0 SeznamEmailProxy/2.0.{}",
    "RamblerMail/6.0 (incompatible; ImageProxy/6.{})",
    f"hey.com/imageproxy Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/1{{}}.0.0.0"
    " Safari/537.36",
    "FastmailUA/1.{}",
)

_WINDOWS = "Windows NT 10.0; Win64; x64"
_MAC = "Macintosh; Intel Mac OS X 10_15_7"
_LINUX = "X11; Linux x86_64"


class Agents:
    """Draws user agents for the stories of a half."""

    def __init__(self, half, chooser):
        self._half = half
        self._chooser = chooser

    def version(self, lowest, highest):
        """Return a version number of this half."""
        first = lowest + (lowest % 2 != self._half.parity)
        return self._chooser.randrange(first, highest + 1, 2)

    def choose(self, options):
        """Return a member of a family that belongs to this half."""
        return self._chooser.choice(self._half.members(options))

    # ------------------------------------------------------------
    # Browsers
    # ------------------------------------------------------------

    def chrome(self, system=_WINDOWS):
        version = self.version(134, 147)
        return f"Mozilla/5.0 ({system}) {WEBKIT} Chrome/{version}.0.0.0 Safari/537.36"

    def edge(self):
        version = self.version(134, 147)
        return (
            f"Mozilla/5.0 ({_WINDOWS}) {WEBKIT} Chrome/{version}.0.0.0 Safari/537.36"
            f" Edg/{version}.0.0.0"
        )

    def firefox(self):
        version = self.version(128, 145)
        system = self._chooser.choice(
            (
                _WINDOWS,
                "X11; Linux x86_64",
                "X11; Ubuntu; Linux x86_64",
                "Macintosh; Intel Mac OS X 10.15",
            )
        )
        return (
            f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
        )

    def safari(self):
        return (
            f"Mozilla/5.0 ({_MAC}) {APPLE_WEBKIT} Version/{self._safari_version()}"
            " Safari/605.1.15"
        )

    def desktop(self):
        """Return a browser of a computer."""
        write = self._chooser.choice(
            (self.chrome, self.chrome, self.edge, self.firefox, self.safari, self._mac)
        )
        return write()

    def _mac(self):
        return self.chrome(self._chooser.choice((_MAC, _LINUX)))

    def _safari_version(self):
        return f"{self._chooser.choice((17, 18, 26))}.{self.version(0, 5)}"

    # ------------------------------------------------------------
    # Phones
    # ------------------------------------------------------------

    def iphone(self):
        system, version = self._ios()
        return (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS {system} like Mac OS X) {APPLE_WEBKIT}"
            f" Version/{version} Mobile/15E148 Safari/604.1"
        )

    def android(self):
        version = self.version(130, 147)
        return (
            f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/{version}.0.0.0 Mobile"
            " Safari/537.36"
        )

    def samsung(self):
        return (
            f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT}"
            f" SamsungBrowser/{self.version(24, 29)}.0"
            f" Chrome/{self.version(115, 136)}.0.0.0 Mobile Safari/537.36"
        )

    def phone(self):
        """Return a browser of a phone."""
        write = self._chooser.choice(
            (self.iphone, self.iphone, self.android, self.android, self.samsung)
        )
        return write()

    def _ios(self):
        major = self._chooser.choice((17, 18))
        minor = self.version(0, 7)
        return f"{major}_{minor}", f"{major}.{minor}"

    def in_app(self):
        """Return a browser inside an app (browscap#1707, goaccess#998, bowser#140)."""
        system, version = self._ios()
        iphone = (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS {system} like Mac OS X) {APPLE_WEBKIT}"
        )
        build = f"Android {self.version(11, 15)}; SM-A{self.version(14, 55)}6B; wv"
        android = (
            f"Mozilla/5.0 (Linux; {build}) {WEBKIT} Version/4.0"
            f" Chrome/{self.version(130, 147)}.0.{self.version(6000, 7700)}.102 Mobile"
            " Safari/537.36"
        )
        build_number = self.version(200, 520)
        return self._chooser.choice(
            (
                f"{iphone} Mobile/15E148 [FBAN/FBIOS;FBAV/{build_number}.0.0.36.93;"
                f"FBDV/iPhone15,2;FBMD/iPhone;FBSN/iOS;FBSV/{version};FBSS/3]",
                f"{android} [FB_IAB/FB4A;FBAV/{build_number}.0.0.22.69;]",
                f"{iphone} Mobile/15E148 [LinkedInApp]/9.30.{build_number}",
                f"{android} [LinkedInApp]/4.1.{build_number}",
                f"{iphone} Mobile/15E148 Instagram {build_number}.1.0.15.98"
                f" (iPhone14,5; iOS {system}; en_US; en; scale=3.00; 1170x2532)",
                f"{iphone} GSA/{build_number}.0.717 Mobile/15E148 Safari/604.1",
                android,
                f"{iphone} Mobile/15E148",
            )
        )

    def unusual(self):
        """Return a complete browser that lists of crawlers may contain.

        The products are Electron apps and regional browsers (docs/field.md#clicks);
        the formats are those of their vendors.
        """
        chrome = f"Chrome/{self.version(120, 146)}.0.0.0"
        start = f"Mozilla/5.0 ({_WINDOWS}) {WEBKIT}"
        return self.choose(
            (
                f"{start} Slack/4.{self.version(36, 46)}.138 {chrome}"
                f" Electron/{self.version(28, 38)}.1.0 Safari/537.36"
                " Sonic Slack_SSB/4.36",
                f"{start} Mattermost/5.{self.version(6, 13)}.0 {chrome}"
                f" Electron/{self.version(28, 38)}.3.0 Safari/537.36",
                f"{start} {chrome} YaBrowser/25.{self.version(2, 9)}.0.0 Safari/537.36",
                f"{start} coc_coc_browser/{self.version(120, 140)}.0.134 {chrome}"
                " Safari/537.36",
                f"{start} {chrome} Safari/537.36 OPR/{self.version(110, 124)}.0.0.0",
                f"{start} {chrome} Safari/537.36 Vivaldi/7.{self.version(1, 7)}.3644.2",
                f"{start} WhatsApp/2.25{self.version(10, 30)}.7 {chrome}"
                f" Electron/{self.version(28, 38)}.2.0 Safari/537.36",
                f"{start} {chrome} Safari/537.36 Seznam.cz/{self.version(6, 9)}.0.3",
            )
        )

    def private(self):
        """Return a browser that sends Do-Not-Track or Global Privacy Control."""
        chrome = f"{self.version(130, 147)}.0.0.0"
        return self._chooser.choice(
            (
                self.firefox(),
                f"Mozilla/5.0 ({_WINDOWS}) {WEBKIT} Chrome/{chrome} Safari/537.36"
                f" Brave/1.{self.version(60, 85)}.118",
                f"{self.iphone()} Ddg/18.{self.version(0, 7)}",
                f"{self.android()} DuckDuckGo/5 Ddg/5.{self.version(200, 250)}",
            )
        )

    # ------------------------------------------------------------
    # Proxies of providers
    # ------------------------------------------------------------

    def other_proxy(self):
        """Return a proxy that is neither Google's nor Yahoo's."""
        return self.choose(OTHER_PROXIES).format(self.version(30, 46)), PROXY

    # ------------------------------------------------------------
    # Mail and Office programs
    # ------------------------------------------------------------

    def outlook(self):
        """Return Outlook (httpagentparser#91, ua-parser#498, yauaa#224, next-auth#1840,
        DannyBoyNg/UserAgentService#4, matomo device-detector's pim.yml).
        """
        build = self.version(10000, 19900)
        windows = self._chooser.choice(
            ("10.0; WOW64", "10.0; Win64; x64", "6.2; WOW64")
        )
        edge = self.version(120, 147)
        return self._chooser.choice(
            (
                f"Mozilla/4.0 (compatible; MSIE 7.0; Windows NT {windows}; Trident/7.0;"
                " .NET4.0C; .NET4.0E; .NET CLR 2.0.50727; .NET CLR 3.0.30729; .NET CLR"
                f" 3.5.30729; Microsoft Outlook 16.0.{build}; ms-office; MSOffice 16)",
                "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook"
                f" 16.0.{build}; Pro)",
                f"Microsoft Office/16.0 (Microsoft Outlook 16.0.{build}; Pro),"
                " Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
                f"MacOutlook/16.{self.version(60, 99)}.2504 (Intelx64 Mac OS X"
                f" 14.{self.version(1, 6)} (Build 23G93))",
                f"Outlook-iOS/{self.version(709, 760)}.{self.version(2000000, 5000000)}"
                f".prod.iphone (4.25{self.version(10, 45)}.0)",
                f"Mozilla/5.0 ({_WINDOWS}) {WEBKIT} Chrome/{edge}.0.0.0 Safari/537.36"
                f" Edg/{edge}.0.0.0 OneOutlook/1.2025.{self.version(100, 920)}.400",
            )
        ), MAIL

    def mail_program(self):
        """Return another mail program (matomo device-detector's pim.yml and
        desktop.yml, uap-core#32, crawlerdetect's devices.txt).
        """
        thunderbird = self.version(115, 145)
        system, _version = self._ios()
        return self.choose(
            (
                f"Mozilla/5.0 ({_WINDOWS}; rv:{thunderbird}.0) Gecko/20100101"
                f" Thunderbird/{thunderbird}.{self.version(0, 9)}",
                f"Mozilla/5.0 ({_LINUX}; rv:{thunderbird}.0) Gecko/20100101"
                f" Thunderbird/{thunderbird}.{self.version(0, 9)}.1",
                f"Mail/3826.{self.version(200, 700)}.81 CFNetwork/1568.200.51"
                " Darwin/24.1.0",
                f"Mozilla/5.0 (iPhone; CPU iPhone OS {system} like Mac OS X)"
                f" {APPLE_WEBKIT} Mobile/15E148",
                f"eMClient/9.{self.version(1, 9)}.{self.version(1000, 7000)}.0",
                f"Mozilla/5.0 ({_WINDOWS}) {WEBKIT}"
                f" Mailspring/1.{self.version(10, 15)}.1 Chrome/102.0.5005.167"
                " Electron/19.1.9 Safari/537.36",
                f"The Bat! {self.version(9, 11)}.{self.version(1, 5)}.0.22",
                "Mozilla/4.0 (compatible; Lotus-Notes/6.0; Windows-NT)",
                f"Airmail {self.version(1, 5)}.4 rv:2{self.version(10, 99)} (Macintosh;"
                " Mac OS X 10.15.7; de_DE)",
                f"Mozilla/5.0 (Windows NT 6.2; WOW64) {WEBKIT} Chrome/101.0.4951.67"
                f" Safari/537.36 Foxmail/7.2.25.{self.version(150, 400)}",
                f"Yahoo%20Mail/{self.version(49000, 69000)} CFNetwork/1121.2.2"
                " Darwin/19.3.0",
                f"com.google.Gmail/6.0.2{self.version(10000, 50000)} iPhone/{system}"
                " hw/iPhone14_7",
            )
        ), MAIL

    def office_program(self):
        """Return Word or Excel, which load a link before the browser does
        (superuser.com/questions/1359127, uap-core#32, device-detector#7275).
        """
        build = self.version(10000, 19900)
        return self._chooser.choice(
            (
                f"Microsoft Office Excel 2014 (16.0.{build}) Windows NT 10.0",
                f"Microsoft Office/16.0 (Windows NT 10.0; Microsoft Word 16.0.{build};"
                " Pro)",
                "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64;"
                f" Trident/7.0; .NET4.0C; .NET4.0E; InfoPath.{self.version(2, 5)};"
                " ms-office; MSOffice 16)",
                "Mozilla/5.0 (Macintosh; Intel Mac OS X)"
                f" Word/16.{self.version(50, 99)}.0",
            )
        ), MAIL
