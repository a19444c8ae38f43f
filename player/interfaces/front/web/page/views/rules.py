"""The view Rules."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
