"""Offer pure functions, which use no Odoo record and no request.

For sending: select the links to track (`rewrite`, `link_exemptions`, `quoted_emails`),
rewrite a copy (`rewrite`), and sign and verify tokens (`tracking_token`). For
receiving: read a request (`request_info`), classify its actor (`classify`, with
`bursts`, `crawlers`, `mail_clients`, `networks`), and find tracked URLs in texts
(`returned_urls`). Modules with ``sql`` in their names hold SQL that several files
share.
"""
