//! A user at an editor, with the connection to the daemon.

use std::collections::VecDeque;

use vibesync_protocol::{ClientMessage, DaemonMessage};
use vibesync_scene::{Role, SessionId};

use super::sim_user::SimUser;

/// One end of a connection, with the messages on their way.
pub struct End {
    /// The user at the editor.
    pub person: SimUser,
    /// The connection, if there is one.
    pub session: Option<SessionId>,
    /// Messages on their way to the daemon.
    pub to_daemon: VecDeque<ClientMessage>,
    /// Messages on their way to the editor.
    pub to_editor: VecDeque<DaemonMessage>,
    /// Previews on their way to the editor. They keep no order.
    pub previews: Vec<DaemonMessage>,
    /// The last message sent over this connection.
    pub said: Option<ClientMessage>,
    /// The object that the user deletes between the next batch and its read-back.
    pub deletes: Option<u8>,
    /// True while no message passes in either direction.
    pub silent: bool,
}

impl End {
    /// Makes the end of a user with an empty scene, without a connection.
    pub fn new(role: Role, knows_collections: bool) -> Self {
        Self {
            person: SimUser::new(role, knows_collections),
            session: None,
            to_daemon: VecDeque::new(),
            to_editor: VecDeque::new(),
            previews: Vec::new(),
            said: None,
            deletes: None,
            silent: false,
        }
    }

    /// Drops the connection.
    pub fn cut(&mut self) {
        self.session = None;
        self.said = None;
        self.person.editor.disconnect();
        self.to_daemon.clear();
        self.to_editor.clear();
        self.previews.clear();
    }
}
