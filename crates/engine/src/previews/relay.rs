//! Passes the previews of one editor to the others.

use std::collections::BTreeSet;

use vibesync_protocol::{MAX_POSITION_BYTES, MAX_PREVIEWED, PreviewChange};
use vibesync_scene::{ComponentSet, Role, Scene, SessionId, Uuid};

use crate::action::{Action, PreviewUpdate};
use crate::delivery::replicas::Replicas;
use crate::journal::Journal;
use crate::previews::check::may_be_shown;
use crate::previews::state::Previews;
use crate::session::sessions::Sessions;

/// The editor that sends previews, and the parts of the engine that they are checked against. Only `previews` changes,
/// and the journal gets no record.
pub(crate) struct Relay<'a> {
    pub sender: SessionId,
    pub journal: &'a mut Journal,
    pub previews: &'a mut Previews,
    pub scene: &'a Scene,
    pub sessions: &'a Sessions,
    pub replicas: &'a Replicas,
}

impl Relay<'_> {
    /// Passes on the values that may be shown, and counts the others.
    pub fn show(mut self, from: Role, seq: u64, mut changes: Vec<PreviewChange>) {
        let (now, received) = (self.journal.now(), changes.len());
        if !self.admit(received) {
            return;
        }
        let sender = self.previews.sender(self.sender);
        if !sender.advance(seq) {
            self.previews.counts.refused += count(received);
            return;
        }
        let (mut uuids, scene) = (BTreeSet::new(), self.scene);
        let can_send_meshes = self.sessions.has_mesh_previews(self.sender)
            && changes
                .iter()
                .map(PreviewChange::patch_bytes)
                .sum::<usize>()
                <= MAX_POSITION_BYTES;
        changes.retain(|it| {
            let is_allowed = it.positions.is_none() || can_send_meshes;
            is_allowed && uuids.insert(it.uuid) && may_be_shown(scene, it, from)
        });
        let sound = changes.len();
        sender.forget_old(now);
        changes.retain(|it| sender.show(it.uuid, now));
        self.previews.counts.refused += count(received - sound);
        self.previews.counts.dropped += count(sound - changes.len());
        for (session, components) in self.receivers() {
            let shows_meshes = self.sessions.has_mesh_previews(session);
            let changes = supported(&changes, components, shows_meshes);
            if !changes.is_empty() {
                let update = PreviewUpdate::Show { from, changes };
                self.journal.push(Action::Preview { session, update });
            }
        }
    }

    /// Passes on that these entities are not shown any more.
    pub fn end(mut self, uuids: &[Uuid]) {
        if self.admit(uuids.len()) {
            self.previews.sender(self.sender).end(uuids);
            self.tell_end(uuids);
        }
    }

    /// Ends all that the sender shows, because its connection has ended.
    pub fn end_all(mut self) {
        let now = self.journal.now();
        let uuids = self.previews.remove_session(self.sender, now);
        self.tell_end(&uuids);
    }

    /// Returns true if a message about so many entities is to be looked at. Counts it otherwise.
    fn admit(&mut self, entities: usize) -> bool {
        let now = self.journal.now();
        let previews = &mut *self.previews;
        if !previews.sender(self.sender).is_within_rate(now) {
            previews.counts.dropped += count(entities);
            return false;
        }
        let is_sound = entities <= MAX_PREVIEWED && is_synced(self.replicas, self.sender);
        if !is_sound {
            previews.counts.refused += count(entities);
        }
        is_sound
    }

    fn tell_end(&mut self, uuids: &[Uuid]) {
        if uuids.is_empty() {
            return;
        }
        for (session, _) in self.receivers() {
            let uuids = uuids.to_vec();
            let update = PreviewUpdate::End { uuids };
            self.journal.push(Action::Preview { session, update });
        }
    }

    /// Lists the other editors that show previews and hold the scene, each with the components that it can apply.
    fn receivers(&self) -> Vec<(SessionId, ComponentSet)> {
        let ids = self.sessions.that_preview();
        let others = ids.filter(|id| *id != self.sender && is_synced(self.replicas, *id));
        let with_components = others.filter_map(|id| {
            let (_, replica) = self.replicas.of_session(id)?;
            Some((id, replica.components))
        });
        with_components.collect()
    }
}

/// Returns true if the editor's inventory has been answered.
fn is_synced(replicas: &Replicas, session: SessionId) -> bool {
    let replica = replicas.of_session(session);
    replica.is_some_and(|(_, replica)| replica.inventory.is_none())
}

/// Returns the changes with only these components, and vertices only if meshes are shown. Leaves out those without any.
fn supported(
    changes: &[PreviewChange],
    components: ComponentSet,
    shows_meshes: bool,
) -> Vec<PreviewChange> {
    let shows_meshes = shows_meshes && components.contains("mesh");
    let reduced = changes.iter().map(|change| PreviewChange {
        uuid: change.uuid,
        components: change.components.only(components),
        positions: change.positions.clone().filter(|_| shows_meshes),
    });
    reduced
        .filter(|change| change.positions.is_some() || !change.components.set().is_empty())
        .collect()
}

fn count(values: usize) -> u64 {
    u64::try_from(values).unwrap_or(u64::MAX)
}
