//! Budgets of one agent. An agent in a loop must not fill the scene while nobody looks.

/// Length of a day, milliseconds.
pub(crate) const DAY_MS: u64 = 86_400_000;

/// The entities that an agent has created within a day. The day begins with the first of them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Created {
    count: u64,
    /// End of the day; none before the first creation.
    ends_at: Option<u64>,
}

impl Created {
    /// Returns the time to wait, milliseconds, if the agent may not create so many more entities now.
    pub fn check(&self, more: u64, most: u64, now: u64) -> Result<(), u64> {
        match more > 0 && self.count(now).saturating_add(more) > most {
            true => Err(self.renewed_in(now)),
            false => Ok(()),
        }
    }

    /// Notes that the agent has created so many entities.
    pub fn note(&mut self, more: u64, now: u64) {
        if more == 0 {
            return;
        }
        self.count = self.count(now).saturating_add(more);
        let running = self.ends_at.filter(|end| now < *end);
        self.ends_at = running.or(Some(now.saturating_add(DAY_MS)));
    }

    /// Returns the number of entities that it has created within the present day.
    pub fn count(&self, now: u64) -> u64 {
        let is_running = self.ends_at.is_some_and(|end| now < end);
        if is_running { self.count } else { 0 }
    }

    /// Returns the time until the day ends, milliseconds; 0 if none has begun.
    pub fn renewed_in(&self, now: u64) -> u64 {
        self.ends_at.map_or(0, |end| end.saturating_sub(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_begins_with_the_first_creation_and_ends() {
        let mut created = Created::default();
        assert_eq!(created.check(10, 10, 0), Ok(()));
        created.note(0, 5);
        assert_eq!(created.renewed_in(5), 0);
        created.note(7, 100);
        assert_eq!(created.check(3, 10, 200), Ok(()));
        assert_eq!(created.check(4, 10, 200), Err(DAY_MS - 100));
        assert_eq!(created.check(0, 0, 200), Ok(()), "a change creates nothing");
        created.note(3, 300);
        assert_eq!(created.count(DAY_MS + 99), 10);
        assert_eq!(created.check(10, 10, DAY_MS + 100), Ok(()));
        created.note(1, DAY_MS + 200);
        assert_eq!(created.count(DAY_MS + 200), 1);
        assert_eq!(created.check(u64::MAX, 10, u64::MAX - 1), Err(0));
    }
}
