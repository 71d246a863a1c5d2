//! The invariants of the engine's state at the end of each step.

use vibesync_scene::Role;

use super::violation::{Check, must};
use super::world::World;

impl World {
    /// Checks the invariants at the end of a step.
    pub fn check_step(&mut self) -> Check {
        let Some(daemon) = &self.daemon else {
            return Ok(());
        };
        let connected = self.ends.iter().filter(|(_, end)| end.session.is_some());
        let connected: Vec<Role> = connected.map(|(role, _)| *role).collect();
        self.conflicts.check_told(&connected, self.now)?;
        self.ledger.check_scene()?;
        must(
            *daemon.engine.failures() == self.ledger.state().failures,
            "what failed is what the log says",
            || {
                let (mine, logged) = (daemon.engine.failures(), &self.ledger.state().failures);
                format!("{mine:?} and {logged:?}")
            },
        )?;
        must(
            *daemon.engine.agents() == self.ledger.state().agents,
            "what agents may do is what the log says",
            || {
                let (mine, logged) = (daemon.engine.agents(), &self.ledger.state().agents);
                format!("{mine:?} and {logged:?}")
            },
        )?;
        must(
            *daemon.engine.scene() == self.ledger.state().scene,
            "the scene is what the log says",
            || {
                let (mine, logged) = (
                    daemon.engine.scene().rows(),
                    self.ledger.state().scene.rows(),
                );
                format!("{:?}", mine.zip(logged).find(|(a, b)| a != b))
            },
        )
    }

    /// Checks that all queues are within their limits.
    pub fn check_bounds(&self) -> Check {
        let Some(daemon) = &self.daemon else {
            return Ok(());
        };
        let (status, options) = (daemon.engine.status(), &self.plan.options);
        let open = &self.ledger.state().open;
        let rows = daemon.engine.scene().len();
        let changes: usize = open.values().map(|open| open.steps.len()).sum();
        let in_bounds = status.open_transactions == open.len()
            && status.waiting_intents <= 256
            && (changes <= options.max_open || open.len() <= 1)
            && status.sessions.len() <= 8
            && status.sessions.iter().all(|session| session.owed <= rows);
        must(in_bounds, "memory is bounded", || {
            format!("{changes} changes are open, {rows} rows, {status:?}")
        })
    }
}
