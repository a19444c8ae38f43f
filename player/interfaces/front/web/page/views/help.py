"""The view Help."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
