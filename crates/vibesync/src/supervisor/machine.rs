//! The decisions about one project, as a state machine without clock, process, file or socket.

use std::time::Duration;

use super::backoff::{STEADY, pause};
use super::problem::Problem;
use super::report::StateName;

/// Time that a daemon gets to stop. After it the supervisor leaves it alone.
pub const STOP_LIMIT: Duration = Duration::from_secs(15);

/// The process that serves a project, by its origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This supervisor has started it, and learns how it ends.
    Child,
    /// An earlier supervisor of this user has started it.
    Adopted,
    /// Somebody else has started it. It is never stopped.
    Foreign,
}

/// The state of a project's daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is known yet.
    New,
    /// The folder of the project does not exist.
    Missing,
    /// The supervisor listens for the first client.
    Asleep,
    /// A daemon was started and has not announced itself. Clients that connect are held.
    Starting {
        /// Its origin.
        owner: Owner,
    },
    /// A daemon serves.
    Serving {
        /// Its origin.
        owner: Owner,
        /// Time of the announcement.
        since: Duration,
    },
    /// The daemon has failed. The next attempt waits.
    Waiting {
        /// Time of the next attempt.
        until: Duration,
        /// The daemon served when it failed, so it starts again without a client.
        was_serving: bool,
    },
    /// The daemon must stop, because the project was removed or the supervisor ends.
    Stopping {
        /// Its origin.
        owner: Owner,
        /// It was asked to stop. It cannot be asked before it has announced itself.
        is_asked: bool,
        /// Time limit.
        until: Duration,
    },
    /// The supervisor has nothing to do with the project any more.
    Done,
}

/// The lock of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// No process holds it.
    Free,
    /// A process holds it.
    Taken {
        /// A supervisor has started the process.
        is_ours: bool,
    },
}

/// An event of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The supervisor looked at a folder that exists.
    Seen {
        /// The lock of the project.
        lock: Lock,
        /// The holder of the lock has announced itself.
        is_announced: bool,
    },
    /// The supervisor looked, and the folder does not exist.
    Absent,
    /// A client has connected to the wake listener.
    ClientConnected,
    /// The child has ended.
    Ended {
        /// The reason; none if it ended as it should.
        problem: Option<Problem>,
    },
    /// The project cannot be announced, or its daemon cannot be started.
    Unable(Problem),
    /// The project was removed from the list, or the supervisor ends.
    Retire,
}

/// An action that the supervisor carries out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Listen, and announce the project as asleep.
    Listen,
    /// Close the listener and the held connections. Take the announcement back, unless a daemon has replaced it.
    Release,
    /// Start the daemon.
    Start,
    /// Ask the daemon to stop.
    Stop,
}

/// One project.
#[derive(Clone, Debug)]
pub struct Machine {
    state: State,
    /// Failures in a row.
    failures: u32,
    problem: Option<Problem>,
}

impl Machine {
    /// Creates the machine of a project about which nothing is known.
    pub fn new() -> Self {
        Self {
            state: State::New,
            failures: 0,
            problem: None,
        }
    }

    /// Returns the last failure, until the daemon has worked for a minute.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Returns true once the supervisor has nothing to do with the project.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Returns true while the next event is awaited within moments.
    pub fn is_changing(&self) -> bool {
        matches!(self.state, State::Starting { .. } | State::Stopping { .. })
    }

    /// Returns the word for people; none before the first look.
    pub fn name(&self) -> StateName {
        match self.state {
            State::New | State::Starting { .. } => StateName::Starting,
            State::Missing => StateName::MissingFolder,
            State::Asleep => StateName::Asleep,
            State::Serving { .. } => StateName::Serving,
            State::Waiting { .. } => StateName::Failed,
            State::Stopping { .. } | State::Done => StateName::Stopping,
        }
    }

    /// Returns the owner of the daemon that runs.
    pub fn owner(&self) -> Option<Owner> {
        match self.state {
            State::Starting { owner }
            | State::Serving { owner, .. }
            | State::Stopping { owner, .. } => Some(owner),
            _ => None,
        }
    }

    /// Handles one event at the time `now`, which never goes back. Returns the actions in order.
    pub fn step(&mut self, event: Event, now: Duration) -> Vec<Action> {
        match event {
            Event::Seen { lock, is_announced } => self.seen(lock, is_announced, now),
            Event::Absent => self.absent(now),
            Event::ClientConnected if self.state == State::Asleep => {
                self.state = State::Starting {
                    owner: Owner::Child,
                };
                vec![Action::Start]
            }
            Event::ClientConnected => Vec::new(),
            Event::Ended { problem } => self.ended(problem, now),
            Event::Unable(problem) => self.unable(problem, now),
            Event::Retire => self.retire(now),
        }
    }

