//! Rollback of a transaction together with all transactions that build on it.

use vibesync_protocol::{ApplyReason, ErrorBody, Severity};
use vibesync_scene::{OpenTransaction, Scene, Uuid};

use crate::delivery::replicas::Replicas;
use crate::intake::draft::holds_without;
use crate::journal::Journal;
use crate::session::sessions::Sessions;
use crate::transaction::lifecycle::{Ending, Transactions};
use crate::transaction::open_transactions::Transaction;

/// A transaction that was rolled back.
pub(crate) struct Undone {
    pub open: OpenTransaction,
    /// The digest of the intent's content.
    pub digest: String,
}

impl Transactions {
    /// Returns the transactions to undo together, newest first, so that the scene stays consistent: those that changed
    /// the same entities, or else also all later structural ones. Returns none if finished transactions build on them.
    pub fn cascade(&self, scene: &Scene, begin: u64) -> Option<Vec<u64>> {
        let cascades = [false, true].map(|all| self.open.with_dependents(begin, all));
        let is_consistent = |it: &Vec<u64>| holds_without(scene, self.open.steps(it));
        cascades.into_iter().find(is_consistent)
    }

    /// Undoes one transaction: in the log, in the scene, and in every editor.
    pub fn undo(
        &mut self,
        journal: &mut Journal,
        scene: &mut Scene,
        replicas: &mut Replicas,
        sessions: &Sessions,
        begin: u64,
        error: &ErrorBody,
    ) -> Option<Undone> {
        let Transaction {
            open, repeated_by, ..
        } = self.open.remove(begin)?;
        let ending = Ending {
            error: Some(error),
            repeated_by,
            ..Ending::default()
        };
        let seq = self.end(journal, sessions, &open, ending);
        for (change, before) in open.steps.iter().rev() {
            scene.undo(change, before.as_ref(), seq);
        }
        let uuids: Vec<Uuid> = open.uuids().collect();
        for replica in replicas.iter_mut() {
            for uuid in &uuids {
                if !replica.withholds(scene, *uuid) {
                    replica.queue.enqueue_full(*uuid, ApplyReason::Rollback);
                }
            }
            journal.notify(replica.session, Severity::Error, error, uuids.clone());
        }
        let operation = self.operation(open.operation_id);
        let digest = operation.map(|it| it.digest.clone()).unwrap_or_default();
        Some(Undone { open, digest })
    }
}
