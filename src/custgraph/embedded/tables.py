"""The tables. Addresses and tags are kept as the JSON that the API shows: nothing searches them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, Table, Text

metadata = MetaData()

enterprises = Table(
    "enterprises",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
)

customers = Table(
    "customers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("enterprise_id", Integer, ForeignKey(enterprises.c.id), nullable=False),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("code", Text),
    Column("email", Text, nullable=False),
    Column("allow_charges", Boolean, nullable=False, default=False),
    Column("tags", Text, nullable=False, default="[]"),
    Column("terms_and_conditions_accepted_at", Text),
    Column("billing_address", Text, nullable=False, default="null"),
    Column("shipping_address", Text, nullable=False, default="null"),
    Column("balance_cents", Integer, nullable=False, default=0),
    Column("subscriptions", Integer, nullable=False, default=0),
    # The list shows customers made by hand or with a completed order; the others only show has.
    Column("visible", Boolean, nullable=False, default=True),
    Index("customers_by_email", "enterprise_id", "email", unique=True),
    Index("customers_by_code", "enterprise_id", "code", unique=True),
    # An id is never given twice, so that an old id cannot come to mean somebody else.
    sqlite_autoincrement=True,
)
