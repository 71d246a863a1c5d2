//! What a run did, so that a reader sees that it does something.

use std::collections::BTreeMap;
use std::fmt;

/// How often what happened, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<&'static str, u64>);

impl Counts {
    /// It happened once more.
    pub fn one(&mut self, what: &'static str) {
        self.add(what, 1);
    }

    /// It happened so many times more.
    pub fn add(&mut self, what: &'static str, times: u64) {
        *self.0.entry(what).or_default() += times;
    }

    /// And all that happened there.
    pub fn merge(&mut self, other: &Counts) {
        other
            .0
            .iter()
            .for_each(|(what, times)| self.add(what, *times));
    }

    /// How often it happened.
    pub fn of(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or_default()
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.0.keys().map(|what| what.len()).max().unwrap_or(0);
        for (what, times) in &self.0 {
            writeln!(f, "  {what:width$}  {times}")?;
        }
        Ok(())
    }
}
