//! The sequence for previews.

use vibesync_protocol::{ClientMessage, Code};
use vibesync_scene::{Role, SessionId};

use super::Engine;
use crate::action::Input;
use crate::previews::relay::Relay;

impl Engine {
    /// Handles a preview, or returns any other input.
    ///
    /// The step ends here for a preview: it is no sign of life, wakes no waiting intent and sends no batch. So the records
    /// and all other messages are the same as without it.
    pub(super) fn handle_preview(&mut self, input: Input) -> Option<Input> {
        let (session, message) = match input {
            Input::Message { session, message } if is_preview(&message) => (session, message),
            other => return Some(other),
        };
        let role = self.sessions.role(session)?;
        if !self.sessions.previews(session) {
            let text = "only an editor that has accepted `previews` may send one";
            self.journal
                .send_error(session, Code::MessageUnknown, text, "type");
            return None;
        }
        self.relay(session, role, *message);
        None
    }

    fn relay(&mut self, session: SessionId, role: Role, message: ClientMessage) {
        let relay = self.relay_of(session);
        match message {
            ClientMessage::Preview { seq, changes } => relay.show(role, seq, changes),
            ClientMessage::PreviewEnd { uuids } => relay.end(&uuids),
            _ => {}
        }
    }

    /// Returns the parts that the previews of this editor concern.
    pub(super) fn relay_of(&mut self, sender: SessionId) -> Relay<'_> {
        Relay {
            sender,
            journal: &mut self.journal,
            previews: &mut self.previews,
            scene: &self.scene,
            sessions: &self.sessions,
            replicas: &self.delivery.replicas,
        }
    }
}

fn is_preview(message: &ClientMessage) -> bool {
    matches!(
        message,
        ClientMessage::Preview { .. } | ClientMessage::PreviewEnd { .. }
    )
}
