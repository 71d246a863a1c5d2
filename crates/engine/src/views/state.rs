//! The requests that have not been answered, and the budgets of agents.

use std::collections::BTreeMap;

use uuid::Uuid;
use vibesync_protocol::{DaemonMessage, EditorSelect, EditorView};
use vibesync_scene::{AgentName, Look, Role, SessionId};

use crate::agents::per_minute::PerMinute;

/// Pictures of one agent in a minute.
pub(crate) const PICTURES_A_MINUTE: usize = 6;
/// Selections of one agent in a minute.
pub(crate) const SELECTIONS_A_MINUTE: usize = 60;
/// Time for the answer, from the admission, milliseconds.
pub(crate) const DEADLINE_MS: u64 = 10_000;
/// Most requests that wait for one editor, beside the one that it has.
pub(crate) const MAX_WAITING: usize = 8;

/// The content of a request.
#[derive(Clone, Debug)]
pub(crate) enum Wish {
    View {
        look: Look,
        frame: Vec<Uuid>,
        size: u32,
    },
    Select {
        uuids: Vec<Uuid>,
    },
}

impl Wish {
    /// The objects that it names, and the field that does.
    pub fn objects(&self) -> (&'static str, &[Uuid]) {
        match self {
            Wish::View { frame, .. } => ("frame", frame),
            Wish::Select { uuids } => ("uuids", uuids),
        }
    }

    /// Its name in messages and in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Wish::View { .. } => "scene_view",
            Wish::Select { .. } => "selection_set",
        }
    }
}

/// A request of a client.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub id: Uuid,
    pub editor: Role,
    pub wish: Wish,
}

/// A request that has not been answered.
#[derive(Debug)]
pub(crate) struct OpenRequest {
    pub request: Request,
    /// The session that asked; none if it has ended.
    pub asker: Option<SessionId>,
    /// The agent that asked; none for a person.
    pub agent: Option<AgentName>,
    /// The session of the editor that has it; none while it waits.
    sent_to: Option<SessionId>,
    /// Its place in the order of admission.
    number: u64,
    /// Time at which it ends without an answer, milliseconds.
    ends_at: u64,
}

impl OpenRequest {
    /// Returns the message to the editor.
    fn message(&self, now: u64) -> DaemonMessage {
        let request_id = self.request.id;
        let deadline_ms = self.ends_at.saturating_sub(now);
        match self.request.wish.clone() {
            Wish::View { look, frame, size } => DaemonMessage::View(EditorView {
                request_id,
                look,
                frame,
                size,
                deadline_ms,
            }),
            Wish::Select { uuids } => DaemonMessage::Select(EditorSelect {
                request_id,
                uuids,
                deadline_ms,
            }),
        }
    }
}

/// All requests that have not been answered.
#[derive(Debug)]
pub(crate) struct Views {
    open: BTreeMap<Uuid, OpenRequest>,
    admitted: u64,
    pub pictures: PerMinute,
    pub selections: PerMinute,
}

impl Views {
    pub fn new() -> Self {
        Self {
            open: BTreeMap::new(),
            admitted: 0,
            pictures: PerMinute::new(PICTURES_A_MINUTE),
            selections: PerMinute::new(SELECTIONS_A_MINUTE),
        }
    }

    pub fn contains(&self, id: Uuid) -> bool {
        self.open.contains_key(&id)
    }

    /// Number of requests that wait for an editor or are with it.
    pub fn count(&self, editor: Role) -> usize {
        let open = self.open.values();
        open.filter(|it| it.request.editor == editor).count()
    }

    /// Takes a request in, to be sent when its editor is free.
    pub fn admit(
        &mut self,
        request: Request,
        asker: SessionId,
        agent: Option<AgentName>,
        now: u64,
    ) {
        self.admitted += 1;
        let id = request.id;
        let open = OpenRequest {
            request,
            asker: Some(asker),
            agent,
            sent_to: None,
            number: self.admitted,
            ends_at: now + DEADLINE_MS,
        };
        self.open.insert(id, open);
    }

    /// Hands the next request over to the editor of this session, unless it has one. Returns the message.
    pub fn next(&mut self, editor: Role, session: SessionId, now: u64) -> Option<DaemonMessage> {
        let open = self.open.values_mut();
        let open: Vec<_> = open.filter(|it| it.request.editor == editor).collect();
        if open.iter().any(|it| it.sent_to.is_some()) {
            return None;
        }
        let next = open.into_iter().min_by_key(|it| it.number)?;
        next.sent_to = Some(session);
        Some(next.message(now))
    }

    /// Takes the request that the editor of this session has answered; none if it is over.
    pub fn take_answered(&mut self, id: Uuid, session: SessionId) -> Option<OpenRequest> {
        let open = self.open.get(&id)?;
        let is_its = open.sent_to == Some(session);
        is_its.then(|| self.open.remove(&id)).flatten()
    }

    /// Takes the requests whose time is over.
    pub fn take_late(&mut self, now: u64) -> Vec<OpenRequest> {
        self.take(|open| open.ends_at <= now)
    }

    /// Takes the requests of an editor that is gone.
    pub fn take_editor(&mut self, editor: Role) -> Vec<OpenRequest> {
        self.take(|open| open.request.editor == editor)
    }

    /// Forgets the connection of a client. A request that an editor has stays: the editor still works on it.
    pub fn remove_asker(&mut self, session: SessionId) {
        self.open.retain(|_, open| {
            open.asker = open.asker.filter(|asker| *asker != session);
            open.asker.is_some() || open.sent_to.is_some()
        });
    }

    /// The time at which the next request is over.
    pub fn deadline(&self) -> Option<u64> {
        self.open.values().map(|open| open.ends_at).min()
    }

    /// Takes requests in the order of their admission.
    fn take(&mut self, is_over: impl Fn(&OpenRequest) -> bool) -> Vec<OpenRequest> {
        let over = self.open.values().filter(|open| is_over(open));
        let mut over: Vec<_> = over.map(|open| (open.number, open.request.id)).collect();
        over.sort_unstable();
        let over = over.into_iter();
        over.filter_map(|(_, id)| self.open.remove(&id)).collect()
    }
}
