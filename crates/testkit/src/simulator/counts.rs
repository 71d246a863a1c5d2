//! Counts of the things that happened in a run, so that a reader sees that the run does something.

use std::collections::BTreeMap;
use std::fmt;

/// Number of occurrences by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<&'static str, u64>);

impl Counts {
    /// Adds one occurrence.
    pub fn one(&mut self, what: &'static str) {
        self.add(what, 1);
    }

    /// Adds some occurrences.
    pub fn add(&mut self, what: &'static str, times: u64) {
        *self.0.entry(what).or_default() += times;
    }

    /// Adds all counts of another run.
    pub fn merge(&mut self, other: &Counts) {
        other
            .0
            .iter()
            .for_each(|(what, times)| self.add(what, *times));
    }

    /// Returns the number of occurrences.
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
