//! Answers to questions about the engine's state.

use vibesync_protocol::{Query, QueryResult, Status};
use vibesync_scene::{Role, SessionId, Uuid};

use super::Engine;
use crate::agents::{guard, report};
use crate::{query, status};

impl Engine {
    /// Returns the content of `vibesync status`.
    pub fn status(&self) -> Status {
        let mut status = status::of(
            &self.options,
            &self.journal,
            &self.scene,
            &self.sessions,
            &self.intake,
            &self.transactions.open,
            &self.delivery,
        );
        let (history, sessions) = (self.journal.agents(), &self.sessions);
        status.agents = report::status(&self.agents, history, sessions);
        status.approvals = report::approvals(&self.agents);
        status.previews = self.previews.counts;
        status
    }

    pub(super) fn query(
        &mut self,
        (session, role): (SessionId, Role),
        what: Query,
        after: Option<Uuid>,
        limit: Option<u32>,
    ) -> QueryResult {
        let is_for_agent = role == Role::Agent;
        let mut result = match what {
            Query::Status => QueryResult::Status {
                status: Box::new(self.status()),
            },
            Query::Governance => query::governance(self.journal.failures()),
            Query::Capabilities => self.query_capabilities(session, role, limit),
            Query::Entities => query::entities(&self.scene, after, limit, is_for_agent),
            Query::Operation(id) => query::operation(&self.intake.pending, &self.transactions, id),
            Query::Agents => report::answer(
                &self.agents,
                self.journal.agents(),
                &self.sessions,
                self.journal.now(),
                self.sessions.agent(session),
            ),
        };
        if is_for_agent {
            guard::redact(&self.scene, &mut result);
        }
        result
    }
}
