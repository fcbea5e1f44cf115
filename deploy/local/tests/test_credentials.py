"""The secrets of an embedded deployment."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.credentials import FILE, Credentials
from deploy.local.fault import Fault
from shared.privacy import MasterKey
from shared.transparency.note import SigningKey


def test_secrets_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    first = Credentials.of(tmp_path)
    assert Credentials.of(tmp_path) == first
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    MasterKey(first.master_key)  # is one
    assert SigningKey.parse(first.checkpoint_key).name.startswith("chibo-")


def test_two_deployments_share_no_secret(tmp_path: Path) -> None:
    one, other = (tmp_path / "one", tmp_path / "other")
    one.mkdir()
    other.mkdir()
    assert set(Credentials.of(one).roles.values()).isdisjoint(Credentials.of(other).roles.values())
    assert Credentials.of(one).master_key != Credentials.of(other).master_key


def test_a_deployment_from_before_there_were_checkpoints_is_given_a_key_for_them(tmp_path: Path) -> None:
    made = Credentials.of(tmp_path)
    file = tmp_path / FILE
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not line.startswith("checkpoint_key")))
    now = Credentials.of(tmp_path)
    assert now.checkpoint_key != made.checkpoint_key
    assert replace(now, checkpoint_key=made.checkpoint_key) == made
    assert Credentials.of(tmp_path) == now
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_secrets_others_can_read_are_refused(tmp_path: Path) -> None:
    Credentials.of(tmp_path)
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(Fault, match=r"chmod 600"):
        Credentials.of(tmp_path)


def test_broken_secrets_are_never_replaced_by_new_ones(tmp_path: Path) -> None:
    (tmp_path / FILE).touch(mode=0o600)
    with pytest.raises(Fault, match="restore it from a backup"):
        Credentials.of(tmp_path)
    assert (tmp_path / FILE).read_text() == ""
