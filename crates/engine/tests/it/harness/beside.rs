//! The harness in place of the program: slow work, and previews.

use vibesync_engine::{Action, PreviewUpdate};
use vibesync_protocol::DaemonMessage;

use super::Harness;

impl Harness {
    /// Carries out an action that is neither a record nor a message.
    pub(super) fn run_beside(&mut self, action: Action) {
        match action {
            Action::ReadCommit { session, request } => self.read_commit(session, request),
            Action::ReadWork {
                session,
                request,
                selection,
            } => self.read_work(session, *request, selection),
            Action::CheckBlobs {
                session,
                restore,
                blobs,
            } => self.check_blobs(session, restore, blobs),
            Action::LookForBlobs { blobs } => self.look_for_blobs(blobs),
            Action::Preview { session, update } => {
                let message = match update {
                    PreviewUpdate::Show { from, changes } => {
                        DaemonMessage::Preview { from, changes }
                    }
                    PreviewUpdate::End { uuids } => DaemonMessage::PreviewEnd { uuids },
                };
                self.send(session, message);
            }
            other => panic!("not expected here: {other:?}"),
        }
    }
}
