"""The fast lane: answers images and links before Odoo's router does.

`middleware`, the entry point, takes GET and HEAD requests to tracked URLs that need no
session and no file. `databases` finds the database of a token, and `connections`
appends the hit there. All other requests go on to `controllers`.
"""
