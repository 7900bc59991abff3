"""Real user agents of people and machines, with their sources."""

# Browsers of people, on computers and phones, and inside apps.
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko)"
    " SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
    # PyPI device_detector 6.5.1: clienthints-app.yml
    "Mozilla/5.0 (Linux; Android 15; SM-A146P Build/AP3A.240905.015.A2; wv)"
    " AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.7339.207 Mobile"
    " Safari/537.36 [LinkedInApp]/2.200.63",
    # Apple Mail and the new Outlook load images as WebKit does: crawlerdetect 0.4.2,
    # devices.txt; warmbly#564
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_12_6) AppleWebKit/604.4.7"
    " (KHTML, like Gecko)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 10_2 like Mac OS X) AppleWebKit/602.3.12"
    " (KHTML, like Gecko) Mobile/14C92",
)
CHROME = BROWSERS[0]
FIREFOX = BROWSERS[2]

# Email clients, by the name that the addon gives them.
MAIL_CLIENTS = {
    "Outlook": (
        # docs/field.md#mail-clients
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Win64; x64; Trident/7.0;"
        " .NET CLR 2.0.50727; SLCC2; .NET CLR 3.5.30729; .NET CLR 3.0.30729; Media"
        " Center PC 6.0; .NET4.0C; InfoPath.3; .NET CLR 1.1.4322; FDM; Tablet PC 2.0;"
        " .NET4.0E; Microsoft Outlook 14.0.7113; ms-office; MSOffice 14)",
        # httpagentparser#91: "when Outlook load a external image"
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0;"
        " .NET4.0C; .NET4.0E; .NET CLR 2.0.50727; .NET CLR 3.0.30729; .NET CLR"
        " 3.5.30729; Microsoft Outlook 16.0.5257; ms-office; MSOffice 16)",
        # matomo device-detector, pim.yml
        "Microsoft Office/16.0 (Microsoft Outlook 16.0.12329; Pro), Mozilla/4.0"
        " (compatible; ms-office; MSOffice 16)",
        "MacOutlook/16.46.21021202 (Intelx64 Mac OS X 11.2.2 (Build 20D80))",
        "Outlook/16.16.18071205 CFNetwork/902.1 Darwin/17.7.0 (x86_64)",
        "Outlook-iOS/709.2042344.prod.iphone (3.21.0)",
        # 3rd-Eden/useragent#146: loading an image
        "Outlook-iOS/711.2304115.prod.iphone (3.26.0)",
        # Exchange's logs of ActiveSync; uap-core, regexes.yaml
        "Outlook-iOS-Android/2.0",
        "Outlook-iOS-Android/1.0",
        # uap-core#32
        "Microsoft Office Outlook 2013 (15.0.4693) Windows NT 6.2",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like"
        " Gecko) Chrome/136.0.0.0 Safari/537.36 Edg/136.0.0.0"
        " OneOutlook/1.2025.516.400",
    ),
    "Windows Mail": (
        # matomo device-detector, pim.yml
        "Outlook-Express/7.0 (MSIE 7.0; Windows NT 6.1; WOW64; Trident/6.0; SLCC2;"
        " .NET CLR 2.0.50727; .NET CLR 3.5.30729; .NET CLR 3.0.30729; Media Center PC"
        " 6.0; .NET4.0C; AskTbORJ/5.15.9.29495; .NET4.0E; TmstmpExt)",
        "WindowsMail/17.5.9600.22013",
    ),
    "Microsoft Office": (
        # device-detector#7275: Outlook, in its shorter form
        "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
        # device_detector 6.5.1, desktop.yml: Outlook 2007
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; WOW64; Trident/7.0; SLCC2;"
        " .NET CLR 2.0.50727; .NET CLR 3.5.30729; .NET CLR 3.0.30729; Media Center PC"
        " 6.0; .NET4.0C; .NET4.0E; MAFS; InfoPath.2; OfficeLiveConnector.1.5;"
        " OfficeLivePatch.1.3; MSOffice 12)",
        # uap-core#32
        "Microsoft Office Word 2013 (15.0.4693) Windows NT 6.2",
        "Microsoft Office PowerPoint 2013 (15.0.4693) Windows NT 6.2",
        "Microsoft Office/15.0 (Windows NT 6.2; Microsoft Excel 15.0.4693; Pro)",
        # superuser.com/questions/1359127: a link followed in Excel
        "Microsoft Office Excel 2014 (16.0.10730) Windows NT 10.0",
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0;"
        " .NET4.0C; .NET4.0E; .NET CLR 2.0.50727; .NET CLR 3.0.30729; .NET CLR"
        " 3.5.30729; ms-office)",
        # fnando/browser#112
        "Mozilla/5.0 (Macintosh; Intel Mac OS X) Word/14.44.0",
    ),
    "Apple Mail": (
        # device_detector 6.5.1, desktop.yml and podcasting.yml
        "Mail/1874 CFNetwork/673.2.1 Darwin/13.1.0 (x86_64) (Macmini6%2C1)",
        "Mail/3731.600.7 CFNetwork/1408.0.4 Darwin/22.5.0",
    ),
    # matomo device-detector, pim.yml
    "Thunderbird": (
        "Mozilla/5.0 (X11; Linux x86_64; rv:24.0) Gecko/20100101 Thunderbird/24.4.0"
        " Lightning/2.6.4",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0",
    ),
    "Postbox": (
        "Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10.6; en-US; rv:1.9.1.8)"
        " Gecko/20100317 Postbox/1.1.3",
        "Postbox 1.0b14 (Windows/2009072715)",
    ),
    "The Bat!": ("The Bat! 4.0.0.22", "The Bat! Voyager 4.0.18.4"),
    "HCL Notes": ("Mozilla/4.0 (compatible; Lotus-Notes/6.0; Windows-NT)",),
    "Airmail": ("Airmail 1.4 rv:238 (Macintosh; Mac OS X 10.9.2; hr_HR)",),
    "eM Client": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like"
        " Gecko) Chrome/55.0.2883.87 Safari/537.36 eM Client/8.2.1659.0",
        "eMClient/9.3.6041.0",
    ),
    "Mailspring": (
        "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Mailspring/1.7.4 Chrome/69.0.3497.128 Electron/4.2.2 Safari/537.36",
    ),
    "Mailbird": (
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/51.0.2704.103 Safari/537.36 Mailbird/2.4.30.0/",
    ),
    "BlueMail": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like"
        " Gecko) BlueMail/0.10.31 Chrome/61.0.3163.100 Electron/2.0.18 Safari/537.36",
    ),
    "Foxmail": (
        "Mozilla/5.0 (Windows NT 6.2; WOW64) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/101.0.4951.67 Safari/537.36 Foxmail/7.2.25.213",
    ),
    "Yahoo Mail": ("Yahoo%20Mail/49268 CFNetwork/1121.2.2 Darwin/19.3.0",),
    # device_detector 6.5.1, app_names.yml
    "Gmail": (
        "com.google.Gmail/5.0.180715 iPhone/11.4.1 hw/iPhone9_2",
        "com.google.Gmail.AppAndExtensionsFramework/20240825.08"
        " google-api-objc-client/3.0 iPhone/18.4 hw/iPhone14_7 (gzip)",
    ),
    # crawlerdetect 0.4.2, crawlers.txt
    "Canary Mail": ("Canary%20Mail/397 CFNetwork/893.13.1 Darwin/17.4.0 (x86_64)",),
    "Polymail": (
        "Polymail/1.47 (ctrlla.Polymail; build:64; OS X 10.12.6) Alamofire/4.5.1",
    ),
    "Android": (
        "AndroidDownloadManager/7.0 (Linux; U; Android 7.0; LG-F800S Build/NRD90M)",
        "AndroidDownloadManager/4.4.2 (Linux; U; Android 4.4.2; SM-T210 Build/KOT49H)",
    ),
}
OUTLOOK = MAIL_CLIENTS["Outlook"][0]

