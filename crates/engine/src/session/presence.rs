//! The presence of each editor: what its user is doing, or why the editor sends nothing.
//!
//! An editor reports its state while it can. The daemon concludes the rest: an editor that sends nothing for three
//! heartbeats is silent, unless its last state explains the silence. An editor whose connection ends without a goodbye
//! has crashed.

use std::collections::BTreeMap;

use vibesync_protocol::EditorState;
use vibesync_scene::{Outcome, Payload, Phase, RecordBody, Role, SessionId};

use crate::journal::Journal;

/// Heartbeats without a message after which an editor counts as silent.
const SILENT_AFTER_HEARTBEATS: u64 = 3;

/// Time for which a presence must last before it is logged, milliseconds. Short operations of a user are not logged.
const LOG_AFTER_MS: u64 = 1_000;

/// The presence of an editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Not seen since the daemon started.
    Absent,
    /// Connected, and in this state.
    Here(EditorState),
    /// Hangs: connected or cut off, and sends nothing.
    Silent,
    /// Left in order to return by itself.
    Reloading,
    /// Left with a goodbye.
    Closed,
    /// Its connection ended without a goodbye.
    Crashed,
}

impl Presence {
    /// Returns the word that the status and the log use.
    pub fn as_str(self) -> &'static str {
        match self {
            Presence::Absent => "absent",
            Presence::Here(state) => state.as_str(),
            Presence::Silent => "silent",
            Presence::Reloading => "reloading",
            Presence::Closed => "closed",
            Presence::Crashed => "crashed",
        }
    }
}

#[derive(Debug)]
struct Editor {
    session: SessionId,
    is_connected: bool,
    state: EditorState,
    last_message_at: u64,
    presence: Presence,
    /// Start of the current presence.
    since: u64,
    /// The presence that was logged last.
    logged: Presence,
}

impl Editor {
    fn set_presence(&mut self, presence: Presence, now: u64) {
        if self.presence != presence {
            self.presence = presence;
            self.since = now;
        }
    }

    /// Returns true if silence would say more than the last state does. An editor that compiles, say, is busy.
    fn can_fall_silent(&self) -> bool {
        let is_responsive = matches!(
            self.state,
            EditorState::Ready | EditorState::Edit | EditorState::Background
        );
        self.is_connected && is_responsive && self.presence != Presence::Silent
    }
}

/// The presence of every editor that was seen.
#[derive(Debug)]
pub(crate) struct Presences {
    editors: BTreeMap<Role, Editor>,
    silent_after_ms: u64,
}

impl Presences {
    pub fn new(heartbeat_ms: u64) -> Self {
        Self {
            editors: BTreeMap::new(),
            silent_after_ms: heartbeat_ms.saturating_mul(SILENT_AFTER_HEARTBEATS),
        }
    }

    pub fn get(&self, role: Role) -> Presence {
        let editor = self.editors.get(&role);
        editor.map_or(Presence::Absent, |editor| editor.presence)
    }

    /// Returns true if a person works in an editor in a way that makes batches wait.
    pub fn is_working(&self, role: Role) -> bool {
        let works = |state| matches!(state, EditorState::Modal | EditorState::Edit);
        matches!(self.get(role), Presence::Here(state) if works(state))
    }

    /// Adds an editor. Its first presence is not logged, because the connection itself is.
    pub fn connect(&mut self, role: Role, session: SessionId, state: EditorState, now: u64) {
        let presence = Presence::Here(state);
        let editor = Editor {
            session,
            is_connected: true,
            state,
            last_message_at: now,
            presence,
            since: now,
            logged: presence,
        };
        self.editors.insert(role, editor);
    }

    pub fn note_message(&mut self, session: SessionId, now: u64) {
        if let Some(editor) = self.connected(session) {
            editor.last_message_at = now;
            editor.set_presence(Presence::Here(editor.state), now);
        }
    }

    pub fn set_state(&mut self, session: SessionId, state: EditorState, now: u64) {
        if let Some(editor) = self.connected(session) {
            editor.state = state;
            editor.set_presence(Presence::Here(state), now);
        }
    }

    /// Returns the presence of an editor that has left. The caller logs it at once.
    pub fn disconnect(
        &mut self,
        session: SessionId,
        is_goodbye: bool,
        now: u64,
    ) -> Option<Presence> {
        let editor = self.connected(session)?;
        let presence = match (is_goodbye, editor.state) {
            (_, EditorState::Reloading) => Presence::Reloading,
            (true, _) => Presence::Closed,
            (false, _) if editor.presence == Presence::Silent => Presence::Silent,
            (false, _) => Presence::Crashed,
        };
        editor.is_connected = false;
        editor.set_presence(presence, now);
        editor.logged = presence;
        Some(presence)
    }

    /// Returns the time at which a presence changes by itself or has to be logged.
    pub fn deadline(&self) -> Option<u64> {
        let due = |editor: &Editor| {
            let is_unlogged = editor.presence != editor.logged;
            let log_at = is_unlogged.then_some(editor.since + LOG_AFTER_MS);
            let can_fall_silent = editor.can_fall_silent();
            let silent_at =
                can_fall_silent.then_some(editor.last_message_at + self.silent_after_ms);
            [log_at, silent_at].into_iter().flatten().min()
        };
        self.editors.values().filter_map(due).min()
    }

    /// Logs each presence that has changed and lasted.
    pub fn log_changes(&mut self, journal: &mut Journal) {
        let now = journal.now();
        for (role, editor) in &mut self.editors {
            if editor.can_fall_silent() && now >= editor.last_message_at + self.silent_after_ms {
                editor.set_presence(Presence::Silent, now);
            }
            if editor.presence == editor.logged || now < editor.since + LOG_AFTER_MS {
                continue;
            }
            editor.logged = editor.presence;
            journal.append(RecordBody {
                session_id: Some(editor.session),
                operation_id: None,
                uuids: Vec::new(),
                phase: Phase::Session,
                outcome: Outcome::Ok,
                error_code: None,
                payload: Payload::Presence {
                    role: *role,
                    presence: editor.presence.as_str().to_owned(),
                },
            });
        }
    }

    fn connected(&mut self, session: SessionId) -> Option<&mut Editor> {
        let mut editors = self.editors.values_mut();
        editors.find(|editor| editor.session == session && editor.is_connected)
    }
}
