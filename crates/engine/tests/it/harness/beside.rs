//! The harness in place of the program: slow work, and previews.

use vibesync_engine::{Action, PreviewUpdate};
use vibesync_protocol::DaemonMessage;
use vibesync_scene::Role;

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
                match self.wire_of(session) {
                    Some(wire) => wire.previews.push(message),
                    None => self.received.push(message),
                }
            }
            other => panic!("not expected here: {other:?}"),
        }
    }

    /// Takes one of the previews on their way to an editor; none if there is none.
    pub fn take_preview(&mut self, role: Role, at: usize) -> Option<DaemonMessage> {
        let previews = &mut self.wires.get_mut(&role)?.previews;
        (!previews.is_empty()).then(|| previews.remove(at % previews.len()))
    }

    /// Delivers one of the previews on their way to an editor.
    pub fn deliver_preview(&mut self, role: Role, at: usize) {
        if let Some(message) = self.take_preview(role, at) {
            let answers = self.wires.get_mut(&role).unwrap().editor.hear(message);
            assert!(answers.is_empty(), "a preview has no answer");
        }
    }
}