    fn seen(&mut self, lock: Lock, is_announced: bool, now: Duration) -> Vec<Action> {
        let holder = match lock {
            Lock::Free => None,
            Lock::Taken { is_ours: true } => Some(Owner::Adopted),
            Lock::Taken { is_ours: false } => Some(Owner::Foreign),
        };
        match (&self.state, holder) {
            (State::Done, _) => Vec::new(),
            (State::Stopping { .. }, _) => self.wait_for_end(holder, is_announced, now),
            // The lock is free for a moment before the child takes it, and after it has ended.
            (
                State::Starting {
                    owner: Owner::Child,
                },
                None,
            ) => Vec::new(),
            (State::Starting { owner }, Some(_)) => match (is_announced, *owner) {
                (true, owner) => self.serve(owner, now),
                (false, _) => Vec::new(),
            },
            (State::Serving { since, .. }, Some(_)) => {
                if now.saturating_sub(*since) >= STEADY {
                    self.forget_failures();
                }
                Vec::new()
            }
            (
                State::Serving {
                    owner: Owner::Child,
                    ..
                },
                None,
            ) => Vec::new(),
            (State::Waiting { until, .. }, None) if now < *until => Vec::new(),
            (
                State::Waiting {
                    was_serving: true, ..
                },
                None,
            ) => {
                self.state = State::Starting {
                    owner: Owner::Child,
                };
                vec![Action::Listen, Action::Start]
            }
            (State::Asleep, None) => Vec::new(),
            (State::Starting { .. } | State::Serving { .. }, None) => {
                vec![Action::Release, self.sleep()]
            }
            (State::New | State::Missing | State::Waiting { .. }, None) => vec![self.sleep()],
            (_, Some(owner)) if is_announced => self.serve(owner, now),
            (_, Some(owner)) => {
                self.state = State::Starting { owner };
                Vec::new()
            }
        }
    }

    /// Follows a daemon that was asked to stop, or that must be asked as soon as it can hear.
    fn wait_for_end(
        &mut self,
        holder: Option<Owner>,
        is_announced: bool,
        now: Duration,
    ) -> Vec<Action> {
        let State::Stopping {
            owner,
            is_asked,
            until,
        } = &mut self.state
        else {
            return Vec::new();
        };
        let has_ended = holder.is_none() && *owner != Owner::Child;
        if has_ended || now >= *until {
            self.state = State::Done;
            return vec![Action::Release];
        }
        if is_announced && !std::mem::replace(is_asked, true) {
            return vec![Action::Stop];
        }
        Vec::new()
    }

    fn absent(&mut self, now: Duration) -> Vec<Action> {
        match self.state {
            State::New | State::Asleep | State::Waiting { .. } => {
                self.state = State::Missing;
                vec![Action::Release]
            }
            State::Starting { owner } | State::Serving { owner, .. } if owner != Owner::Child => {
                self.state = State::Missing;
                vec![Action::Release]
            }
            State::Stopping { .. } => self.wait_for_end(None, false, now),
            // The child ends by itself, as it has lost its files.
            State::Missing | State::Starting { .. } | State::Serving { .. } | State::Done => {
                Vec::new()
            }
        }
    }

    fn ended(&mut self, problem: Option<Problem>, now: Duration) -> Vec<Action> {
        match (self.state.clone(), problem) {
            (State::Stopping { .. }, _) => {
                self.state = State::Done;
                vec![Action::Release]
            }
            (
                State::Starting {
                    owner: Owner::Child,
                },
                None,
            ) => {
                self.forget_failures();
                vec![Action::Release, self.sleep()]
            }
            (
                State::Serving {
                    owner: Owner::Child,
                    ..
                },
                None,
            ) => {
                self.forget_failures();
                vec![self.sleep()]
            }
            (
                State::Starting {
                    owner: Owner::Child,
                },
                Some(problem),
            ) => self.fail(problem, false, now),
            (
                State::Serving {
                    owner: Owner::Child,
                    since,
                },
                Some(problem),
            ) => {
                if now.saturating_sub(since) >= STEADY {
                    self.forget_failures();
                }
                self.fail(problem, true, now)
            }
            _ => Vec::new(),
        }
    }

    fn unable(&mut self, problem: Problem, now: Duration) -> Vec<Action> {
        match self.state {
            State::Stopping { .. } | State::Done => Vec::new(),
            _ => self.fail(problem, false, now),
        }
    }

    fn retire(&mut self, now: Duration) -> Vec<Action> {
        match self.state.clone() {
            State::Stopping { .. } | State::Done => Vec::new(),
            State::Starting { owner } if owner != Owner::Foreign => {
                self.state = State::Stopping {
                    owner,
                    is_asked: false,
                    until: now + STOP_LIMIT,
                };
                Vec::new()
            }
            State::Serving { owner, .. } if owner != Owner::Foreign => {
                self.state = State::Stopping {
                    owner,
                    is_asked: true,
                    until: now + STOP_LIMIT,
                };
                vec![Action::Stop]
            }
            _ => {
                self.state = State::Done;
                vec![Action::Release]
            }
        }
    }

    fn serve(&mut self, owner: Owner, now: Duration) -> Vec<Action> {
        self.state = State::Serving { owner, since: now };
        vec![Action::Release]
    }

    fn sleep(&mut self) -> Action {
        self.state = State::Asleep;
        Action::Listen
    }

    fn fail(&mut self, problem: Problem, was_serving: bool, now: Duration) -> Vec<Action> {
        self.failures = self.failures.saturating_add(1);
        self.problem = Some(problem);
        self.state = State::Waiting {
            until: now + pause(self.failures),
            was_serving,
        };
        vec![Action::Release]
    }

    fn forget_failures(&mut self) {
        self.failures = 0;
        self.problem = None;
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
