//! The budget of calls: how many one agent may begin in a minute, and how many may be under way.

use std::collections::{BTreeMap, VecDeque};

use vibesync_scene::{AgentName, Code, Invalid};

/// Calls of one agent in a minute.
pub(crate) const CALLS_A_MINUTE: usize = 60;
/// Calls of one agent that have not ended.
pub(crate) const UNDER_WAY: usize = 4;
const MINUTE_MS: u64 = 60_000;
/// Most agents whose calls are counted. An agent beyond replaces the one that rested longest.
const MAX_AGENTS: usize = 256;

/// The times of the calls of the last minute, by agent.
#[derive(Debug, Default)]
pub(crate) struct Budget(BTreeMap<AgentName, VecDeque<u64>>);

impl Budget {
    /// Refuses a call beyond the budget. `under_way`: calls of this agent that have not ended.
    pub fn check(&mut self, agent: &AgentName, under_way: usize, now: u64) -> Result<(), Invalid> {
        let refuse = |message: String| {
            Err(Invalid::new(
                Code::BudgetUsedUp,
                "calls".to_owned(),
                message,
            ))
        };
        if under_way >= UNDER_WAY {
            return refuse(format!(
                "{under_way} calls of this agent are under way; wait for one"
            ));
        }
        let Some(times) = self.0.get_mut(agent) else {
            return Ok(());
        };
        while times.front().is_some_and(|at| at + MINUTE_MS <= now) {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= CALLS_A_MINUTE => {
                let wait = (first + MINUTE_MS).saturating_sub(now);
                refuse(format!(
                    "{CALLS_A_MINUTE} calls within a minute; try again in {wait} ms"
                ))
            }
            _ => Ok(()),
        }
    }

    /// Counts a call that begins.
    pub fn take(&mut self, agent: &AgentName, now: u64) {
        if self.0.len() >= MAX_AGENTS && !self.0.contains_key(agent) {
            let oldest = self.0.iter().min_by_key(|(_, times)| times.back().copied());
            if let Some(oldest) = oldest.map(|(agent, _)| agent.clone()) {
                self.0.remove(&oldest);
            }
        }
        self.0.entry(agent.clone()).or_default().push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> AgentName {
        text.parse().unwrap()
    }

    #[test]
    fn calls_of_one_minute_are_bounded_for_each_agent() {
        let mut budget = Budget::default();
        let (claude, other) = (name("claude"), name("other"));
        for at in 0..CALLS_A_MINUTE as u64 {
            assert!(budget.check(&claude, 0, at).is_ok());
            budget.take(&claude, at);
        }
        assert!(budget.check(&claude, 0, 100).is_err());
        assert!(budget.check(&other, 0, 100).is_ok());
        assert!(
            budget.check(&claude, 0, MINUTE_MS).is_ok(),
            "the first is a minute old"
        );
    }

    #[test]
    fn number_of_agents_that_are_counted_is_bounded() {
        let mut budget = Budget::default();
        for number in 0..=MAX_AGENTS as u64 {
            budget.take(&name(&format!("a{number}")), number);
        }
        assert_eq!(budget.0.len(), MAX_AGENTS);
        assert!(!budget.0.contains_key(&name("a0")), "it rested longest");
    }
}
