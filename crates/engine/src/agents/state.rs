//! The agents of this run of the daemon, and their intents that wait for a person.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::{AgentIdentity, Intent};
use vibesync_scene::{AgentHistory, AgentName, ApprovalKind, SessionId, Uuid, truncate_text};

use crate::agents::access::{Access, Purpose};
use crate::agents::approvals::{Approval, Approvals};
use crate::agents::budget::Created;
use crate::options::AgentOptions;

/// Most agents that are known at a time, by name.
pub(crate) const MAX_SEEN: usize = 64;

/// An agent that was connected in this run of the daemon.
#[derive(Debug, Default)]
pub(crate) struct SeenAgent {
    /// The program that it works in, with the version.
    pub client: Option<String>,
    /// Label of its newest intent.
    pub last_words: Option<String>,
    /// Newest log sequence when it was last seen.
    pub last_seq: u64,
    /// Number of its accepted changes.
    pub changes: u64,
    pub created: Created,
    /// The kinds that a person allowed until the daemon stops.
    pub allowed: BTreeSet<ApprovalKind>,
}

/// An intent whose question is open.
#[derive(Debug)]
pub(crate) struct WaitingIntent {
    pub intent: Intent,
    pub purpose: Purpose,
}

#[derive(Debug)]
pub(crate) struct Agents {
    pub options: AgentOptions,
    seen: BTreeMap<AgentName, SeenAgent>,
    pub approvals: Approvals,
    /// By the id of the question.
    waiting: BTreeMap<Uuid, WaitingIntent>,
}

impl Agents {
    pub fn new(options: AgentOptions) -> Self {
        Self {
            options,
            seen: BTreeMap::new(),
            approvals: Approvals::default(),
            waiting: BTreeMap::new(),
        }
    }

    pub fn access<'a>(&'a self, history: &'a AgentHistory, agent: &'a AgentName) -> Access<'a> {
        Access {
            options: &self.options,
            history,
            agent,
            allowed: self.seen.get(agent).map(|seen| &seen.allowed),
        }
    }

    /// Notes that an agent has connected. Returns false if too many agents are known. `is_connected` says which of them
    /// are connected or have open calls. The others may be forgotten, unless they have used up a budget.
    pub fn note_connected(
        &mut self,
        identity: &AgentIdentity,
        seq: u64,
        now: u64,
        is_connected: impl Fn(&AgentName) -> bool,
    ) -> bool {
        let name = &identity.name;
        if !self.seen.contains_key(name) && self.seen.len() >= MAX_SEEN {
            let forgotten = self.seen.iter();
            let forgotten = forgotten.filter(|(name, _)| !is_connected(name));
            let forgotten = forgotten.filter(|(_, seen)| seen.created.count(now) == 0);
            let oldest = forgotten.min_by_key(|(_, seen)| seen.last_seq);
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else {
                return false;
            };
            self.seen.remove(&oldest);
        }
        let seen = self.seen.entry(name.clone()).or_default();
        seen.client = client_text(identity);
        seen.last_seq = seq;
        true
    }

    pub fn seen(&self, agent: &AgentName) -> Option<&SeenAgent> {
        self.seen.get(agent)
    }

    pub fn seen_mut(&mut self, agent: &AgentName) -> Option<&mut SeenAgent> {
        self.seen.get_mut(agent)
    }

    /// The names of the agents that are known.
    pub fn names(&self) -> impl Iterator<Item = &AgentName> {
        self.seen.keys()
    }

    /// Lets an intent wait for the answer to a question.
    pub fn keep(&mut self, approval: Uuid, waiting: WaitingIntent) {
        self.waiting.insert(approval, waiting);
    }

    /// Returns the intent that waited for a question that was closed.
    pub fn take_waiting(&mut self, approval: &Approval) -> Option<WaitingIntent> {
        self.waiting.remove(&approval.id)
    }

    pub fn waiting_intent(&self, approval: Uuid) -> Option<&WaitingIntent> {
        self.waiting.get(&approval)
    }

    /// All intents that wait for an answer.
    pub fn waiting_intents(&self) -> impl Iterator<Item = &Intent> {
        self.waiting.values().map(|it| &it.intent)
    }

    /// Returns the number of changes in intents that wait for an answer.
    pub fn waiting_changes(&self) -> usize {
        let waiting = self.waiting.values();
        waiting.map(|it| it.intent.changes.len()).sum()
    }

    /// Forgets what waited over a connection that has ended.
    pub fn remove_session(&mut self, session: SessionId) {
        for approval in self.approvals.take_session(session) {
            self.waiting.remove(&approval.id);
        }
    }
}

/// Returns the program of an agent with its version, for people.
fn client_text(identity: &AgentIdentity) -> Option<String> {
    let client = identity.client.as_ref()?;
    Some(truncate_text(match &identity.client_version {
        Some(version) => format!("{client} {version}"),
        None => client.clone(),
    }))
}
