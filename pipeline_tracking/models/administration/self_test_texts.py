"""Texts of the self-test: the title of each finding, why it matters, what to do."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

_LINKS_FAIL = _lt("Recipients cannot follow tracked links, and no open is seen.")
_SAME_ADDRESS = _lt(
    "Everyone seems to come from one address: colleagues and machines cannot be told"
    " from customers by it, and there is no place to show."
)
_NOT_PROCESSED = _lt(
    "Opens and clicks are kept, but nobody sees them until this job runs."
)

FINDING_TEXTS = {
    # The address
    "reached": (
        _lt("%(url)s leads to this database, over a connection that is safe."),
    ),
    "private": (
        _lt("%(url)s is not a public address."),
        _lt("Customers cannot reach it, so emails leave untracked."),
        _lt(
            "Set the system parameter web.base.url to the address that customers can"
            " open, such as https://odoo.example.com, or a tracking domain in the"
            " settings."
        ),
    ),
    "private_allowed": (
        _lt("%(url)s is not a public address, and emails are tracked all the same."),
        _lt("This is for tests only: customers cannot follow the links."),
        _lt("Delete the system parameter pipeline_tracking.allow_private_url."),
    ),
    "not_https": (
        _lt("%(url)s is not encrypted."),
        _lt("Mail programs and browsers warn of such links, or hide the image."),
        _lt(
            "Have the proxy before Odoo serve HTTPS, and let the system parameter"
            " web.base.url begin with https://"
        ),
    ),
    "not_frozen": (
        _lt("Odoo may change its own address."),
        _lt(
            "It takes the one that an administrator logs in by. After a login by a"
            " local address, links in emails would lead there."
        ),
        _lt("Set the system parameter web.base.url.freeze to True."),
    ),
    # Reaching it
    "dns": (
        _lt("No server is found by the name in %(url)s."),
        _LINKS_FAIL,
        _lt(
            "Check the spelling, and add an A, AAAA or CNAME record for this name to"
            " its DNS zone."
        ),
    ),
    "refused": (
        _lt("Nothing listens at %(url)s."),
        _LINKS_FAIL,
        _lt(
            "Start the proxy, or Odoo, at this address and port; look at the firewall."
        ),
    ),
    "timeout": (
        _lt("%(url)s does not answer within 5 seconds."),
        _lt(
            "Recipients may wait as long. Or they do not, and only this server cannot"
            " reach its own public address."
        ),
        _lt(
            "Open the address from another network. If it opens, let this server reach"
            " it: by the firewall, or by a line in /etc/hosts."
        ),
    ),
    "timeout_one_worker": (
        _lt("%(url)s could not be checked: there is only one worker."),
        _lt("It cannot answer itself while it does this check."),
        _lt("Set workers = 2 or more in Odoo's configuration file. Then restart Odoo."),
    ),
    "untrusted": (
        _lt("The certificate of %(url)s is not good: %(detail)s."),
        _lt("Browsers warn of such links, and mail programs show no image."),
        _lt(
            "Give the proxy a valid certificate for this name, with its whole chain, as"
            " certbot does."
        ),
    ),
    "tls": (
        _lt("%(url)s does not speak HTTPS as it should."),
        _LINKS_FAIL,
        _lt(
            "Check the proxy's port and certificate: in nginx, listen 443 ssl and"
            " ssl_certificate."
        ),
    ),
    "broken": (
        _lt("%(url)s gives no answer that makes sense: %(detail)s"),
        _LINKS_FAIL,
        _lt("Check the address, and the proxy's log."),
    ),
    "redirect": (
        _lt("%(url)s leads on to %(location)s."),
        _lt("Each link takes a detour, and some mail programs then show no image."),
        _lt(
            "Write the final address: in the system parameter web.base.url, or as the"
            " tracking domain."
        ),
    ),
    "redirect_away": (
        _lt("%(url)s sends tracked links to %(location)s."),
        _LINKS_FAIL,
        _lt(
            "Let the proxy pass on /t/ to Odoo as it is, without a login: in nginx, a"
            " location /t/ with proxy_pass."
        ),
    ),
    "foreign": (
        _lt("%(url)s is answered by something else than Odoo (status %(status)s)."),
        _LINKS_FAIL,
        _lt(
            "Let the proxy pass on /t/ to Odoo: in nginx, a location /t/ with"
            " proxy_pass. Status 502, 503 or 504: Odoo does not run behind it."
        ),
    ),
    "blocked": (
        _lt("Odoo answers at %(url)s, but not for /t/ (status %(status)s)."),
        _LINKS_FAIL,
        _lt(
            "Let the proxy pass on /t/ to Odoo, as it does the rest: in nginx, a"
            " location /t/ with proxy_pass. Or the address leads to another Odoo."
        ),
    ),
    # The database
    "several": (
        _lt("Odoo offers %(count)s databases at %(host)s, and takes none of them."),
        _lt("Without a cookie it does not know which is meant: recipients have none."),
        _lt(
            "Set dbfilter in Odoo's configuration file so that this address has one"
            " database: dbfilter = ^%(database)s$. Or add pipeline_tracking to"
            " server_wide_modules: new links then name their database."
        ),
    ),
    "not_offered": (
        _lt("Odoo does not offer this database at %(host)s."),
        _LINKS_FAIL,
        _lt(
            "Change dbfilter, or db_name, in Odoo's configuration file so that it has"
            " %(database)s for this address. Then restart Odoo."
        ),
    ),
    "other_database": (
        _lt("%(url)s leads to another database: %(found)s."),
        _lt("What recipients do is recorded there, or nowhere."),
        _lt(
            "Change dbfilter in Odoo's configuration file: dbfilter = ^%(database)s$."
            " Or correct the address."
        ),
    ),
    "other_key": (
        _lt("%(url)s leads to a database that did not sign these links."),
        _lt("It may be another server's, or a copy of this database."),
        _lt(
            "Point the name, or the proxy, to this server, or correct the address. This"
            " database is %(database)s."
        ),
    ),
    "neutralized": (
        _lt("This database is a neutralized copy."),
        _lt("It sends no email, and links from the original do not work in it."),
        _lt("Nothing, if it is for tests. Otherwise use the original."),
    ),
    "not_allowed": (
        _lt("Emails are not tracked in this company."),
        _lt("Whoever asks for it, no email is tracked."),
        _lt("Turn on Track Emails in the settings, if that is not what you want."),
    ),
    # Proxies
    "trusted": (_lt("Odoo sees where requests come from: yours from %(address)s."),),
    "no_proxy_mode": (
        _lt("Requests come through a proxy that Odoo does not trust (%(header)s)."),
        _SAME_ADDRESS,
        _lt("Set proxy_mode = True in Odoo's configuration file. Then restart Odoo."),
    ),
    "no_forwarded_host": (
        _lt("The proxy does not send X-Forwarded-Host, so Odoo ignores what it says."),
        _SAME_ADDRESS,
        _lt(
            "Add it to the proxy: in nginx, proxy_set_header X-Forwarded-Host"
            " $http_host;"
        ),
    ),
    "no_forwarded_for": (
        _lt("The proxy does not tell where requests come from."),
        _SAME_ADDRESS,
        _lt(
            "Add it to the proxy: in nginx, proxy_set_header X-Forwarded-For"
            " $proxy_add_x_forwarded_for;"
        ),
    ),
    "private_client": (
        _lt("Your request came from %(address)s, which is not public."),
        _lt(
            "If you are not in the same network as the server, a proxy hides where"
            " requests come from."
        ),
        _lt(
            "Then have the proxy send X-Forwarded-For and X-Forwarded-Host, and set"
            " proxy_mode = True in Odoo's configuration file."
        ),
    ),
    # The lane
    "lane": (_lt("Tracked URLs are answered by the lane, before Odoo's own work."),),
    "no_lane": (
        _lt("The lane is off."),
        _lt(
            "Tracked URLs work, but each takes several times as long: with large"
            " mailings, that counts."
        ),
        _lt(
            "Set server_wide_modules = base,rpc,web,pipeline_tracking in Odoo's"
            " configuration file. Then restart Odoo."
        ),
    ),
    "lane_passed": (
        _lt("Requests to %(url)s are not answered by the lane."),
        _lt("They work, but each takes several times as long."),
        _lt(
            "Restart Odoo if its configuration was changed. A proxy that sends"
            " X-Odoo-Database keeps them from the lane: use dbfilter instead."
        ),
    ),
    # The job
    "job": (_lt("The job that processes opens and clicks runs."),),
    "job_gone": (
        _lt("The job that processes opens and clicks was deleted."),
        _NOT_PROCESSED,
        _lt("Upgrade the module Pipeline Tracking: that makes it again."),
    ),
    "job_off": (
        _lt("The job that processes opens and clicks is off."),
        _NOT_PROCESSED,
        _lt(
            "Turn it on: Settings / Technical / Scheduled Actions, Trackable Emails:"
            " process hits."
        ),
    ),
    "no_threads": (
        _lt("Nothing runs Odoo's jobs. This one should have run %(age)s ago."),
        _NOT_PROCESSED,
        _lt(
            "Set max_cron_threads = 1 or more in Odoo's configuration file. Then"
            " restart Odoo."
        ),
    ),
    "job_late": (
        _lt("The job that processes opens and clicks should have run %(age)s ago."),
        _NOT_PROCESSED,
        _lt(
            "Look for errors of Odoo's scheduled actions in its log. Other jobs may"
            " take all its threads: set max_cron_threads = 2 or more."
        ),
    ),
    # The queue
    "queue": (_lt("Nothing waits for long to be processed: %(count)s now."),),
    "backlog": (
        _lt("Opens and clicks wait to be processed: %(count)s, the first for %(age)s."),
        _NOT_PROCESSED,
        _lt(
            "See what is said of the job here. If it runs, it is behind: it catches up"
            " by itself after a large mailing."
        ),
    ),
    "none_set_aside": (_lt("No error keeps any open or click from being processed."),),
    "set_aside": (
        _lt("Opens and clicks set aside because of an error: %(count)s."),
        _lt("They are kept, but not counted."),
        _lt("Read the error in the queue, have its cause mended, and try them again."),
    ),
    # Places
    "geoip": (_lt("Odoo can tell the country of an address."),),
    "no_geoip": (
        _lt("Odoo cannot tell the country of an address."),
        _lt("Opens and clicks are shown without a place."),
        _lt(
            "Download the GeoLite2 databases, and set geoip_city_db and"
            " geoip_country_db to their paths in Odoo's configuration file."
        ),
    ),
}
