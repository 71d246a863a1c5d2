//! The invariants of agents at the end of a run.

use std::collections::BTreeSet;

use vibesync_protocol::MAX_APPROVALS;
use vibesync_scene::Uuid;

use super::super::violation::{Check, must};
use super::super::world::World;
use super::calls::MOST_OPEN;

/// Milliseconds that exceed the time for an answer of a person, and the time of a tool that goes on after its return.
const LONGEST_MS: u64 = 31 * 60_000;

impl World {
    /// Checks that what waits for people, tools and agents is bounded.
    pub fn check_agent_bounds(&self) -> Check {
        let Some(daemon) = &self.daemon else {
            return Ok(());
        };
        let questions = daemon.engine.status().approvals.len();
        let agents = self.agents.all.iter();
        let calls = agents.map(|agent| self.open_calls(&agent.name)).max();
        must(
            questions <= MAX_APPROVALS && calls.is_none_or(|calls| calls <= MOST_OPEN),
            "memory is bounded",
            || format!("{questions} questions and {calls:?} calls of an agent are open"),
        )
    }

    /// Waits until every question has expired and every call has ended.
    pub fn wait_for_agents(&mut self) -> Check {
        self.pass(LONGEST_MS)
    }

    /// Checks that nothing of agents is left open.
    pub fn check_agents_ended(&self) -> Check {
        let Some(daemon) = &self.daemon else {
            return Ok(());
        };
        let open = self.ledger.state().calls.open().count();
        must(open == 0, "every call has one end", || {
            format!("{open} calls are open")
        })?;
        let questions = daemon.engine.status().approvals;
        must(questions.is_empty(), "every question ends", || {
            format!("{questions:?}")
        })?;
        for agent in &self.agents.all {
            must(
                agent.asked.is_empty() && agent.unanswered.is_empty(),
                "every call and every intent of a connected agent is answered",
                || {
                    format!(
                        "{} awaits {:?} and {:?}",
                        agent.name, agent.asked, agent.unanswered
                    )
                },
            )?;
        }
        self.check_nothing_of_failed_calls()
    }

    /// Checks that no editor holds what a tool has made in a call that changed nothing.
    fn check_nothing_of_failed_calls(&self) -> Check {
        if self.counts.of("logs replaced") > 0 {
            // The editor brings back the work of a call that had succeeded in the log that was lost.
            return Ok(());
        }
        let calls = &self.ledger.state().calls;
        for tools in self.agents.tools.values() {
            for (call, made) in &tools.made {
                let kept = calls.get_ended(*call).and_then(|ended| ended.operation);
                if kept.is_some() {
                    continue;
                }
                let held = self.ends.values().map(|end| &end.person.editor.entities);
                let held: BTreeSet<&Uuid> = held.flat_map(|entities| entities.keys()).collect();
                let left = made.iter().find(|uuid| held.contains(uuid));
                must(
                    left.is_none(),
                    "a call that failed leaves no change in any editor",
                    || format!("{left:?} of call {call} is left"),
                )?;
            }
        }
        Ok(())
    }
}
