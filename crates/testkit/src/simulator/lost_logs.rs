//! Logs, registries and histories that a person loses, restores from older copies, or exchanges between two starts.
//!
//! A start must refuse every log that lacks what a witness knows, and no other. If no witness is left, the editors must
//! notice, and bring back what they hold.

use std::path::PathBuf;
use std::rc::Rc;

use vibesync_protocol::{AckStatus, DaemonMessage};
use vibesync_scene::{
    Change, Code, ComponentSet, Entity, Epoch, OperationId, Role, Row, differing_components,
};
use vibesync_store::checkpoint;
use vibesync_store::disk::Disk;
use vibesync_store::wal::{Divergence, Tip, newest_truncation};

use super::daemon::{checkpoint_dir, is_segment, wal_dir};
use super::ledger::Ledger;
use super::violation::{Check, must};
use super::witnesses::{COPIES, Files, LogCopy, SimWitnesses};
use super::world::World;
use crate::fakes::edit::{CAMERA, data_of};

impl World {
    /// Lets the projector write what is durable into the registry, the history, or both.
    pub fn project(&mut self, which: u8) {
        let Some(daemon) = &self.daemon else {
            return;
        };
        let (tip, witnesses) = (daemon.tip(), &mut self.lost.witnesses);
        // The history is written first.
        witnesses.history = Some(tip);
        if which.is_multiple_of(2) {
            witnesses.registry = Some(tip);
        }
    }

    /// Lets a person copy the log of a running daemon.
    pub fn copy_log(&mut self) {
        if self.daemon.is_some() && !self.unsound && !self.disk.is_dead() {
            let copy = self.log_copy();
            self.lost.copies.push(copy);
            if self.lost.copies.len() > COPIES {
                self.lost.copies.remove(0);
            }
        }
    }

    fn log_copy(&self) -> LogCopy {
        let files = self.disk.files().into_iter();
        let files = files.filter(|path| path.starts_with(wal_dir()));
        LogCopy {
            files: files
                .filter_map(|path| Some((path.clone(), self.disk.bytes(&path)?)))
                .collect(),
            ledger: self.ledger.clone(),
            witnesses: self.lost.witnesses.clone(),
        }
    }

    /// Ends the daemon and replaces its log: by nothing, by all but its last records, or by an older copy.
    pub fn lose_log(&mut self, how: u8) {
        if self.unsound || self.disk.is_dead() || self.lost.exchanged.is_some() {
            return;
        }
        self.die();
        let truth = self.log_copy();
        let older = match how % 8 {
            0 => Some((Vec::new(), Ledger::default())),
            lines @ 1..=3 => self.without_last(&truth, lines.into()),
            _ => {
                let at = usize::from(how / 8) % self.lost.copies.len().max(1);
                let copy = self.lost.copies.get(at).cloned();
                copy.map(|copy| (copy.files, copy.ledger))
            }
        };
        if let Some((files, ledger)) = older {
            self.counts.one("logs replaced");
            self.put_log(&files);
            self.lost.exchanged = Some((ledger, truth));
        }
    }

    /// Returns the log without its last whole lines.
    fn without_last(&self, log: &LogCopy, lines: usize) -> Option<(Files, Ledger)> {
        let mut files = log.files.clone();
        let mut segments = files.iter_mut().filter(|(path, _)| is_segment(path));
        let (_, last) = segments.next_back()?;
        let mut whole: Vec<&[u8]> = last.split_inclusive(|byte| *byte == b'\n').collect();
        whole.pop_if(|line| !line.ends_with(b"\n"));
        let kept = whole.len().saturating_sub(lines).max(1);
        let kept = whole.get(..kept)?;
        let digits = kept.last()?.strip_prefix(b"{\"seq\":")?;
        let digits = digits.split(|byte| *byte == b',').next()?;
        let seq = std::str::from_utf8(digits).ok()?.parse().ok()?;
        *last = kept.concat();
        // Later lines may be the remains of an interrupted append. A log that ends before its own base is damaged.
        let disk: &dyn Disk = &self.disk;
        let truncation = newest_truncation(disk, &wal_dir()).ok().flatten();
        let base = truncation.map_or(0, |truncation| truncation.base);
        let is_sound = seq <= self.ledger.durable() && seq >= base;
        let ledger = self.ledger.cut(seq).filter(|_| is_sound)?;
        Some((files, ledger))
    }

