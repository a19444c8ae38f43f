"""Whether a folder's disk is mounted, by what fstab says."""

from __future__ import annotations

from pathlib import Path

import pytest

from player.system.mounts import is_away
from tests.support.small_disk import POSSIBLE, small_disk


@pytest.mark.parametrize(
    ("line", "away"),
    [
        ("LABEL=usb {0} ext4 nofail 0 2", True),
        ("\tnas:/music\t{0}/\tnfs", True),
        ("LABEL=usb {0}/disk ext4 nofail 0 2", True),
        ("LABEL=usb {0}/disk/backups/2026 ext4 nofail 0 2", False),
        ("LABEL=usb {0}/dis ext4 nofail 0 2", False),
        ("#LABEL=usb {0} ext4 nofail 0 2", False),
        ("# LABEL=usb {0} ext4 nofail 0 2", False),
        ("/srv/disk {0}/disk none defaults,bind 0 0", False),
        ("/dev/sda2 none swap sw 0 0", False),
        ("PARTUUID=4c1-02 / ext4 defaults,noatime 0 1", False),
        ("proc /proc proc defaults 0 0", False),
        ("LABEL=usb", False),
        ("\\777 \\777 \\000 \ufffd", False),
        ("LABEL=usb /\\000 ext4", False),
    ],
)
def test_a_disk_is_away_if_fstab_has_it_and_it_is_not_mounted(line: str, away: bool, tmp_path: Path) -> None:
    fstab = tmp_path / "fstab"
    fstab.write_text(f"# what is mounted\n\n{line.format(tmp_path)}\n")
    assert is_away(tmp_path / "disk" / "backups", fstab) is away
    assert not is_away(Path("/proc/self"), fstab)


def test_a_mount_point_may_be_reached_by_a_link_and_have_any_name(tmp_path: Path) -> None:
    point = tmp_path / "the bar\u2019s disk"
    point.mkdir()
    (tmp_path / "link").symlink_to(point)
    fstab = tmp_path / "fstab"
    fstab.write_text(f"LABEL=usb {str(point).replace(' ', chr(92) + '040')} ext4 defaults 0 2\n")
    assert is_away(tmp_path / "link" / "backups", fstab)


def test_without_an_fstab_nothing_is_away(tmp_path: Path) -> None:
    assert not is_away(tmp_path, tmp_path / "fstab")


@pytest.mark.skipif(not POSSIBLE, reason="only root may mount a small disk")
def test_a_disk_that_is_mounted_is_there(tmp_path: Path) -> None:
    fstab = tmp_path / "fstab"
    fstab.write_text(f"LABEL=usb {tmp_path / 'disk'} ext4 defaults 0 2\n")
    with small_disk(tmp_path / "disk", 1000) as disk:
        assert not is_away(disk / "backups", fstab)
    assert is_away(tmp_path / "disk" / "backups", fstab)
