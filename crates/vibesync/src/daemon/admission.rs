//! Limits the connections: those before the handshake and those after it have budgets of their own.
//!
//! Anybody on this computer can open a socket, but only the user's programs can prove themselves. So a stranger takes a
//! place among strangers only, and an agent none of the places that editors and the command line need.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use vibesync_scene::Role;

/// Maximum number of connections that have not proved themselves. One more ends the oldest.
const MAX_HANDSHAKES: usize = 32;

/// Additional places of authenticated connections, which agents cannot take: both editors, and two commands.
const RESERVED: usize = 4;

/// The budgets of a daemon.
#[derive(Debug)]
pub struct Admission {
    /// Connections before the end of their handshake, oldest first.
    handshakes: Mutex<VecDeque<Handshake>>,
    shared: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    limit: usize,
}

#[derive(Debug)]
struct Handshake {
    number: u64,
    /// Ends the connection when it is dropped.
    _evict: oneshot::Sender<()>,
}

/// The place of a connection before the end of its handshake. Dropping it frees the place.
#[derive(Debug)]
pub struct HandshakePlace {
    admission: Arc<Admission>,
    number: u64,
    evicted: oneshot::Receiver<()>,
}

impl Admission {
    /// Creates the budgets. `limit` counts the authenticated connections; editors and commands have places beyond it.
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
    pub fn begin_handshake(self: &Arc<Self>) -> HandshakePlace {
        let (evict, evicted) = oneshot::channel();
        let mut handshakes = self
            .handshakes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let number = handshakes.back().map_or(0, |newest| newest.number + 1);
        if handshakes.len() >= MAX_HANDSHAKES {
            handshakes.pop_front();
        }
        handshakes.push_back(Handshake {
            number,
            _evict: evict,
        });
        HandshakePlace {
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

impl HandshakePlace {
    /// Waits until a newer connection takes the place.
    pub async fn evicted(&mut self) {
        let _ = (&mut self.evicted).await;
    }
}

impl Drop for HandshakePlace {
    fn drop(&mut self) {
        let mut handshakes = self
            .admission
            .handshakes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        handshakes.retain(|handshake| handshake.number != self.number);
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