    fn put_log(&self, files: &[(PathBuf, Vec<u8>)]) {
        self.disk.erase_in(&wal_dir());
        for (path, bytes) in files {
            self.disk.put(path, bytes);
        }
    }

    /// Ends the daemon, and loses some witnesses or replaces them by older ones.
    pub fn lose_witnesses(&mut self, which: u8) {
        if self.disk.is_dead() {
            return;
        }
        self.die();
        self.counts.one("witnesses lost or exchanged");
        let older = self.lost.copies.get(usize::from(which / 16));
        let older = older.map(|copy| copy.witnesses.clone()).unwrap_or_default();
        let witnesses = &mut self.lost.witnesses;
        if which & 1 > 0 {
            witnesses.registry = older.registry;
        }
        if which & 2 > 0 {
            witnesses.history = older.history;
        }
        if which & 4 > 0 {
            witnesses.epoch = older.epoch;
        }
        if which & 8 > 0 {
            self.erase_checkpoints();
        }
    }

    fn erase_checkpoints(&self) {
        self.disk.erase_in(&checkpoint_dir());
    }

    /// Checks that a refusal has a reason. The person then puts the right log back, or goes on with this one and gives up
    /// all witnesses.
    pub fn refused_as_diverged(&mut self, error: &Divergence) -> Check {
        self.trace.say(|| format!("    does not start: {error}"));
        self.counts.one("starts refused because of a witness");
        if self.end_flipped {
            self.over = true;
            return Ok(());
        }
        let ledger = self.ledger_on_disk();
        let lacks = |tip: &Tip| ledger.hash_of(tip.seq) != Some(tip.hash);
        let epoch = self.lost.witnesses.epoch;
        let lacks_epoch = epoch.is_some_and(|id| !ledger.state().epochs.contains(id));
        let has_reason = lacks_epoch || self.witness_tips().any(|tip| lacks(&tip));
        must(
            self.unsound || has_reason,
            "only a log that lacks what a witness knows is refused",
            || error.to_string(),
        )?;
        match self.lost.exchanged.take() {
            Some((_, truth)) if self.now.is_multiple_of(2) => self.put_log(&truth.files),
            exchanged => {
                self.lost.exchanged = exchanged;
                self.lost.witnesses = SimWitnesses::default();
                self.erase_checkpoints();
            }
        }
        self.start()
    }

    /// Returns the records that the log on the disk should have.
    pub fn ledger_on_disk(&self) -> &Ledger {
        let exchanged = self.lost.exchanged.as_ref();
        exchanged.map_or(&self.ledger, |(ledger, _)| ledger)
    }

    /// Lists the records that registry, history and checkpoints name.
    fn witness_tips(&self) -> impl Iterator<Item = Tip> {
        let headers = checkpoint::headers(&self.disk, &checkpoint_dir());
        let headers = headers.into_iter().flatten();
        let checkpoints = headers.filter_map(|(_, header)| Some(header.ok()?.0));
        let SimWitnesses {
            registry, history, ..
        } = self.lost.witnesses;
        checkpoints.chain(registry).chain(history)
    }

    /// Takes over the records of a log that was accepted by a start. Checks that no witness knows better.
    pub fn accept_log(&mut self) -> Check {
        if let Some((ledger, _)) = self.lost.exchanged.take() {
            let before = Rc::new(self.ledger.ids().to_vec());
            for end in self.ends.values_mut() {
                end.person.note_exchange(&before);
            }
            self.ledger = ledger;
        }
        if self.unsound {
            return Ok(());
        }
        let disk: &dyn Disk = &self.disk;
        let dropped = newest_truncation(disk, &wal_dir()).ok().flatten();
        let dropped = dropped.map_or(0, |truncation| truncation.seq);
        let epoch = self.lost.witnesses.epoch;
        let ledger = &self.ledger;
        let lacks = |tip: &Tip| tip.seq > dropped && ledger.hash_of(tip.seq) != Some(tip.hash);
        let lacking = self.witness_tips().find(lacks);
        let knows_epoch = epoch.is_none_or(|id| ledger.state().epochs.contains(id));
        must(
            lacking.is_none() && knows_epoch,
            "a log that lacks what a witness knows is refused",
            || format!("it starts, but {lacking:?} or {epoch:?} is not in it"),
        )
    }

