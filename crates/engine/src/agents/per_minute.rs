//! The number of times that each agent may do something within a minute.

use std::collections::{BTreeMap, VecDeque};

use vibesync_scene::AgentName;

const MINUTE_MS: u64 = 60_000;
/// Most agents that are counted. An agent beyond replaces the one that rested longest.
const MAX_AGENTS: usize = 256;

/// The times of the last minute, by agent.
#[derive(Debug)]
pub(crate) struct PerMinute {
    most: usize,
    times: BTreeMap<AgentName, VecDeque<u64>>,
}

impl PerMinute {
    pub fn new(most: usize) -> Self {
        Self {
            most,
            times: BTreeMap::new(),
        }
    }

    /// Returns the time to wait, milliseconds, if the agent has none left.
    pub fn check(&self, agent: &AgentName, now: u64) -> Result<(), u64> {
        let times = self.times.get(agent);
        let recent = times.into_iter().flatten();
        let mut recent = recent.filter(|at| *at + MINUTE_MS > now);
        match recent.clone().count() < self.most {
            true => Ok(()),
            false => Err(recent
                .next()
                .map_or(0, |first| (first + MINUTE_MS).saturating_sub(now))),
        }
    }

    /// Counts one time.
    pub fn take(&mut self, agent: &AgentName, now: u64) {
        if self.times.len() >= MAX_AGENTS && !self.times.contains_key(agent) {
            let oldest = self
                .times
                .iter()
                .min_by_key(|(_, times)| times.back().copied());
            if let Some(oldest) = oldest.map(|(agent, _)| agent.clone()) {
                self.times.remove(&oldest);
            }
        }
        let times = self.times.entry(agent.clone()).or_default();
        while times.front().is_some_and(|at| at + MINUTE_MS <= now) {
            times.pop_front();
        }
        times.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> AgentName {
        text.parse().unwrap()
    }

    #[test]
    fn times_of_one_minute_are_bounded_for_each_agent() {
        let mut budget = PerMinute::new(3);
        let (claude, other) = (name("claude"), name("other"));
        for at in 0..3 {
            assert_eq!(budget.check(&claude, at), Ok(()));
            budget.take(&claude, at);
        }
        assert_eq!(budget.check(&claude, 100), Err(MINUTE_MS - 100));
        assert_eq!(budget.check(&other, 100), Ok(()));
        assert_eq!(
            budget.check(&claude, MINUTE_MS),
            Ok(()),
            "the first is a minute old"
        );
        budget.take(&claude, MINUTE_MS);
        assert_eq!(budget.check(&claude, MINUTE_MS), Err(1));
    }

    #[test]
    fn number_of_agents_that_are_counted_is_bounded() {
        let mut budget = PerMinute::new(1);
        for number in 0..=MAX_AGENTS as u64 {
            budget.take(&name(&format!("a{number}")), number);
        }
        assert_eq!(budget.times.len(), MAX_AGENTS);
        assert!(!budget.times.contains_key(&name("a0")), "it rested longest");
    }
}
