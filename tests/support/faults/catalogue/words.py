"""Texts that an upstream may say and nobody else may repeat."""

from __future__ import annotations

CANARY = "canary-5d41402abc"
"""Part of everything that the faults make the upstream say."""

TRACE = (
    f"ActiveRecord::StatementInvalid {CANARY} PG::UndefinedTable: relation customers_{CANARY} "
    f"/srv/shop/releases/{CANARY}/app/controllers/api/v1/customers_controller.rb:42:in `update'"
)
HTML = f"<html><head><title>{CANARY}</title></head><body><h1>nginx</h1><pre>{TRACE}</pre></body></html>".encode()
