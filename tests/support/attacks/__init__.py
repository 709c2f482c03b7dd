"""Requests that abuse a gateway, as bytes on the wire, each with what must become of it.

`requests` has those below GraphQL, `documents` those in it, `floods` what takes time: many sockets, many documents.
"""
