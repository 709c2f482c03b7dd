"""Every setting: `CUSTGRAPH_*`, `.env`, `custgraph.toml`, flags, in rising order. It alone reads the environment."""

from __future__ import annotations

from custgraph.config.libraries import allocator_is_told, share_metrics
from custgraph.config.listing import Listed, list_settings
from custgraph.config.load import LoadedSettings, SettingsError, load_settings
from custgraph.config.settings import Settings

__all__ = [
    "Listed",
    "LoadedSettings",
    "Settings",
    "SettingsError",
    "allocator_is_told",
    "list_settings",
    "load_settings",
    "share_metrics",
]
