"""The hub's pages in a real browser: rooms, one room, settings, changes and its log, plays, people."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from player.interfaces.front.fleet.messages import Play, Plays, RoomReport, encode
from player.interfaces.front.fleet.topics import FleetTopics
from player.interfaces.front.web.security import passwords
from player.interfaces.front.web.security.secrets_file import NAME, SecretsFile
from tests.integration.test_fleet import ROOT, asked
from tests.integration.test_front import free_port
from tests.support.browser import DESK, PHONE, TABLET, clean, cut, opened, screenshot, widest_px
from tests.support.fleet import play
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(300)
