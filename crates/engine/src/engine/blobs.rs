//! The sequences for blobs that cannot be read: withhold the entities that need them, and get them back from an editor.

use std::collections::BTreeMap;

use vibesync_protocol::{ClientMessage, Code, DaemonMessage, ErrorBody, Severity};
use vibesync_scene::{BatchId, BlobId, Change, Components, SessionId, Uuid};

use super::Engine;
use crate::action::Action;

/// Most entities that a notice names.
const MAX_NOTICED: usize = 100;

impl Engine {
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
