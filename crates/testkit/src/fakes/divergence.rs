//! A fake editor whose history has diverged from the daemon's log: it sends again what the log lacks.

use std::collections::BTreeSet;

use uuid::Uuid;
use vibesync_protocol::{Intent, SCHEMA_VERSION};
use vibesync_scene::{BlobId, Change, Entity, Epoch, OperationId};

use super::edit::Entities;
use super::editor::FakeEditor;

impl FakeEditor {
    /// Stores what a `welcome` says about the log.
    pub fn welcome(&mut self, epochs: Vec<Epoch>, diverged_after: Option<u64>) {
        if let Some(common_end) = diverged_after {
            self.forget_after(common_end);
            let known = self.diverged_after.into_iter();
            self.diverged_after = known.chain([common_end]).min();
        }
        self.end_divergence();
        self.epochs = epochs;
    }

    /// Ends the divergence once the daemon has answered all that it was sent.
    pub(super) fn end_divergence(&mut self) {
        if self.outbox.is_empty() {
            self.diverged_after = None;
        }
    }

    /// Forgets that anything after this record was acknowledged: entities and deletions after it are sent again.
    fn forget_after(&mut self, common_end: u64) {
        let mut lost = self.seen_after(common_end);
        lost.extend(self.held_without_version());
        let (held, gone): (Vec<Uuid>, Vec<Uuid>) = lost
            .iter()
            .partition(|uuid| self.entities.contains_key(uuid));
        let held: Entities = held
            .into_iter()
            .filter_map(|uuid| Some((uuid, self.entities.get(&uuid)?.clone())))
            .collect();
        let created = in_order(held).into_iter();
        let mut sent: Vec<Vec<Change>> = created
            .map(|entity| vec![Change::create_from(&entity)])
            .collect();
        if !gone.is_empty() {
            let deleted = gone.into_iter().map(|uuid| Change::Delete { uuid });
            sent.push(deleted.collect());
        }
        let again = sent.into_iter().map(|changes| Intent {
            operation_id: self.operation_of(common_end, &changes),
            project_id: self.project,
            schema_version: SCHEMA_VERSION,
            base_seq: common_end,
            label: "Send again".into(),
            dry_run: false,
            changes,
            request_id: None,
        });
        let mut outbox: Vec<Intent> = again.collect();
        outbox.append(&mut self.outbox);
        for intent in &mut outbox {
            intent.base_seq = intent.base_seq.min(common_end);
        }
        self.outbox = outbox;
        for uuid in &lost {
            self.versions.remove(uuid);
            self.doubted.remove(uuid);
        }
        let seen = [&mut self.head_seq, &mut self.seen_seq, &mut self.equal_seq];
        for seq in seen.into_iter().chain(self.applied.values_mut()) {
            *seq = (*seq).min(common_end);
        }
    }

    /// Returns the entities that were acknowledged or received after this record.
    fn seen_after(&self, common_end: u64) -> BTreeSet<Uuid> {
        // A refused change was not acknowledged.
        let answered = self.doubted.iter().filter(|(_, seq)| **seq < u64::MAX);
        let versions = self.versions.iter().chain(answered);
        let after = versions.filter(|(_, seq)| **seq > common_end);
        after.map(|(uuid, _)| *uuid).collect()
    }

    /// Returns the entities that have no version, and that no unanswered intent creates: a refusal was answered, but what it
    /// announced has not come.
    fn held_without_version(&self) -> Vec<Uuid> {
        let held = self.entities.keys().copied();
        held.filter(|uuid| !self.versions.contains_key(uuid) && !self.has_create_of(*uuid))
            .collect()
    }

    /// Returns an operation id that follows from the content, so that equal runs are equal.
    fn operation_of(&self, common_end: u64, changes: &[Change]) -> OperationId {
        let content = format!(
            "{} {} {common_end} {:?} {changes:?}",
            self.instance, self.head_seq, self.epochs
        );
        let hash = BlobId::hash(content.as_bytes()).to_string();
        let digits = hash.get(..32).unwrap_or_default();
        OperationId(Uuid::from_u128(
            u128::from_str_radix(digits, 16).unwrap_or_default(),
        ))
    }
}

/// Returns entities in an order in which they can be created: each after those that it names.
fn in_order(mut left: Entities) -> Vec<Entity> {
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let stands = |entity: &&Entity| {
            let mut named = entity.components.references();
            !named.any(|it| left.contains_key(&it.uuid))
        };
        // A copy may hold a cycle; then any order is as good.
        let next = left.values().find(stands).or(left.values().next());
        let Some(uuid) = next.map(|entity| entity.uuid) else {
            break;
        };
        ordered.extend(left.remove(&uuid));
    }
    ordered
}
