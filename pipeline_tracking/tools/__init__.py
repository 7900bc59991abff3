"""Pure functions: no Odoo record, no request.

For sending: which links are tracked (`rewrite`, `link_exemptions`, `quoted_emails`),
what a copy looks like (`rewrite`), and what a token says (`tracking_token`). For
receiving: what a request tells (`request_info`), who made it (`classify`, with
`bursts`, `crawlers`, `mail_clients`, `networks`), and which texts hold tracked URLs
(`returned_urls`). Modules with ``sql`` in their names hold SQL that several files
share.
"""
