"""Answer requests for images and links before Odoo's router does: the fast lane.

`middleware`, the entry point, takes GET and HEAD requests to tracked URLs that need
neither a session nor a file. `databases` finds the database of a request, and
`connections` appends the hit in that database. All other requests go to `controllers`.
"""
