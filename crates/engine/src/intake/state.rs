//! The state of the intake: intents that wait, and the objects that people are editing.

use vibesync_protocol::{Code, DaemonMessage, EditorState, Intent, MAX_OBJECTS, Severity};
use vibesync_scene::{Change, Role, SessionId, Uuid};

use crate::calls::intent::judged_role;
use crate::intake::edit_activity::{ActiveEdits, InUse};
use crate::intake::names::MAX_NOTICE_UUIDS;
use crate::intake::pending_intents::{PendingIntents, Standing, WaitReason};
use crate::journal::Journal;
use crate::session::sessions::Sessions;

#[derive(Debug)]
pub(crate) struct Intake {
    pub pending: PendingIntents,
    pub edits: ActiveEdits,
    /// The request of the restore that the program is preparing.
    pub restoring: Option<Uuid>,
}

impl Intake {
    pub fn new(idle_ms: u64) -> Self {
        Self {
            pending: PendingIntents::default(),
            edits: ActiveEdits::new(idle_ms),
            restoring: None,
        }
    }

    /// Returns the time at which an intent can be decided without any other event.
    pub fn deadline(&self) -> Option<u64> {
        let deadlines = [self.pending.deadline(), self.edits.deadline()];
        deadlines.into_iter().flatten().min()
    }

    pub fn remove_session(&mut self, id: SessionId) {
        self.pending.remove_session(id);
        self.edits.remove_session(id);
    }

    /// Sets the objects that an editor's user edits. Without a list, or with one that is too long, any object counts.
    pub fn set_active_edits(
        &mut self,
        journal: &mut Journal,
        session: SessionId,
        state: EditorState,
        objects: Option<Vec<Uuid>>,
    ) {
        let is_too_long = |objects: &Vec<Uuid>| objects.len() > MAX_OBJECTS;
        if objects.as_ref().is_some_and(is_too_long) {
            let message = format!("more than {MAX_OBJECTS} objects");
            journal.send_error(session, Code::MessageMalformed, &message, "objects");
        }
        let objects = objects.filter(|objects| !is_too_long(objects));
        let in_use = InUse::reported(state, objects);
        self.edits.set_active(session, in_use, journal.now());
    }

    /// Lets an intent wait. Returns the intent if too many wait already.
    pub fn defer(
        &mut self,
        journal: &mut Journal,
        sessions: &Sessions,
        session: SessionId,
        intent: Intent,
        standing: Standing,
        reason: WaitReason,
    ) -> Result<(), Intent> {
        let is_by_person = sessions.role(session);
        let is_by_person = is_by_person.is_some_and(|role| judged_role(role, &intent).is_person());
        if !self.pending.has_room(&intent, is_by_person) {
            return Err(intent);
        }
        notify_paused(journal, sessions, session, &intent, reason);
        let now = journal.now();
        self.pending
            .push(session, intent, standing, is_by_person, reason, now);
        Ok(())
    }
}

/// Tells automation that its intent waits for a person.
pub(crate) fn notify_paused(
    journal: &mut Journal,
    sessions: &Sessions,
    session: SessionId,
    intent: &Intent,
    reason: WaitReason,
) {
    let WaitReason::EditEnded {
        session: editing, ..
    } = reason
    else {
        return;
    };
    let editor = sessions.role(editing).map_or("an editor", Role::as_str);
    let code = Code::PersonEditing;
    let uuids = intent.changes.iter().map(Change::uuid);
    let notice = DaemonMessage::Notice {
        severity: Severity::Info,
        code,
        message: format!(
            "a person is working on this in {editor}: operation {} waits until the edit has ended",
            intent.operation_id
        ),
        help: code.help().to_owned(),
        uuids: uuids.take(MAX_NOTICE_UUIDS).collect(),
    };
    journal.send(session, notice);
}
