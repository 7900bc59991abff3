"""Write user agents of machines. "{}" in a format is a version, which is drawn.

Each family names its sources. The development half uses the even members of a family,
the held-back half the odd ones.
"""

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"

# Chat and social apps, which load a link to show a preview: api.slack.com/robots,
# developers.facebook.com/docs/sharing/webmasters/web-crawlers, myog.social/bots,
# logs quoted by find_string("SkypeUriPreview Preview/0.5").
PREVIEWS = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"
    " skype-url-preview@microsoft.com",
    "WhatsApp/2.23.{}.79 A",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient"
    " +http://www.linkedin.com)",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Twitterbot/1.0",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
    "Iframely/1.3.1 (+https://iframely.com/docs/about) Atlassian",
    "http.rb/5.{}.1 (Mastodon/4.2.1; +https://mastodon.social/)",
    "Viber/13.{}.0.22",
    "Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)",
)
# Documentation of the libraries: their default user agents.
LIBRARIES = (
    *("python-requests/2.{}.0", "Go-http-client/1.1"),
    *("curl/8.{}.0", "Wget/1.21.{}"),
    *("okhttp/4.{}.0", "Apache-HttpClient/4.5.{} (Java/17.0.9)"),
    *("axios/1.{}.2", "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)"),
    *("python-httpx/0.{}.0", "Python/3.11 aiohttp/3.{}.1"),
    *("Java/1.8.0_{}", "Faraday v2.{}.1"),
    *("GuzzleHttp/7", "libwww-perl/6.{}"),
    *("Python-urllib/3.{}", "undici"),
    *("Dart/3.{} (dart:io)", "Ruby"),
    *("PostmanRuntime/7.{}.0", "HTTPie/3.{}.2"),
    *("aiohttp/3.{}", "Scrapy/2.{}.0 (+https://scrapy.org)"),
)
# CIDRAM#275, jitsu#971, COUNTER-Robots#49, and the documentation of the tools.
HEADLESS = (
    f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/1{{}}.0.0.0"
    " Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} HeadlessChrome/1{{}}.0.6261.94"
    " Safari/537.36",
    "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko)"
    " PhantomJS/2.1.{} Safari/538.1",
    f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/1{{}}.0.5060.53"
    " Safari/537.36 Prerender (+https://github.com/prerender/prerender)",
)
# developers.openai.com/api/docs/bots, support.claude.com/en/articles/8896518,
# docs.perplexity.ai/guides/bots, docs.mistral.ai/robots.
ASSISTANTS = (
    f"Mozilla/5.0 {WEBKIT}; compatible; ChatGPT-User/1.{{}}; +https://openai.com/bot",
    f"Mozilla/5.0 {WEBKIT}; compatible; Claude-User/1.{{}};"
    " +Claude-User@anthropic.com)",
    f"Mozilla/5.0 {WEBKIT}; compatible; Perplexity-User/1.{{}};"
    " +https://perplexity.ai/perplexity-user)",
    f"Mozilla/5.0 {WEBKIT}; compatible; MistralAI-User/1.{{}};"
    " +https://docs.mistral.ai/robots)",
    f"Mozilla/5.0 {WEBKIT}; compatible; GPTBot/1.{{}}; +https://openai.com/gptbot",
    f"Mozilla/5.0 {WEBKIT}; compatible; OAI-SearchBot/1.{{}};"
    " +https://openai.com/searchbot",
)
# RFC 9309, 2.2.1: crawlers name an address. The last two are invented: they stand for
# crawlers that no list contains.
CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; DotBot/1.{}; +https://opensiteexplorer.org/dotbot;"
    " help@moz.com)",
    "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
    "Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/"
    "archive.org_bot)",
    "Mozilla/5.0 (Linux; compatible; PetalBot; +https://webmaster.petalsearch.com/site/"
    "petalbot)",
    "Acme-Inspector/2.{} (+https://inspector.example.com/about)",
    "Contoso link checker 3.{} (security@contoso.example)",
)
# wasitup.com/faq, and the documentation of the services.
MONITORS = (
    "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
    "Mozilla/5.0 (compatible; Wasitup monitoring; http://wasitup.com)",
    "Better Stack Better Uptime Bot Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
    f" {WEBKIT} Chrome/125.0.0.0 Safari/537.36",
    "check_http/v2.{} (nagios-plugins 2.3.3)",
    "Site24x7",
    "Blackbox Exporter/0.{}.0",
    "Uptime-Kuma/1.{}.0",
)
# docs/field.md#clicks; mssola/user_agent#71 (Gmail); logs that quote VirusTotal's
# "s~virustotalcloud"; apache-ultimate-bad-bot-blocker#237 (Palo Alto Networks);
# nginx-ultimate-bad-bot-blocker#571; netcraft.com.
SCANNERS = (
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko)"
    " BingPreview/1.0b",
    "Barracuda Sentinel (EE)",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/42.0.2311.135"
    " Safari/537.36 Edge/12.246 Gmail-content-sampling",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 7_0 like Mac OS X) AppleWebKit/537.51.1 (KHTML,"
    " like Gecko) Version/7.0 Mobile/11A465 Safari/9537.53 BingPreview/1.0b",
    "Mozilla/5.0 (compatible; NetcraftSurveyAgent/1.0; +info@netcraft.com)",
    "Hello from Palo Alto Networks, find out more about our scans in"
    " https://docs-cortex.paloaltonetworks.com/r/1/Cortex-Xpanse/Scanning-activity",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_6) {WEBKIT} Chrome/112.0.0.0"
    " Safari/537.36 (scanner.ducks.party)",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:90.0) Gecko/20100101 Firefox/90.0"
    " Information Security Team InfraSec Scanner",
)
# Antivirus programs that name themselves: crawlerdetect's list of crawlers, and logs
# that quote VirusTotal.
ANTIVIRUS = (
    "Kaspersky Lab CFR link resolver, cfradmins@kaspersky.com",
    "Mozilla/5.0 (Android 13; Mobile; rv:109.0) Gecko/112.0 Firefox/112.0"
    " AppEngine-Google; (+http://code.google.com/appengine; appid: s~virustotalcloud)",
    f"Mozilla/5.0 {WEBKIT} Chrome/112.0.0.0 Safari/537.36 AppEngine-Google;"
    " (+http://code.google.com/appengine; appid: s~virustotalcloud)",
    "Mozilla/5.0 (compatible; Norton-Safeweb/2.{}; +http://safeweb.norton.com)",
)
# Old browsers that detonations use: gophish#973 (Chrome 57), #2446 (79, 80, 96),
# opencollective#3656 (64, 72), laravel-passwordless-login#79 (97), user_agent#71 (79),
# blog.z0i.net (Trend Micro: MSIE 8, Chrome 22), gophish#2565 (SM-G998U).
OLD_BROWSERS = (
    f"Mozilla/5.0 (Windows NT 6.1) {WEBKIT} Chrome/57.0.2987.{{}} Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/79.0.3945.{{}}"
    " Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/64.0.3282.{{}}"
    " Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/72.0.3626.{{}}"
    " Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/80.0.3987.{{}}"
    " Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 9; SM-G998U) {WEBKIT} Chrome/88.0.4324.{{}} Mobile"
    " Safari/537.36",
)
TREND_BROWSERS = (
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0)",
    f"Mozilla/5.0 (Windows NT 6.1) {WEBKIT.replace('537.36', '537.2')}"
    " Chrome/22.0.1216.0 Safari/537.2",
)
# MDN: Sec-Purpose, Purpose, X-Purpose, X-Moz.
PREFETCHES = ("prefetch", "prefetch;prerender", "preview", "prerender")


def fill(agents, family):
    """Return a member of a family, with a version of this half.

    :param Agents agents: of the half
    :param family: formats of user agents
    """
    return agents.choose(family).format(agents.version(11, 39))