    /// Welcomes an editor, and checks what it is told about its history.
    pub fn welcome(
        &mut self,
        role: Role,
        epochs: Vec<Epoch>,
        diverged_after: Option<u64>,
    ) -> Check {
        let Some(end) = self.ends.get_mut(&role) else {
            return Ok(());
        };
        let last_seq = end.person.editor.head_seq;
        let history = end.person.take_history();
        let theirs = history.as_deref().map_or(&[][..], Vec::as_slice);
        let pairs = theirs.iter().zip(self.ledger.ids());
        let shared = pairs.take_while(|(a, b)| a == b).count() as u64;
        // One of the logs has undone a transaction that the other one has whole.
        let shared = self.ledger.state_at(shared).first_seq_of_epoch(shared + 1) - 1;
        let told = match history {
            Some(_) if last_seq > shared => diverged_after == Some(shared),
            Some(_) => diverged_after.is_none_or(|end| end == last_seq),
            None => diverged_after.is_none(),
        };
        must(
            told,
            "an editor that knows more than the log is told so, and no other",
            || {
                let role = role.as_str();
                format!("{role} saw {last_seq}, shares {shared}, is told {diverged_after:?}")
            },
        )?;
        end.person.editor.welcome(epochs, diverged_after);
        if diverged_after.is_some() {
            self.counts.one("editors with another history");
        }
        // None once nothing is left to send.
        let unsettled = end.person.editor.diverged_after;
        if let Some(common_end) = unsettled.filter(|_| diverged_after.is_some()) {
            for intent in &end.person.editor.outbox {
                if let ("Send again", [sent @ Change::Create { uuid, kind, .. }]) =
                    (intent.label.as_str(), intent.changes.as_slice())
                {
                    // An editor that connects again repeats what it has sent, whatever its user has edited since.
                    let entity = Entity {
                        uuid: *uuid,
                        kind: *kind,
                        components: sent.components().cloned().unwrap_or_default(),
                    };
                    let resent = (entity, common_end);
                    self.lost.resent.insert(intent.operation_id, resent);
                }
            }
        }
        Ok(())
    }

    /// Forgets an intent that the run has changed on its way.
    pub fn forget_resent(&mut self, id: OperationId) {
        self.lost.resent.remove(&id);
    }

    /// Checks the answer to an entity that was sent again. The entity is in the scene, or newer work stands in its place,
    /// or the editor is told that it was refused.
    pub fn check_resent(&mut self, message: &DaemonMessage) -> Check {
        let DaemonMessage::Ack {
            operation_id,
            status,
            error,
            ..
        } = message
        else {
            return Ok(());
        };
        let Some((entity, common_end)) = self.lost.resent.remove(operation_id) else {
            return Ok(());
        };
        let stands = match status {
            AckStatus::Refused => {
                let code = error.as_ref().map(|error| error.code);
                self.counts.one(match code {
                    Some(Code::Conflict) => "entities sent again: set aside",
                    _ => "entities sent again: refused",
                });
                code.is_some()
            }
            _ => {
                self.counts.one("entities sent again");
                let row = self.ledger.state().scene.row(entity.uuid);
                row.is_some_and(|row| holds(row, &entity, common_end))
            }
        };
        must(
            stands,
            "what only an editor holds comes back, or newer work stands",
            || {
                let row = self.ledger.state().scene.row(entity.uuid);
                format!("{entity:?} after {common_end} became {row:?}, answered {status:?}")
            },
        )
    }
}

/// Returns true if a row has this content, but for changes after the common end.
fn holds(row: &Row, entity: &Entity, common_end: u64) -> bool {
    let newer = row
        .changed
        .after(common_end)
        .fold(ComponentSet::default(), |all, it| all.or(it.components));
    if row.tombstone {
        return !newer.is_empty();
    }
    let mut differing = differing_components(&entity.components, &row.entity.components);
    let shown = |entity: &Entity| entity.components.data.and_then(|data| data.uuid);
    if shown(entity).is_none() && shown(&row.entity) == Some(data_of(CAMERA)) {
        // Unity does not know cameras: its "none" removes nothing.
        differing = differing.without(["data"].into_iter().collect());
    }
    // A move under the old parent gives way to a new parent.
    let newer = match newer.contains("parent") {
        true => newer.or(["transform"].into_iter().collect()),
        false => newer,
    };
    differing.without(newer).is_empty()
}
