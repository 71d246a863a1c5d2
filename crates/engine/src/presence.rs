//! How each editor is: what its user is doing, or why nothing is heard of it.
//!
//! An editor says what it is doing while it can. What it cannot say is concluded: one from which nothing comes for
//! three heartbeats is silent, unless its last word explains that; one whose connection ends without a goodbye has
//! crashed.

use std::collections::BTreeMap;

use vibesync_protocol::EditorState;
use vibesync_scene::{Outcome, Payload, Phase, RecordBody, Role, SessionId};

use crate::Engine;

/// Heartbeats without a word after which an editor counts as silent.
const QUIET_HEARTBEATS: u64 = 3;

/// How long an editor must be in a state before the log mentions it, milliseconds: a short grab is no news.
const NEWS_AFTER_MS: u64 = 1_000;

/// How an editor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Not seen since the daemon started.
    Absent,
    /// Connected and doing this.
    Here(EditorState),
    /// Connected or cut off, and nothing comes from it: it hangs.
    Silent,
    /// Left in order to come back by itself.
    Reloading,
    /// Left with a goodbye.
    Closed,
    /// Its connection ended without a goodbye.
    Crashed,
}

#[derive(Debug)]
struct Editor {
    session: SessionId,
    connected: bool,
    state: EditorState,
    heard: u64,
    presence: Presence,
    since: u64,
    /// What the log said last.
    told: Presence,
}

impl Editor {
    fn is_now(&mut self, presence: Presence, now: u64) {
        if self.presence != presence {
            self.presence = presence;
            self.since = now;
        }
    }

    /// Whether its silence would say more than its last word does: an editor that compiles, say, is busy.
    fn may_fall_silent(&self) -> bool {
        let speaks = matches!(
            self.state,
            EditorState::Ready | EditorState::Edit | EditorState::Background
        );
        self.connected && speaks && self.presence != Presence::Silent
    }
}

/// Every editor that was seen.
#[derive(Debug)]
pub(crate) struct Presences {
    editors: BTreeMap<Role, Editor>,
    quiet_ms: u64,
}

impl Presences {
    pub fn new(heartbeat_ms: u64) -> Self {
        Self {
            editors: BTreeMap::new(),
            quiet_ms: heartbeat_ms.saturating_mul(QUIET_HEARTBEATS),
        }
    }

    pub fn of(&self, role: Role) -> Presence {
        let editor = self.editors.get(&role);
        editor.map_or(Presence::Absent, |editor| editor.presence)
    }

    /// The log says itself that an editor connected, so its first state is no news.
    pub fn joined(&mut self, role: Role, session: SessionId, state: EditorState, now: u64) {
        let presence = Presence::Here(state);
        let editor = Editor {
            session,
            connected: true,
            state,
            heard: now,
            presence,
            since: now,
            told: presence,
        };
        self.editors.insert(role, editor);
    }

    pub fn heard(&mut self, session: SessionId, now: u64) {
        if let Some(editor) = self.connected(session) {
            editor.heard = now;
            editor.is_now(Presence::Here(editor.state), now);
        }
    }

    pub fn says(&mut self, session: SessionId, state: EditorState, now: u64) {
        if let Some(editor) = self.connected(session) {
            editor.state = state;
            editor.is_now(Presence::Here(state), now);
        }
    }

    /// An editor left; says how. The log says so at once.
    pub fn left(&mut self, session: SessionId, goodbye: bool, now: u64) -> Option<Presence> {
        let editor = self.connected(session)?;
        let presence = match (goodbye, editor.state) {
            (_, EditorState::Reloading) => Presence::Reloading,
            (true, _) => Presence::Closed,
            (false, _) if editor.presence == Presence::Silent => Presence::Silent,
            (false, _) => Presence::Crashed,
        };
        editor.connected = false;
        editor.is_now(presence, now);
        editor.told = presence;
        Some(presence)
    }

    /// When something changes by itself, or is to be told.
    pub fn deadline(&self) -> Option<u64> {
        let due = |editor: &Editor| {
            let news = editor.presence != editor.told;
            let news = news.then_some(editor.since + NEWS_AFTER_MS);
            let quiet = editor.may_fall_silent();
            let quiet = quiet.then_some(editor.heard + self.quiet_ms);
            [news, quiet].into_iter().flatten().min()
        };
        self.editors.values().filter_map(due).min()
    }

    /// What is to be told now, each change once.
    fn news(&mut self, now: u64) -> Vec<(Role, SessionId, Presence)> {
        let mut news = Vec::new();
        for (role, editor) in &mut self.editors {
            if editor.may_fall_silent() && now >= editor.heard + self.quiet_ms {
                editor.is_now(Presence::Silent, now);
            }
            if editor.presence != editor.told && now >= editor.since + NEWS_AFTER_MS {
                editor.told = editor.presence;
                news.push((*role, editor.session, editor.presence));
            }
        }
        news
    }

    fn connected(&mut self, session: SessionId) -> Option<&mut Editor> {
        let mut editors = self.editors.values_mut();
        editors.find(|editor| editor.session == session && editor.connected)
    }
}

impl Presence {
    /// As the status and the log have it.
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

impl Engine {
    /// Logs how editors are, where that has changed and lasted.
    pub(crate) fn tell_presences(&mut self) {
        for (role, session, presence) in self.presences.news(self.now) {
            self.append(RecordBody {
                session_id: Some(session),
                operation_id: None,
                uuids: Vec::new(),
                phase: Phase::Session,
                outcome: Outcome::Ok,
                error_code: None,
                payload: Payload::Presence {
                    role,
                    presence: presence.as_str().to_owned(),
                },
            });
        }
    }
}
