//! Limits the connections: those before the handshake and those after it have budgets of their own.
//!
//! Anybody on this computer can open a socket, but only the user's programs can complete a handshake. So connections
//! without one cannot use up the permits of authenticated clients, and agents cannot use up those of editors and commands.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use vibesync_scene::Role;

/// Maximum number of connections that have not proved themselves. One more ends the oldest.
const MAX_HANDSHAKES: usize = 32;

/// Permits beyond the limit, which agents cannot take: for both editors, and two commands.
const RESERVED: usize = 4;

/// The budgets of a daemon.
#[derive(Debug)]
pub struct Admission {
    handshakes: Mutex<Handshakes>,
    shared: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    limit: usize,
}

/// Connections before the end of their handshake.
#[derive(Debug, Default)]
struct Handshakes {
    /// Number of the next connection. Numbers never repeat: an evicted connection may end after many others have come.
    next: u64,
    /// Oldest first.
    waiting: VecDeque<Handshake>,
}

#[derive(Debug)]
struct Handshake {
    number: u64,
    /// Ends the connection when it is dropped.
    _evict: oneshot::Sender<()>,
}

/// The permit of a connection for its handshake. Dropping it returns the permit.
#[derive(Debug)]
pub struct HandshakePermit {
    admission: Arc<Admission>,
    number: u64,
    evicted: oneshot::Receiver<()>,
}

impl Admission {
    /// Creates the budgets. `limit` counts the authenticated connections; editors and commands have permits beyond it.
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            handshakes: Mutex::default(),
            shared: Arc::new(Semaphore::new(limit)),
            reserved: Arc::new(Semaphore::new(RESERVED)),
            limit,
        })
    }

    /// Returns the maximum number of agents.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Admits a connection to the handshake. If there are too many, the oldest one ends; a real client has completed its
    /// handshake long before.
    pub fn begin_handshake(self: &Arc<Self>) -> HandshakePermit {
        let (evict, evicted) = oneshot::channel();
        let mut handshakes = self
            .handshakes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let number = handshakes.next;
        handshakes.next += 1;
        if handshakes.waiting.len() >= MAX_HANDSHAKES {
            handshakes.waiting.pop_front();
        }
        handshakes.waiting.push_back(Handshake {
            number,
            _evict: evict,
        });
        HandshakePermit {
            admission: Arc::clone(self),
            number,
            evicted,
        }
    }

    /// Admits an authenticated connection; none if there are too many.
    pub fn admit(&self, role: Role) -> Option<OwnedSemaphorePermit> {
        let shared = Arc::clone(&self.shared).try_acquire_owned().ok();
        shared.or_else(|| match role {
            Role::Agent => None,
            Role::Blender | Role::Unity | Role::Cli => {
                Arc::clone(&self.reserved).try_acquire_owned().ok()
            }
        })
    }
}

impl HandshakePermit {
    /// Waits until a newer connection takes the permit.
    pub async fn evicted(&mut self) {
        let _ = (&mut self.evicted).await;
    }
}

impl Drop for HandshakePermit {
    fn drop(&mut self) {
        let mut handshakes = self
            .admission
            .handshakes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        handshakes
            .waiting
            .retain(|handshake| handshake.number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn oldest_handshake_is_evicted_when_there_are_too_many() {
        let admission = Admission::new(16);
        let mut first = admission.begin_handshake();
        let mut others: Vec<_> = (1..MAX_HANDSHAKES)
            .map(|_| admission.begin_handshake())
            .collect();
        let _newest = admission.begin_handshake();
        first.evicted().await;
        assert!(others[0].evicted.try_recv() == Err(oneshot::error::TryRecvError::Empty));
        drop(others.pop());
        let _one_more = admission.begin_handshake();
        assert!(others[0].evicted.try_recv() == Err(oneshot::error::TryRecvError::Empty));
    }

    #[tokio::test]
    async fn late_end_of_an_evicted_handshake_ends_no_other() {
        let admission = Admission::new(16);
        let evicted = admission.begin_handshake();
        let others: Vec<_> = (0..MAX_HANDSHAKES)
            .map(|_| admission.begin_handshake())
            .collect();
        drop(others);
        let mut newcomer = admission.begin_handshake();
        drop(evicted);
        assert!(newcomer.evicted.try_recv() == Err(oneshot::error::TryRecvError::Empty));
    }

    #[test]
    fn agents_leave_room_for_editors_and_commands() {
        let admission = Admission::new(2);
        let mut permits: Vec<_> = (0..2).map(|_| admission.admit(Role::Agent)).collect();
        assert!(permits.iter().all(Option::is_some));
        assert!(admission.admit(Role::Agent).is_none());
        for role in [Role::Blender, Role::Unity, Role::Cli, Role::Cli] {
            permits.push(admission.admit(role));
        }
        assert!(permits.iter().all(Option::is_some));
        assert!(admission.admit(Role::Cli).is_none());
        permits.remove(0);
        assert!(admission.admit(Role::Agent).is_some());
    }
}
