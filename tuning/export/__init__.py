"""Handing over a trained model, and forecasting with it."""

from __future__ import annotations

from .export import ABOUT, FORMATS, describe, export

__all__ = ["ABOUT", "FORMATS", "describe", "export"]
