//! The changes of agents, each with the agent that made it: an agent is a client of its own, not one of a role.
//!
//! Only the daemon's memory has that. After a restart, and beyond a limit, a change of an agent counts as that of another
//! agent: the agent reads the scene again.

use std::collections::BTreeMap;

use vibesync_scene::InstanceId;

/// Most transactions of agents whose author is kept.
const MAX_CHANGES: usize = 10_000;

/// The authors of the newest transactions of agents, by sequence.
#[derive(Debug, Default)]
pub(crate) struct AgentChanges(BTreeMap<u64, InstanceId>);

impl AgentChanges {
    /// Notes that an agent has made a transaction.
    pub fn note(&mut self, begin: u64, agent: InstanceId) {
        self.0.insert(begin, agent);
        while self.0.len() > MAX_CHANGES {
            self.0.pop_first();
        }
    }

    /// Returns the agent that made a transaction, if it is still known.
    pub fn author(&self, begin: u64) -> Option<InstanceId> {
        self.0.get(&begin).copied()
    }
}