# Proxies and relays that load images: docs/field.md#opens
GMAIL_PROXY = (
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0"
    " (via ggpht.com GoogleImageProxy)"
)
GMAIL_PREFETCH = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"
)
# The same proxy, in a form from another project's tests: not confirmed by a log
YAHOO_PROXY_COMPATIBLE = (
    "Mozilla/5.0 (compatible; YahooMailProxy;"
    " https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html)"
)
YAHOO_PROXY = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
APPLE_MPP = "Mozilla/5.0"
OTHER_PROXIES = (
    # device_detector 6.5.1, bots.yml
    "Mozilla/5.0 SeznamEmailProxy/2.0.174",
    "RamblerMail/6.0 (incompatible; ImageProxy/6.0)",
    # warmbly's tests of mail clients
    "hey.com/imageproxy Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML,"
    " like Gecko) Chrome/134.0.0.0 Safari/537.36",
    "FastmailUA/1.0",
)
# docs/field.md#opens; crawler-user-agents 1.67; device_detector 6.5.1, bots.yml
MORE_PROXIES = (
    # fastmail.com/policies/bots
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/118.0.5993.117 Safari/537.36 FastmailUA/1.0",
    "Shortwave Image Fetcher",
    # Only the name is known, and that a mail address follows: the rest is made up.
    "SuperhumanProxy (proxy@superhuman.com)",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/55.0.2883.87 Safari/537.36 (via secureurl.fwdcdn.com - mail.ukr.net"
    " proxy)",
)

# Scanners and previews: docs/field.md#clicks; crawlerdetect 0.4.2, crawlers.txt
BING_PREVIEWS = (
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko)"
    " BingPreview/1.0b",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 7_0 like Mac OS X) AppleWebKit/537.51.1 (KHTML,"
    " like Gecko) Version/7.0 Mobile/11A465 Safari/9537.53 BingPreview/1.0b",
)
BARRACUDA = "Barracuda Sentinel (EE)"
CRAWLERS = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " HeadlessChrome/66.0.3336.0 Safari/537.36",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"
    " skype-url-preview@microsoft.com",
    "WhatsApp/2.16.2/i",
    "facebookexternalhit/1.1",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/8.5.0",
    "python-requests/2.32.3",
)

