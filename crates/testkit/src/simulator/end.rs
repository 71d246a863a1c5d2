//! One end of a connection: a user, and the messages on their way.

use std::collections::VecDeque;

use vibesync_protocol::{ClientMessage, DaemonMessage};
use vibesync_scene::SessionId;

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
    /// The last message sent over this connection.
    pub said: Option<ClientMessage>,
    /// True while no message passes in either direction.
    pub silent: bool,
}

impl End {
    /// Drops the connection.
    pub fn cut(&mut self) {
        self.session = None;
        self.said = None;
        self.person.editor.disconnect();
        self.to_daemon.clear();
        self.to_editor.clear();
    }
}
