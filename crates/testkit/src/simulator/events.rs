//! Effects of each event on the world.

use vibesync_engine::Input;
use vibesync_protocol::{ClientMessage, DaemonMessage, EditorState};
use vibesync_scene::{Change, OperationId, Role};

use super::blobs::blob_dir;
use super::daemon;
use super::plan::Event;
use super::sim_user::Said;
use super::violation::Check;
use super::world::World;
use crate::fakes::edit::{Edit, uuid_of};
use crate::fault_disk::Fault;

impl World {
    /// Applies an event, or ignores it where it does not fit.
    pub fn apply_event(&mut self, event: &Event) -> Check {
        if !happens_beside_groups(event) {
            self.finish()?;
        }
        match *event {
            Event::Edit(role, edit) => self.edit(role, edit),
            Event::Undo(role) => self.act(role, |person, id| person.undo(id)),
            Event::Redo(role) => self.act(role, |person, id| person.redo(id)),
            Event::Automate(edit, behind) => return self.automate(edit, behind.into()),
            Event::Agent(event) => return self.apply_agent_event(event),
            Event::Restore(behind) => return self.restore(behind.into()),
            Event::EditorHears(role, count) => self.editor_hears(role, count),
            Event::DaemonHears(role, count) => return self.daemon_hears(role, count),
            Event::Outside => return self.return_outside(),
            Event::Swap(role) => self.swap(role),
            Event::Repeat(role) => self.repeat(role),
            Event::Stale(role, by) => self.make_stale(role, by.into()),
            Event::Base(role, rule) => self.mistreat(role, |editor| editor.base_seq = rule),
            Event::DeleteMeanwhile(role, who) => {
                if let Some(end) = self.ends.get_mut(&role) {
                    end.deletes = Some(who);
                }
            }
            Event::Defer(role) => return self.defer(role),
            Event::Lie(role, who) => self.mistreat(role, |editor| {
                editor.lies_about.insert(uuid_of(who));
            }),
            Event::Fail(role, who) => self.mistreat(role, |editor| {
                editor.fails_on.insert(uuid_of(who));
            }),
            Event::Honest(role) => self.mistreat(role, make_honest),
            Event::Silence(role) => self.set_silent(role, true),
            Event::Wake(role) => self.set_silent(role, false),
            Event::Disconnect(role) => return self.disconnect(role),
            Event::Leave(role) => return self.leave(role),
            Event::Connect(role) => return self.connect(role),
            Event::Save(role) => {
                if let Some(end) = self.ends.get_mut(&role) {
                    end.person.save();
                }
            }
            Event::Reopen(role) => return self.reopen(role),
            Event::Kill => self.kill(),
            Event::Power => self.lose_power(),
            Event::Shutdown => return self.shutdown(),
            Event::Start { power } => return self.start_again(power),
            Event::Break(after, fault) => self.break_disk(after, fault),
            Event::Flip(file, at, bit) => self.flip(file, at, bit),
            Event::LoseBlob(content) => self.lose_blob(content),
            Event::DamageBlob(content, bit) => self.damage_blob(content, bit),
            Event::Checkpoint => self.checkpoint(),
            Event::Tidy { drop } => self.tidy(drop),
            Event::Project(which) => self.project(which),
            Event::CopyLog => self.copy_log(),
            Event::LoseLog(how) => self.lose_log(how),
            Event::LoseWitnesses(which) => self.lose_witnesses(which),
            Event::Time(ms) => return self.pass(ms.into()),
        }
        Ok(())
    }

    fn edit(&mut self, role: Role, edit: Edit) {
        let is_of_collections = matches!(
            edit,
            Edit::Collection(..)
                | Edit::Group(..)
                | Edit::Ungroup(_)
                | Edit::Instance(..)
                | Edit::Render(..)
        );
        let is_of_blender = matches!(edit, Edit::Lock(..) | Edit::Camera(_)) || is_of_collections;
        if role != Role::Blender && is_of_blender {
            return;
        }
        let Some(end) = self.ends.get_mut(&role) else {
            return;
        };
        end.person.editor.put_back_all();
        let changes = edit.changes(&end.person.editor.entities);
        if !changes.is_empty() && self.are_new(&changes) {
            self.act(role, |person, id| Some(person.edit(id, changes)));
        }
    }