# Browsers and apps of people that lists of crawlers contain.
LISTED_BROWSERS = (
    # crawlerdetect 0.4.2, crawlers.txt
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Slack/1.2.6 Chrome/45.0.2454.85 AtomShell/0.34.3 Safari/537.36 Slack_SSB/1.2.6",
    # device_detector 6.5.1: smartphone.yml, desktop.yml, tv.yml, mobile_apps.yml
    "Mozilla/5.0 (Linux; arm_64; Android 11; SM-M625F) AppleWebKit/537.36 (KHTML, like"
    " Gecko) Chrome/92.0.4515.159 BroPP/1.0 SA/3 YaSearchBrowser/21.81.1"
    " YaApp_Android/21.81.1 ru.yandex.searchplugin/21.81.1 Mobile Safari/537.36",
    "Lynx/2.8.8pre.3 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/1.0.1e",
    "com.tcl.browser/660067 (Linux; U; Android 12; tr_TR; Chromecast HD;"
    " Build/STTK.230808.004; Cronet/114.0.5735.33)",
    "Slack/396839 CFNetwork/889.9 Darwin/17.2.0",
)
# Devices whose models resemble names of crawlers: device_detector 6.5.1
DEVICES_LIKE_CRAWLERS = (
    "Mozilla/5.0 (Linux; Android 13; Spider 8) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/124.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 6.0; VR BOT 552 PLUS) AppleWebKit/537.36 (KHTML, like"
    " Gecko) Chrome/78.0.3904.96 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 8.1.0; XBot_Senior Build/O11019) AppleWebKit/537.36"
    " (KHTML, like Gecko) Chrome/65.0.3325.109 Mobile Safari/537.36",
)
# Browsers of people with unusual user agents: device_detector 6.5.1, its tests of
# televisions, consoles, feature phones and old computers; crawlerdetect 0.4.2,
# devices.txt
UNUSUAL_BROWSERS = (
    "HbbTV/1.4.1 (+DRM;Panasonic;SmartTV2019mid;0.753;4a01-0003 0040-0000;"
    "SmartTV2019;)",
    "Mozilla/5.0 (Nintendo Switch; LoginApplet; Nintendo Switch Lite) AppleWebKit/613.0"
    " (KHTML, like Gecko) NF/6.0.3.28.8 NintendoBrowser/5.1.0.36948",
    "Mozilla/4.0 (PlayStation Portable); 2.00)",
    "Opera/9.80 (SpreadTrum; Opera Mini/4.4.33961/88.150; U; en) Presto/2.12.423"
    " Version/12.16",
    "Mozilla/5.0 (Mobile; Nokia_2720_Flip; rv:48.0) Gecko/48.0 Firefox/48.0"
    " KAIOS/2.5.2.2",
    "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.35+ (KHTML, like Gecko)"
    " Version/10.3.1.821 Mobile Safari/537.35+",
    "SonyEricssonT100/R101",
    "FLY_E141TV_PLUS/ WAP Browser/MAUI(HTTP PGDL;HTTPS)Profile/Q03C1-2.40 ru-RU",
    "UCWEB8.4.0.150/28/352",
    "w3m/0.5.3",
    "ELinks/0.x.x (textmode; NetBSD 1.6.2 sparc; 132x43)",
    "Mozilla/4.0 (compatible; Polaris 6.2; Brew 3.1.5; en)/240X320 Samsung sam-r631",
    "Mozilla/5.0 (compatible; Konqueror/3.5; SunOS) KHTML/3.5.1 (like Gecko)",
    "Mozilla/5.0 (compatible; U; ABrowse 0.6; Syllable) AppleWebKit/420+ (KHTML, like"
    " Gecko)",
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0;  Embedded Web"
    " Browser from: http://bsalsa.com/; .NET CLR 1.0.3705)",
    "Mozilla/5.0 (Macintosh; U; PPC Mac OS X; en) AppleWebKit/418.9 (KHTML, like Gecko,"
    " Safari) Safari/419.3 Cheshire/1.0.ALPHA",
    "Mozilla/5.0 (Windows; U; Windows NT 6.0; de; rv:1.9.1.6) Gecko/20091201"
    " (WEB.DE/1.5) Firefox/3.5.6 (.NET CLR 3.5.30729)",
)
# Programs that the list of crawlers does not contain, by the reason of their rule:
# device_detector 6.5.1, bots.yml; crawler-user-agents 1.67
PROGRAMS = {
    "ai-assistant": (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible;"
        " Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML,"
        " like Gecko) Chrome/132.0.0.0 Safari/537.36; Manus-User/1.0",
        "Mozilla/5.0 (compatible; Devin/1.0)",
        "Mozilla/5.0 (compatible; Google-NotebookLM; +https://notebooklm.google.com/)",
    ),
    "security-scanner": (
        "Mozilla/5.0 (compatible; PhishBucketRust/1.0)",
        "Mozilla/5.0 (compatible; SecurityScanner/1.0)",
    ),
    "automation-tool": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like"
        " Gecko) Chrome/120.0.0.0 Safari/537.36 Playwright/1.40.0",
    ),
    "self-named": (
        "Mozilla/5.0 (compatible; Rivva; http://rivva.de)",
        "Mozilla/5.0 (compatible; SerpReputationManagementAgent/1.0)",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like"
        " Gecko; compatible; BW/1.2; rb.gy/oupwis) Chrome/124.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like"
        " Gecko) Chrome/112.0.0.0 Safari/537.36 (scanner.ducks.party)",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like"
        " Gecko, Foregenix) Chrome/91.0.4472.77 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Chrome/100.0.4896.60 Safari/537.36 NewRelicSynthetics/1.0",
    ),
    "http-tool": (
        "colly/2.1.0",
        "Deno/1.26.1",
        "Symfony HttpClient/Native",
        "Mozilla/5.0 xtate/2.12.4",
    ),
}
