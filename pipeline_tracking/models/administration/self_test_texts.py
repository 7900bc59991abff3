"""Texts of the self-test: the summary, and of each finding the title, why it matters,
and what to do.
"""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

_LINKS_FAIL = _lt("Recipients cannot follow tracked links, and no open is recorded.")
_SAME_ADDRESS = _lt(
    "All requests seem to come from one address. Odoo cannot distinguish colleagues and"
    " automated requests from recipients by their address, and shows no locations."
)
_NOT_PROCESSED = _lt(
    "Users see no new opens and clicks until the scheduled action runs."
)

# The line above the findings, by the key of `tools.self_test.summarize`.
SUMMARY_TEXTS = {
    "works": _lt("Email tracking works"),
    "works_with_warning": _lt("Email tracking works, with 1 warning"),
    "works_with_warnings": _lt("Email tracking works, with %(warnings)s warnings"),
    "tests_only": _lt("Email tracking works for tests only"),
    "off": _lt("Email tracking is off"),
    "not_tracked_problem": _lt("Emails are not tracked: 1 problem"),
    "not_tracked_problems": _lt("Emails are not tracked: %(problems)s problems"),
    "problem": _lt("Email tracking does not work properly: 1 problem"),
    "problems": _lt("Email tracking does not work properly: %(problems)s problems"),
}