    /// Lets a user delete an object after a batch was applied and before it is read back.
    pub fn delete_meanwhile(&mut self, role: Role, who: u8, answers: &mut Vec<ClientMessage>) {
        let id = OperationId(self.id());
        let Some(end) = self.ends.get_mut(&role) else {
            return;
        };
        end.person.editor.put_back_all();
        let changes = Edit::Delete(who).changes(&end.person.editor.entities);
        if changes.is_empty() {
            return;
        }
        end.deletes = None;
        let said = end.person.edit(id, changes);
        end.person.editor.read_back_again(answers);
        answers.extend(said);
        self.counts.one("objects deleted before a read-back");
        self.conflicts.edited(&end.person.editor, id);
    }

    /// Returns true if no entity ever had one of the created uuids. Real uuids are drawn from so many that none
    /// repeats.
    pub fn are_new(&mut self, changes: &[Change]) -> bool {
        let mut created = changes.iter().filter_map(|change| match change {
            Change::Create { uuid, .. } => Some(*uuid),
            _ => None,
        });
        created.all(|uuid| self.uuids.insert(uuid))
    }

    /// Lets a user act; the resulting message goes on the wire.
    fn act(
        &mut self,
        role: Role,
        act: impl FnOnce(&mut super::sim_user::SimUser, OperationId) -> Option<Said>,
    ) {
        let id = OperationId(self.id());
        if let Some(end) = self.ends.get_mut(&role)
            && let Some(said) = act(&mut end.person, id)
        {
            self.counts.one("edits");
            self.conflicts.edited(&end.person.editor, id);
            end.to_daemon.extend(said.filter(|_| end.session.is_some()));
        }
    }

    fn swap(&mut self, role: Role) {
        let uuids = |message: Option<&ClientMessage>| match message {
            Some(ClientMessage::Intent(intent)) => {
                Some(intent.changes.iter().map(Change::uuid).collect::<Vec<_>>())
            }
            _ => None,
        };
        let Some(end) = self.ends.get_mut(&role) else {
            return;
        };
        let pair = (uuids(end.to_daemon.front()), uuids(end.to_daemon.get(1)));
        if let (Some(first), Some(second)) = pair
            && first.iter().all(|uuid| !second.contains(uuid))
        {
            end.to_daemon.swap(0, 1);
            self.counts.one("messages reordered");
        }
    }

    /// Sends a message again. An intent that is answered, or older than another, is not repeated: editors keep their
    /// order.
    fn repeat(&mut self, role: Role) {
        let Some(end) = self.ends.get_mut(&role) else {
            return;
        };
        let newest = end.person.editor.outbox.last();
        let newest = newest.map(|intent| intent.operation_id);
        let again = end.said.clone().filter(|said| match said {
            ClientMessage::Intent(intent) => Some(intent.operation_id) == newest,
            _ => true,
        });
        if let Some(said) = again {
            end.to_daemon.push_back(said);
            self.counts.one("messages repeated");
        }
    }

    fn make_stale(&mut self, role: Role, by: i64) {
        let Some(end) = self.ends.get_mut(&role) else {
            return;
        };
        let Some(intent) = end.person.editor.outbox.last_mut() else {
            return;
        };
        let (id, base) = (
            intent.operation_id,
            intent.base_seq.saturating_add_signed(by),
        );
        intent.base_seq = base;
        for message in &mut end.to_daemon {
            match message {
                ClientMessage::Intent(intent) if intent.operation_id == id => {
                    intent.base_seq = base;
                }
                _ => {}
            }
        }
        self.forget_resent(id);
        self.counts.one("sequences made stale");
    }

    fn defer(&mut self, role: Role) -> Check {
        let Some(end) = self.ends.get(&role) else {
            return Ok(());
        };
        let batch = end.to_editor.iter().find_map(|message| match message {
            DaemonMessage::Apply { batch_id, .. } => Some(*batch_id),
            _ => None,
        });
        let (Some(session), Some(batch_id)) = (end.session, batch) else {
            return Ok(());
        };
        self.counts.one("batches put off");
        let state = EditorState::Modal;
        let message = Box::new(ClientMessage::Deferred { batch_id, state });
        self.decide(Input::Message { session, message })?;
        self.finish()
    }

    fn mistreat(&mut self, role: Role, how: impl FnOnce(&mut crate::FakeEditor)) {
        if let Some(end) = self.ends.get_mut(&role) {
            how(&mut end.person.editor);
        }
    }

    fn set_silent(&mut self, role: Role, silent: bool) {
        if let Some(end) = self.ends.get_mut(&role) {
            end.silent = silent;
        }
    }

