"""Every setting: `CUSTGRAPH_*`, `.env`, `custgraph.toml`, flags, in rising order. It alone reads the environment."""

from __future__ import annotations

from custgraph.config.load import LoadedSettings, SettingsError, load_settings
from custgraph.config.settings import Settings

__all__ = ["LoadedSettings", "Settings", "SettingsError", "load_settings"]
