//! The replicas of all connected editors.

use std::collections::BTreeMap;

use vibesync_protocol::ApplyReason;
use vibesync_scene::{Change, Role, Scene, SessionId, Uuid};

use crate::delivery::replica::Replica;

/// The replica of each connected editor.
#[derive(Debug, Default)]
pub(crate) struct Replicas(BTreeMap<Role, Replica>);

impl Replicas {
    pub fn get(&self, role: Role) -> Option<&Replica> {
        self.0.get(&role)
    }

    pub fn get_mut(&mut self, role: Role) -> Option<&mut Replica> {
        self.0.get_mut(&role)
    }

    pub fn insert(&mut self, role: Role, replica: Replica) {
        self.0.insert(role, replica);
    }

    /// Removes the replica of an editor if it belongs to this session.
    pub fn remove(&mut self, role: Role, session: SessionId) -> Option<Replica> {
        let replica = self.get(role)?;
        (replica.session == session).then(|| self.0.remove(&role))?
    }

    /// Returns the editor that this session belongs to, and its replica.
    pub fn of_session(&self, session: SessionId) -> Option<(Role, &Replica)> {
        let mut replicas = self.0.iter();
        let found = replicas.find(|(_, replica)| replica.session == session);
        found.map(|(role, replica)| (*role, replica))
    }

    /// Returns the editor that this session belongs to, and its replica.
    pub fn of_session_mut(&mut self, session: SessionId) -> Option<(Role, &mut Replica)> {
        let mut replicas = self.0.iter_mut();
        let found = replicas.find(|(_, replica)| replica.session == session);
        found.map(|(role, replica)| (*role, replica))
    }

    /// Lists the replicas in the order of [`Role::EDITORS`].
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Replica> {
        self.0.values_mut()
    }

    /// Lists the sessions of the connected editors.
    pub fn sessions(&self) -> Vec<SessionId> {
        self.0.values().map(|replica| replica.session).collect()
    }

    /// Returns true if the editor has deferred the batch in flight.
    pub fn is_deferring(&self, role: Role) -> bool {
        let flight = self.get(role).and_then(|it| it.in_flight.as_ref());
        flight.is_some_and(|flight| flight.is_deferred)
    }

    /// Queues entities in full, because the editor holds something else.
    pub fn enqueue_restore(
        &mut self,
        role: Role,
        scene: &Scene,
        uuids: impl Iterator<Item = Uuid>,
    ) {
        if let Some(replica) = self.get_mut(role) {
            for uuid in uuids.filter(|uuid| scene.row(*uuid).is_some()) {
                if replica.withholds(scene, uuid) {
                    continue;
                }
                replica.queue.enqueue_full(uuid, ApplyReason::Restore);
            }
        }
    }

    /// Lists the changes of all batches in flight.
    pub fn sent(&self) -> impl Iterator<Item = &Change> + '_ {
        let flights = self.0.values().filter_map(|it| it.in_flight.as_ref());
        flights.flat_map(|flight| flight.sent.values().map(|it| &it.change))
    }

    /// Lists the times at which a batch fails or may leave.
    pub fn deadlines(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.values().filter_map(|replica| {
            let can_flush = !replica.queue.is_empty() && replica.inventory.is_none();
            match &replica.in_flight {
                Some(batch) => batch.deadline,
                None if !replica.vanished.is_empty() => replica.vanished.deadline(),
                None => can_flush.then(|| replica.batch_due()),
            }
        })
    }
}
