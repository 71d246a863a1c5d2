//! Agents as the log knows them: the decisions of people about them, and the entities that they created. Rebuilt from
//! the log like the scene.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::agent_access::{AgentMode, ApprovalDecision, ApprovalKind, Remember};
use crate::agent_name::AgentName;
use crate::change::Change;
use crate::record::{Payload, RecordBody};

/// Most agents whose decisions are kept. Beyond, the oldest decision is forgotten: that agent has to ask again.
const MAX_DECIDED: usize = 256;

/// Most kinds of one agent that a person's consent is kept for.
const MAX_REMEMBERED: usize = 256;

/// Most entities whose creator is kept. An entity beyond counts as that of somebody else.
const MAX_CREATED: usize = 100_000;

/// The newest decision of a person about an agent, and what a person has allowed it since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentDecision {
    /// The mode; [`AgentMode::Ask`] if no person has decided.
    pub mode: AgentMode,
    /// Sequence of the newest record.
    pub seq: u64,
    /// Everything that a person allowed until further notice.
    pub allowed: BTreeSet<ApprovalKind>,
}

/// The decisions about agents, and what agents created.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentHistory {
    decisions: BTreeMap<AgentName, AgentDecision>,
    created: BTreeMap<Uuid, AgentName>,
    /// The agent of the newest transaction. Its steps follow its BEGIN.
    author: Option<AgentName>,
}

impl AgentHistory {
    /// Returns the decision about an agent, if there is one.
    pub fn decision(&self, agent: &AgentName) -> Option<&AgentDecision> {
        self.decisions.get(agent)
    }

    /// All decisions, by agent.
    pub fn decisions(&self) -> impl Iterator<Item = (&AgentName, &AgentDecision)> {
        self.decisions.iter()
    }

    /// Returns the agent that created an entity; none if it was somebody else, or if that is not known any more.
    pub fn creator(&self, uuid: Uuid) -> Option<&AgentName> {
        self.created.get(&uuid)
    }

    /// Applies a record.
    pub fn record(&mut self, seq: u64, record: &RecordBody) {
        match &record.payload {
            Payload::Begin { agent, .. } => self.author.clone_from(agent),
            Payload::Step { change, before, .. } => self.record_step(change, before.is_none()),
            Payload::Agent { agent, mode, .. } => {
                let decision = AgentDecision {
                    mode: *mode,
                    seq,
                    allowed: BTreeSet::new(),
                };
                self.decisions.insert(agent.clone(), decision);
                self.forget_oldest();
            }
            Payload::Approval {
                agent,
                kind,
                decision: ApprovalDecision::Allowed,
                remember: Some(Remember::Project),
                ..
            } => self.allow(seq, agent, kind),
            _ => {}
        }
    }

    fn record_step(&mut self, change: &Change, is_new: bool) {
        let uuid = change.uuid();
        match (change, &self.author) {
            (Change::Delete { .. }, _) => {
                self.created.remove(&uuid);
            }
            (Change::Create { .. }, Some(agent)) if is_new && self.created.len() < MAX_CREATED => {
                self.created.insert(uuid, agent.clone());
            }
            (Change::Create { .. }, _) => {
                self.created.remove(&uuid);
            }
            (Change::Update { .. }, _) => {}
        }
    }

    fn allow(&mut self, seq: u64, agent: &AgentName, kind: &ApprovalKind) {
        let undecided = || AgentDecision {
            mode: AgentMode::Ask,
            seq,
            allowed: BTreeSet::new(),
        };
        let decision = self.decisions.entry(agent.clone());
        let decision = decision.or_insert_with(undecided);
        decision.seq = seq;
        match kind {
            ApprovalKind::Work => decision.mode = AgentMode::Work,
            kind if decision.allowed.len() < MAX_REMEMBERED => {
                decision.allowed.insert(kind.clone());
            }
            _ => {}
        }
        self.forget_oldest();
    }

    fn forget_oldest(&mut self) {
        while self.decisions.len() > MAX_DECIDED {
            // A person's no outlasts a yes.
            let all = self.decisions.iter();
            let oldest = all.min_by_key(|(_, it)| (it.mode == AgentMode::Off, it.seq));
            let Some(agent) = oldest.map(|(agent, _)| agent.clone()) else {
                return;
            };
            self.decisions.remove(&agent);
        }
    }
}
