//! The sequences for blobs that cannot be read: withhold the entities that need them, and get them back from an editor.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::{ClientMessage, Code, DaemonMessage, ErrorBody, Intent, Severity};
use vibesync_scene::{BatchId, BlobId, Change, Components, SessionId, Uuid};

use super::Engine;
use crate::action::Action;

/// Most entities that a notice names.
const MAX_NOTICED: usize = 100;

impl Engine {
    /// Returns the blobs that must stay: those of live entities, of open transactions with the states that they overwrite,
    /// of intents that wait, and of batches in flight.
    pub fn blobs_in_use(&self) -> BTreeSet<BlobId> {
        let live = self.scene.rows().filter(|row| !row.tombstone);
        let live = live.flat_map(|row| row.entity.components.blobs());
        let waiting = self.intake.pending.intents();
        let waiting = waiting.chain(self.agents.waiting_intents());
        let waiting = waiting.flat_map(blobs_of_intent);
        let in_flight = self.delivery.replicas.sent();
        let in_flight = in_flight.flat_map(blobs_of_change);
        let mut blobs: BTreeSet<BlobId> = live.chain(waiting).chain(in_flight).collect();
        for (change, before) in self.transactions.open.all_steps() {
            blobs.extend(blobs_of_change(change));
            blobs.extend(before.iter().flat_map(|it| it.components.blobs()));
        }
        blobs
    }

    /// Notes that blobs cannot be read, and tells the editors. `unsent`: the batch that was not sent because of them.
    pub(super) fn lose_blobs(
        &mut self,
        lost: BTreeMap<BlobId, String>,
        unsent: Option<(SessionId, BatchId)>,
    ) {
        if lost.is_empty() {
            return;
        }
        let now = self.journal.now();
        let found = self.delivery.lost.lose(&self.scene, lost, now);
        if let Some((session, batch)) = unsent
            && let Some((_, replica)) = self.delivery.replicas.of_session_mut(session)
        {
            replica.take_back(batch, now);
        }
        if found.is_empty() {
            return;
        }
        let error = self.describe_lost(&found);
        self.journal.note_error(&error, found.iter().copied());
        for session in self.delivery.replicas.sessions() {
            self.notify_lost(session, &error, &found);
        }
    }

    /// Tells an editor that has just synchronized what is withheld. Looks for the lost blobs once more.
    pub(super) fn welcome_with_lost_blobs(&mut self, session: SessionId) {
        if self.delivery.lost.is_empty() {
            return;
        }
        let uuids: Vec<Uuid> = self.delivery.lost.entities().collect();
        let error = self.describe_lost(&uuids);
        self.notify_lost(session, &error, &uuids);
        self.look_for_blobs(true);
    }

    /// Notes that the bulk data of a message is stored.
    pub(super) fn note_stored(&mut self, message: &ClientMessage) {
        if self.delivery.lost.is_empty() {
            return;
        }
        let lost = &mut self.delivery.lost;
        match message {
            ClientMessage::Intent(intent) => {
                let components = intent.changes.iter().filter_map(Change::components);
                lost.find(components.flat_map(Components::blobs));
            }
            ClientMessage::Applied { results, .. } => {
                let states = results.iter().filter_map(|result| result.state.as_ref());
                lost.find(states.flat_map(|state| state.components.blobs()));
            }
            _ => {}
        }
    }

    /// Releases the entities whose blobs are there again. Asks editors for the others.
    pub(super) fn recover_blobs(&mut self) {
        if self.delivery.lost.is_empty() {
            return;
        }
        self.delivery.lost.prune(&self.scene);
        self.look_for_blobs(false);
        let (scene, now) = (&self.scene, self.journal.now());
        let delivery = &mut self.delivery;
        for (session, uuids) in delivery.lost.requests(scene, &delivery.replicas, now) {
            self.journal.send(session, DaemonMessage::Want { uuids });
        }
    }

    fn look_for_blobs(&mut self, anyway: bool) {
        let now = self.journal.now();
        if let Some(blobs) = self.delivery.lost.look(now, anyway) {
            self.journal.push(Action::LookForBlobs { blobs });
        }
    }

    fn describe_lost(&self, uuids: &[Uuid]) -> ErrorBody {
        let code = Code::BlobDamaged;
        ErrorBody {
            code,
            message: self.delivery.lost.describe(&self.scene, uuids),
            location: uuids.first().map_or_else(String::new, Uuid::to_string),
            help: code.help().to_owned(),
        }
    }

    fn notify_lost(&mut self, session: SessionId, error: &ErrorBody, uuids: &[Uuid]) {
        let uuids = uuids.iter().copied().take(MAX_NOTICED).collect();
        self.journal
            .notify(session, Severity::Warning, error, uuids);
    }
}

fn blobs_of_intent(intent: &Intent) -> impl Iterator<Item = BlobId> + '_ {
    intent.changes.iter().flat_map(blobs_of_change)
}

fn blobs_of_change(change: &Change) -> impl Iterator<Item = BlobId> + use<> {
    let components = change.components().map(Components::blobs);
    components.into_iter().flatten()
}
