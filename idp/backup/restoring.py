"""Puts a backup in the place of the present state, which is kept beside it.

All that can fail is done in a folder of its own; then one renaming decides, and from there on files are only moved. Whoever is
killed before it has changed nothing; whoever is killed after it has left a state that nobody works on, until the same command
has moved the rest (`idp.adapters.state_folder.assert_whole`).
"""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idp.adapters.secret_file import load_secret
from idp.adapters.sql import SqlStore, Writing
from idp.adapters.state_folder import RESTORED_NAME, alone, is_half_restored
from idp.backup.files import BESIDE, FILES, PRIVATE_FOLDER, named_after, sync
from idp.backup.manifest import Manifest
from idp.domain.audit import AuditEvent
from idp.domain.digests import KeyedDigests
from idp.errors import NotRestored
from idp.logs import request_id
from idp.outside import COMMAND, DATABASE_NAME, KEY_FILE_NAME
from idp.services.end_access import end_everybodys

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from idp.domain.audit import Broken, RecordId
    from idp.ports.outside import Clock
    from idp.settings import Settings

_UNFINISHED, _FORMER = "restore-unfinished", "former"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of what is being restored.

    Args:
        broken: for each chain of the audit trail that doesn't hold, its first wrong record.
        ends: the last record of each chain.
        letters: how many wait.
    """

    broken: Sequence[Broken]
    ends: Sequence[RecordId]
    letters: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done.

    Args:
        manifest: of the backup.
        former: where the former state is; None: there was none.
        seen: None when only the rest was to be done of a restore that was broken off.
    """

    manifest: Manifest
    former: Path | None
    seen: Seen | None


@dataclass(frozen=True, slots=True)
class Restore:
    """It.

    Args:
        settings: whose state it is.
        clock: the time.
        actor: who does it, for the audit.
        end_all: whether all access that was given before ends.
    """

    settings: Settings
    clock: Clock
    actor: str
    end_all: bool = False

    def run(self, backup: Path) -> Restored:
        """Put a backup in the place of the present state.

        Args:
            backup: its folder.

        Raises:
            NotRestored: it is not whole, or not of this service; the state is as it was. Or the files could not all be moved,
                which the sentence says, and as long as they are not, nobody works on the state.
            ConfigurationError: it was made by a newer version, or somebody works on the state; likewise.
            StoreUnavailable: its database can't be read; likewise.
        """
        self._assert_in_state()
        state, manifest = self.settings.service.state, Manifest.read(backup)
        self._assert_ours(backup, manifest)
        with alone(state):
            if is_half_restored(state):
                begun = Manifest.read(self._ready)
                former = self._exchanged()
                if begun == manifest and not self.end_all:
                    return Restored(manifest, former, None)
            seen = self._prepare(backup, manifest)
            return Restored(manifest, self._exchanged(), seen)

    def _assert_in_state(self) -> None:
        url = self.settings.store.url
        if url is not None and url != f"sqlite:///{self.settings.service.state.absolute() / DATABASE_NAME}":
            message = "store.url names a database outside of service.state, where no restore can put one; take it out for now"
            raise NotRestored(message)

    def _assert_ours(self, backup: Path, manifest: Manifest) -> None:
        origin = self.settings.service.origin
        if manifest.issuer != origin:
            message = f"{backup} is of {manifest.issuer}, and service.origin is {origin}"
            raise NotRestored(message)

    @property
    def _ready(self) -> Path:
        return self.settings.service.state / RESTORED_NAME

    # -- what can fail --

    def _prepare(self, backup: Path, manifest: Manifest) -> Seen:
        state = self.settings.service.state
        unfinished = state / _UNFINISHED
        try:
            if unfinished.exists():
                shutil.rmtree(unfinished)  # of whoever was killed
            unfinished.mkdir(PRIVATE_FOLDER)
            manifest.copy_files(backup, unfinished)
            seen = self._bring_up_to_date(unfinished, manifest)
            manifest.write(unfinished)
            sync(unfinished / DATABASE_NAME)
            sync(unfinished)
            unfinished.rename(self._ready)
            sync(state)
        except OSError as exc:
            shutil.rmtree(unfinished, ignore_errors=True)
            message = f"nothing was restored into {state}: {exc.strerror}"
            raise NotRestored(message) from exc
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        return seen

    def _bring_up_to_date(self, folder: Path, manifest: Manifest) -> Seen:
        digests = KeyedDigests(load_secret(folder / KEY_FILE_NAME))
        url, writing = f"sqlite:///{folder.absolute() / DATABASE_NAME}", Writing(COMMAND, request_id)
        with closing(SqlStore(url, digests, writing=writing)) as store:
            with store.reading() as work:
                broken = work.audit.verify()
            with store.transaction() as work:
                detail = {"made-at": manifest.made_at.isoformat(timespec="seconds"), "program": manifest.program}
                if self.end_all:
                    detail["grants"] = str(end_everybodys(work, self.clock.now()))
                work.audit.append(AuditEvent(self.clock.now(), "state.restored", self.actor, "", detail))
                seen = Seen(broken, work.audit.ends(), work.outbox.waiting()[0])
        return seen

    # -- what is only moved --

    def _exchanged(self) -> Path | None:
        try:
            return self._exchange()
        except OSError as exc:
            message = f"a restore into {self.settings.service.state} was broken off ({exc.strerror}); run it once more"
            raise NotRestored(message) from exc

    def _exchange(self) -> Path | None:
        """Move every file that is not yet moved; what is left of an earlier try is taken up."""
        state, ready = self.settings.service.state, self._ready
        former = ready / _FORMER
        former.mkdir(PRIVATE_FOLDER, exist_ok=True)
        for name in FILES:
            if (ready / name).exists():
                for beside in (*BESIDE, "") if name == DATABASE_NAME else ("",):
                    if (state / (name + beside)).exists():
                        (state / (name + beside)).rename(former / (name + beside))
                (ready / name).rename(state / name)
        for folder in (former, state):
            sync(folder)
        kept = self._keep(former)
        done = ready.rename(state / _UNFINISHED)
        sync(state)
        shutil.rmtree(done)
        return kept

    def _keep(self, former: Path) -> Path | None:
        if not any(former.iterdir()):
            return None
        return former.rename(named_after(self.clock.now(), self.settings.service.state, "before-"))
