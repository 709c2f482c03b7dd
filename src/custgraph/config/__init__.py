"""Every setting: `CUSTGRAPH_*`, `.env`, `custgraph.toml`, flags, in rising order. It alone reads the environment."""

from __future__ import annotations

from custgraph.config.listing import Listed, list_settings
from custgraph.config.load import LoadedSettings, SettingsError, load_settings
from custgraph.config.settings import Settings
from custgraph.config.workers import share_metrics

__all__ = ["Listed", "LoadedSettings", "Settings", "SettingsError", "list_settings", "load_settings", "share_metrics"]
