//! Restores: the content of a commit returns as one ordinary transaction.

use std::collections::BTreeSet;

use vibesync_protocol::{Code, DaemonMessage, Intent, QueryResult, RestoreRequest};
use vibesync_scene::{BlobId, Change, Components, Invalid, ProjectId, Role, Scene, SessionId};

use crate::action::{Action, Restore};
use crate::intake::restore_plan::{count_created, count_deleted, plan, summarize};
use crate::intake::state::Intake;
use crate::journal::Journal;

impl Intake {
    /// Asks the program to read the commit. Only the command line and agents may restore, and only one restore is
    /// prepared at a time, because each holds a whole scene in memory.
    pub fn request_restore(
        &mut self,
        journal: &mut Journal,
        session: SessionId,
        role: Role,
        request: RestoreRequest,
    ) {
        let refused = match role {
            Role::Cli | Role::Agent => None,
            _ => Some("only the command line and agents restore"),
        };
        let refused = refused.map(|message| (Code::MessageUnknown, message));
        let is_busy = self.restoring.is_some();
        let busy = is_busy.then_some((Code::QueueFull, "another restore is being prepared"));
        if let Some((code, message)) = refused.or(busy) {
            let invalid = Invalid::new(code, "type", message);
            return journal.refuse_request(session, request.request_id, &invalid);
        }
        self.restoring = Some(request.request_id);
        journal.push(Action::ReadCommit { session, request });
    }

    /// Answers with the planned changes, and returns the intent to carry out, if any. Until all bulk data that the restore
    /// needs is checked, asks the program to check it instead.
    pub fn prepare_restore(
        &mut self,
        journal: &mut Journal,
        scene: &Scene,
        project_id: ProjectId,
        session: SessionId,
        restore: Box<Restore>,
    ) -> Option<Intent> {
        let intent = match plan(scene, project_id, journal.head_seq(), &restore) {
            Ok(intent) => intent,
            Err(invalid) => {
                self.refuse_restore(journal, session, &invalid);
                return None;
            }
        };
        let changes = intent.changes.iter().filter_map(Change::components);
        let needed: BTreeSet<BlobId> = changes.flat_map(Components::blobs).collect();
        let blobs: BTreeSet<BlobId> = needed.difference(&restore.checked).copied().collect();
        if !blobs.is_empty() {
            journal.push(Action::CheckBlobs {
                session,
                restore,
                blobs,
            });
            return None;
        }
        self.restoring = None;
        let has_effect = !intent.changes.is_empty() && !restore.request.dry_run;
        let result = QueryResult::Restore {
            commit: restore.commit,
            seq: restore.seq,
            changes: summarize(scene, &intent.changes),
            total: intent.changes.len() as u64,
            created: count_created(&intent.changes),
            deleted: count_deleted(&intent.changes),
            operation_id: has_effect.then_some(intent.operation_id),
        };
        let request_id = restore.request.request_id;
        journal.send(session, DaemonMessage::Result { request_id, result });
        has_effect.then_some(intent)
    }

    /// Tells the client why nothing was restored.
    pub fn refuse_restore(&mut self, journal: &mut Journal, session: SessionId, invalid: &Invalid) {
        let request_id = self.restoring.take().unwrap_or_default();
        journal.refuse_request(session, request_id, invalid);
    }
}