FINDING_TEXTS = {
    # The address
    "reached": (_lt("%(url)s reaches this database."),),
    "reached_over_https": (_lt("%(url)s reaches this database over HTTPS."),),
    "private": (
        _lt("%(url)s is not a public address."),
        _lt("Recipients cannot reach this address, so emails are sent untracked."),
        _lt(
            "Set the system parameter web.base.url to a public address, such as"
            " https://odoo.example.com. Or enter a Tracking Domain in the settings."
        ),
    ),
    "private_allowed": (
        _lt("%(url)s is not a public address, which is allowed for tests."),
        _lt(
            "Recipients cannot follow tracked links. Tracking at a private address is"
            " for tests only."
        ),
        _lt(
            "First set the system parameter web.base.url to a public address, such as"
            " https://odoo.example.com, or enter a Tracking Domain in the settings."
            " Then delete the system parameter pipeline_tracking.allow_private_url."
        ),
    ),
    "private_behind_domain": (
        _lt("Odoo's own address %(url)s is not a public address."),
        _lt(
            "Tracked links use the tracking domain, so they work. Recipients cannot"
            " follow other links to Odoo in emails, such as a link to an order."
        ),
        _lt(
            "If recipients need such links, set the system parameter web.base.url to a"
            " public address."
        ),
    ),
    "not_https": (
        _lt("%(url)s is not encrypted."),
        _lt("Email clients and browsers warn about such links, or block the image."),
        _lt(
            "Serve HTTPS from the proxy in front of Odoo. Then set the system parameter"
            " web.base.url to an address that begins with https://"
        ),
    ),
    "not_frozen": (
        _lt("Odoo may change its own address."),
        _lt(
            "Odoo changes web.base.url to the address at which an administrator logs"
            " in. After a login at a local address, links in emails lead to that"
            " address."
        ),
        _lt("Set the system parameter web.base.url.freeze to True."),
    ),
    # Reaching it
    "dns": (
        _lt("The host name in %(url)s does not exist."),
        _LINKS_FAIL,
        _lt(
            "Check the spelling. Add an A, AAAA or CNAME record for this host name to"
            " its DNS zone."
        ),
    ),
    "refused": (
        _lt("No server listens at %(url)s."),
        _LINKS_FAIL,
        _lt(
            "Start the proxy or Odoo at this address and port, and check the firewall."
        ),
    ),
    "timeout": (
        _lt("%(url)s does not answer within 5 seconds."),
        _lt(
            "Recipients may have to wait as long. Or the address works for recipients,"
            " and only this server cannot reach its own public address."
        ),
        _lt(
            "Open the address from another network. If it opens, let this server reach"
            " it: change the firewall, or add a line to /etc/hosts."
        ),
    ),
    "timeout_one_worker": (
        _lt("%(url)s could not be checked, because Odoo has only one worker."),
        _lt("The worker that runs this check cannot answer a request of the check."),
        _lt("Set workers = 2 or more in Odoo's configuration file, then restart Odoo."),
    ),
    "untrusted": (
        _lt("The certificate of %(url)s is not valid: %(detail)s."),
        _lt("Browsers warn about such links, and email clients block the image."),
        _lt(
            "Install a valid certificate for this host name on the proxy, with its"
            " complete chain. Certbot does this."
        ),
    ),
    "tls": (
        _lt("The HTTPS connection to %(url)s fails."),
        _LINKS_FAIL,
        _lt(
            "Check the port and the certificate of the proxy. In nginx, check listen"
            " 443 ssl and ssl_certificate."
        ),
    ),
    "broken": (
        _lt("%(url)s sends no valid answer: %(detail)s"),
        _LINKS_FAIL,
        _lt("Check the address and the log of the proxy."),
    ),
    "redirect": (
        _lt("%(url)s redirects to %(location)s."),
        _lt(
            "Each tracked link is redirected twice, and some email clients do not load"
            " the image."
        ),
        _lt(
            "Enter the final address as the system parameter web.base.url, or as the"
            " Tracking Domain in the settings."
        ),
    ),
    "redirect_away": (
        _lt("%(url)s redirects tracked links to %(location)s."),
        _LINKS_FAIL,
        _lt(
            "Let the proxy pass /t/ to Odoo unchanged and without a login. In nginx,"
            " add a location /t/ with proxy_pass."
        ),
    ),
    "foreign": (
        _lt("A server other than Odoo answers at %(url)s (status %(status)s)."),
        _LINKS_FAIL,
        _lt(
            "Let the proxy pass /t/ to Odoo. In nginx, add a location /t/ with"
            " proxy_pass. If the status is 502, 503 or 504, start Odoo behind the"
            " proxy."
        ),
    ),
    "blocked": (
        _lt("Odoo answers at %(url)s, but not below /t/ (status %(status)s)."),
        _LINKS_FAIL,
        _lt(
            "Let the proxy pass /t/ to Odoo, like other paths. In nginx, add a"
            " location /t/ with proxy_pass. If the address leads to another Odoo,"
            " correct the address."
        ),
    ),
    # The database
    "several": (
        _lt("Odoo has %(count)s databases at %(host)s, and selects none of them."),
        _lt(
            "Odoo needs a session cookie to know which database is meant. Recipients"
            " have no session cookie."
        ),
        _lt(
            "Set dbfilter in Odoo's configuration file so that this address has only"
            " one database: dbfilter = ^%(database)s$. Or add pipeline_tracking to"
            " server_wide_modules: new links then contain the name of their database."
            " Then restart Odoo."
        ),
    ),
    "not_offered": (
        _lt("Odoo does not offer this database at %(host)s."),
        _LINKS_FAIL,
        _lt(
            "Change dbfilter or db_name in Odoo's configuration file so that"
            " %(database)s is available at this address, then restart Odoo."
        ),
    ),
    "other_database": (
        _lt("%(url)s leads to another database: %(other_database)s."),
        _lt("Opens and clicks are recorded in that database, or not at all."),
        _lt(
            "Change dbfilter in Odoo's configuration file to dbfilter = ^%(database)s$,"
            " then restart Odoo. Or correct the address."
        ),
    ),
    "other_key": (
        _lt("%(url)s leads to a database that did not sign these links."),
        _lt("The address may lead to another server, or to a copy of this database."),
        _lt(
            "Point the host name or the proxy to this server, or correct the address."
            " This database is %(database)s."
        ),
    ),
    "neutralized": (
        _lt("This database is a neutralized copy."),
        _lt(
            "A neutralized copy sends no emails, and links in emails of the original"
            " database do not work in it."
        ),
        _lt("Use this copy for tests only. Otherwise use the original database."),
    ),
    "not_allowed": (
        _lt("This company does not track emails."),
        _lt("The setting Track Emails is off, so nothing is recorded."),
        _lt("To track emails, turn on Track Emails in the settings."),
    ),
    # Proxies
    "trusted": (
        _lt(
            "Odoo knows the addresses that requests come from. Your address is"
            " %(address)s."
        ),
    ),
    "no_proxy_mode": (
        _lt("Odoo does not trust the proxy that forwards requests (%(header)s)."),
        _SAME_ADDRESS,
        _lt("Set proxy_mode = True in Odoo's configuration file, then restart Odoo."),
    ),
    "no_forwarded_host": (
        _lt(
            "The proxy does not send X-Forwarded-Host, so Odoo ignores the other"
            " headers of the proxy."
        ),
        _SAME_ADDRESS,
        _lt(
            "Add the header to the proxy. In nginx: proxy_set_header X-Forwarded-Host"
            " $http_host;"
        ),
    ),
    "no_forwarded_for": (
        _lt(
            "The proxy does not send X-Forwarded-For, so Odoo does not know where"
            " requests come from."
        ),
        _SAME_ADDRESS,
        _lt(
            "Add the header to the proxy. In nginx: proxy_set_header X-Forwarded-For"
            " $proxy_add_x_forwarded_for;"
        ),
    ),
    "private_client": (
        _lt("Your request came from %(address)s, which is not a public address."),
        _lt(
            "If you are not in the same network as the server, a proxy hides the"
            " addresses that requests come from."
        ),
        _lt(
            "In that case, let the proxy send X-Forwarded-For and X-Forwarded-Host."
            " Set proxy_mode = True in Odoo's configuration file, then restart Odoo."
        ),
    ),
    # The lane
    "lane": (_lt("The fast lane answers requests to tracked URLs."),),
    "no_lane": (
        _lt("The fast lane is off."),
        _lt(
            "Tracked URLs work, but each request takes several times as long. This"
            " matters for large mailings."
        ),
        _lt(
            "Set server_wide_modules = base,rpc,web,pipeline_tracking in Odoo's"
            " configuration file, then restart Odoo."
        ),
    ),
    "lane_passed": (
        _lt("The fast lane does not answer requests to %(url)s."),
        _lt("Tracked URLs work, but each request takes several times as long."),
        _lt(
            "Restart Odoo if its configuration was changed. If a proxy sends"
            " X-Odoo-Database, remove this header and set dbfilter instead: the header"
            " makes requests bypass the fast lane."
        ),
    ),
    # The job
    "job": (_lt("The scheduled action that processes opens and clicks runs."),),
    "job_gone": (
        _lt("The scheduled action that processes opens and clicks was deleted."),
        _NOT_PROCESSED,
        _lt(
            "Upgrade the module Pipeline Email Tracking to create the scheduled action"
            " again."
        ),
    ),
    "job_off": (
        _lt("The scheduled action that processes opens and clicks is off."),
        _NOT_PROCESSED,
        _lt(
            "Open Settings ▸ Technical ▸ Scheduled Actions, and activate Email"
            " Tracking: process opens and clicks."
        ),
    ),
    "no_threads": (
        _lt(
            "Odoo runs no scheduled actions. Opens and clicks should have been"
            " processed %(age)s ago."
        ),
        _NOT_PROCESSED,
        _lt(
            "Set max_cron_threads = 1 or more in Odoo's configuration file, then"
            " restart Odoo."
        ),
    ),
    "job_late": (
        _lt(
            "The scheduled action that processes opens and clicks should have run"
            " %(age)s ago."
        ),
        _NOT_PROCESSED,
        _lt(
            "Look for errors of scheduled actions in Odoo's log. If other scheduled"
            " actions take all threads, set max_cron_threads = 2 or more in Odoo's"
            " configuration file, then restart Odoo."
        ),
    ),
    # The queue
    "queue": (
        _lt(
            "Opens and clicks are processed in time. Waiting to be processed:"
            " %(count)s."
        ),
    ),
    "backlog": (
        _lt(
            "Opens and clicks are not processed in time. Waiting to be processed:"
            " %(count)s, the oldest for %(age)s."
        ),
        _NOT_PROCESSED,
        _lt(
            "Fix the problems of the scheduled action that are listed here. If it runs,"
            " wait: after a large mailing, it catches up without help."
        ),
    ),
    "none_set_aside": (_lt("No opens or clicks are set aside because of an error."),),
    "set_aside": (
        _lt("Opens and clicks set aside because of an error: %(count)s."),
        _lt("Opens and clicks that are set aside are stored, but not counted."),
        _lt("Read the error in the queue, fix its cause, then choose Try Again."),
    ),
    # Places
    "geoip": (_lt("Odoo can find the country of an IP address."),),
    "no_geoip": (
        _lt("Odoo cannot find the country of an IP address."),
        _lt("Opens and clicks are shown without a location."),
        _lt(
            "Download the GeoLite2 databases. Set geoip_city_db and geoip_country_db to"
            " their paths in Odoo's configuration file, then restart Odoo."
        ),
    ),
}