    fn leave(&mut self, role: Role) -> Check {
        let end = self.ends.get_mut(&role);
        let Some((session, end)) = end.and_then(|end| Some((end.session?, end))) else {
            return Ok(());
        };
        end.cut();
        let reason = "the user leaves".to_owned();
        let message = Box::new(ClientMessage::Goodbye { reason });
        self.decide(Input::Message { session, message })?;
        self.finish()
    }

    fn reopen(&mut self, role: Role) -> Check {
        self.disconnect(role)?;
        let instance = self.id();
        if let Some(end) = self.ends.get_mut(&role) {
            end.person.reopen(instance);
            self.crash_tools(role);
            self.counts.one("editors crashed");
        }
        Ok(())
    }

    fn kill(&mut self) {
        if self.daemon.is_some() {
            self.counts.one("daemons killed");
            self.die();
        }
    }

    fn lose_power(&mut self) {
        self.counts.one("losses of power");
        self.die();
        self.disk.reboot();
    }

    fn shutdown(&mut self) -> Check {
        self.decide(Input::Shutdown)?;
        self.finish()?;
        self.die();
        Ok(())
    }

    fn start_again(&mut self, power: bool) -> Check {
        if self.daemon.is_none() && self.disk.is_dead() {
            if power {
                self.lose_power();
            } else {
                self.disk.revive();
            }
        }
        self.start()
    }

    fn break_disk(&mut self, after: u8, fault: Fault) {
        self.counts.one(match fault {
            Fault::Crash => "disk faults: stops in the middle",
            Fault::Full => "disk faults: full",
            Fault::Io => "disk faults: input/output error",
        });
        let at = self.disk.operations() + u64::from(after);
        self.disk.fail(at, fault);
    }

    fn flip(&mut self, file: u8, at: u16, bit: u8) {
        let files = self.disk.files();
        let Some(path) = files.get(usize::from(file) % files.len().max(1)) else {
            return;
        };
        let bytes = self.disk.bytes(path).unwrap_or_default();
        let at = bytes.len() * usize::from(at) / 65_536;
        if self.disk.flip(path, at, bit) {
            self.trace
                .say(|| format!("    a bit of {}", path.display()));
            self.counts.one("bits flipped");
            self.unsound |= !path.starts_with(blob_dir());
            let end = end_of_log(&bytes, self.ledger_on_disk().durable());
            self.end_flipped |= daemon::is_segment(path) && end.is_some_and(|end| at >= end);
        }
    }

    fn checkpoint(&mut self) {
        let Some(daemon) = &self.daemon else {
            return;
        };
        let tip = daemon.tip();
        let written = daemon::checkpoint(&self.disk, self.ledger.state(), tip);
        self.beside(written.is_ok(), "checkpoints");
    }

    fn tidy(&mut self, drop: bool) {
        if self.daemon.is_none() {
            return;
        }
        let tidied = daemon::tidy(&self.disk, self.ledger.durable(), drop, self.now);
        self.beside(matches!(tidied, Ok(true)), "segments tidied");
    }

    /// Counts a success of the projections; a disk that stops ends the daemon too.
    fn beside(&mut self, done: bool, what: &'static str) {
        if done {
            self.counts.one(what);
        }
        if self.disk.is_dead() {
            self.die();
        }
    }
}

/// Whether the event may happen while groups are in flight. Others look at the end of the log, or expect an answer at once.
fn happens_beside_groups(event: &Event) -> bool {
    matches!(
        event,
        Event::Edit(..)
            | Event::Undo(_)
            | Event::Redo(_)
            | Event::EditorHears(..)
            | Event::DaemonHears(..)
            | Event::Swap(_)
            | Event::Repeat(_)
            | Event::Defer(_)
            | Event::Outside
            | Event::Disconnect(_)
            | Event::Leave(_)
            | Event::Kill
            | Event::Power
            | Event::Break(..)
            | Event::Time(_)
    )
}

/// Returns the offset of a record's line, including the line end before: damage to either damages the record.
fn end_of_log(segment: &[u8], seq: u64) -> Option<usize> {
    let key = format!("{{\"seq\":{seq},");
    let starts = |at: &usize| {
        segment
            .get(*at..)
            .unwrap_or_default()
            .starts_with(key.as_bytes())
    };
    let lines = segment
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n');
    let mut ends = lines.map(|(at, _)| at);
    let first = Some(0).filter(starts);
    first.or_else(|| ends.find(|at| starts(&(at + 1))))
}

/// Lets the editor apply changes and report its state correctly again.
pub fn make_honest(editor: &mut crate::FakeEditor) {
    editor.lies_about.clear();
    editor.fails_on.clear();
}
