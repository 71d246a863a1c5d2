//! Concurrent changes: which are accepted, which are superseded, which are quarantined.
//!
//! Two changes are concurrent if the sender of one had not seen the other. `docs/architecture.md`, section Conflicts,
//! has the rules.

use std::fmt;

use vibesync_scene::{
    Change, Code, ComponentSet, ConflictingChange, InstanceId, Invalid, LastWriter, Role, Row,
    Scene, Uuid,
};

use crate::delivery::replica::Replica;
use crate::intake::location::ChangeLocation;
use crate::intake::pending_intents::Covered;
use crate::session::agents::AgentChanges;

/// Most entities that are named as conflicting with one change.
const MAX_CONFLICTS: usize = 16;

/// The sender of an intent, and the state that the sender had seen.
pub(crate) struct Sender<'a> {
    pub role: Role,
    /// Whether the rules for people hold; else those for automation do.
    pub is_person: bool,
    /// The sequence that the intent names.
    pub base_seq: u64,
    /// The editor's replica. Other clients have none: they read the scene when they want to.
    pub replica: Option<&'a Replica>,
    /// Entities that were delivered to the editor after it made the intent.
    pub covered: &'a Covered,
    /// Set if the intent sends again what the log lacks: the last record that the editor shares with the log.
    pub common_end: Option<u64>,
    /// The sender, if it is an agent, and the changes of all agents.
    pub agent: Option<(InstanceId, &'a AgentChanges)>,
}

/// The decision on one change.
pub(crate) enum Resolution {
    Accept {
        /// Components that are left out, because a newer change of them stands.
        superseded: ComponentSet,
        /// The changes that are overwritten: sender and transaction.
        overwrites: Vec<(Role, u64)>,
    },
    /// The change conflicts with these entities.
    Quarantine(Vec<ConflictingChange>),
}

impl Resolution {
    fn accept_all() -> Self {
        Self::accept_without(ComponentSet::default())
    }

    fn accept_without(superseded: ComponentSet) -> Self {
        Self::Accept {
            superseded,
            overwrites: Vec::new(),
        }
    }
}

impl Sender<'_> {
    /// Returns the version of an entity that an editor is known to have had when it sent the intent.
    fn known_version(&self, replica: &Replica, uuid: Uuid) -> Option<u64> {
        let before = self.covered.get(&uuid).copied();
        self.or_common_end(before.unwrap_or_else(|| replica.known_version(uuid)))
    }

    /// Replaces a version that a diverged editor has forgotten.
    fn or_common_end(&self, version: Option<u64>) -> Option<u64> {
        let seen = version.filter(|version| *version > 0);
        seen.or(self.common_end).or(version)
    }

    /// Returns the newest version of this entity that the sender had seen. An editor's own word is not enough: its
    /// `base_seq` may be above a change that is still on its way to it.
    fn version_seen(&self, uuid: Uuid) -> u64 {
        let known = self
            .replica
            .map(|replica| self.known_version(replica, uuid));
        let known = known.map(Option::unwrap_or_default);
        known.unwrap_or(u64::MAX).min(self.base_seq)
    }

    /// Returns true if the sender made this change. Editors and people at the command line are one author for each role,
    /// agents are not.
    fn is_own(&self, writer: &LastWriter) -> bool {
        let is_same_agent = |(agent, changes): (InstanceId, &AgentChanges)| {
            changes.author(writer.seq) == Some(agent)
        };
        writer.by == Some(self.role) && self.agent.is_none_or(is_same_agent)
    }

    /// Lists the changes of others to an entity that the sender had not seen, as far as the sender has such components.
    fn unseen<'r>(&'r self, row: &'r Row) -> impl Iterator<Item = &'r LastWriter> + 'r {
        let components = self.replica.map_or(ComponentSet::ALL, |it| it.components);
        let writers = row.changed.after(self.version_seen(row.entity.uuid));
        writers.filter(move |writer| {
            !self.is_own(writer) && !writer.components.and(components).is_empty()
        })
    }

    /// Returns true if the sender had seen the deletion of this tombstone.
    fn has_seen_deletion(&self, row: &Row) -> bool {
        let (uuid, deletion) = (row.entity.uuid, row.changed.newest());
        let is_known = self.replica.is_none_or(|replica| {
            let known = self.known_version(replica, uuid);
            // An editor without the entity, to which none is on its way, holds no older state of it.
            known.map_or(!replica.is_awaiting(uuid), |version| version >= deletion)
        });
        is_known && self.base_seq >= deletion
    }

    /// Returns true if the sender deleted the entity itself and knows that. One client's intents come in order, so the
    /// deletion came first, whatever `base_seq` says.
    fn has_deleted(&self, row: &Row) -> bool {
        let uuid = row.entity.uuid;
        let deletion = row.changed.after(0).last();
        let own = deletion.filter(|writer| self.is_own(writer));
        own.is_some_and(|writer| {
            self.replica.is_none_or(|replica| {
                let known = self.known_version(replica, uuid);
                writer.seq > replica.synced_at || known.is_none_or(|version| version >= writer.seq)
            })
        })
    }

    /// Returns true if the sender's earlier change of this entity was quarantined and the sender has still to receive
    /// the state that stands.
    fn builds_on_quarantined(&self, row: &Row) -> bool {
        let uuid = row.entity.uuid;
        let is_unrestored = |seq| {
            self.replica.is_some_and(|replica| {
                let known = self.known_version(replica, uuid);
                replica.is_awaiting(uuid) && known.is_none_or(|it| it < seq)
            })
        };
        let own = row.quarantine.filter(|it| it.origin == self.role);
        own.is_some_and(|it| self.base_seq < it.seq || is_unrestored(it.seq))
    }

    /// Returns the components that this editor changed later than the older file that it has opened now: the later
    /// changes stand. If the file does not know that the entity was ever sent, the changes of all others stand as well.
    fn changed_since_file(&self, row: &Row) -> ComponentSet {
        let Some(replica) = self.replica else {
            return ComponentSet::default();
        };
        let uuid = row.entity.uuid;
        let version = self.or_common_end(replica.file_version(uuid, self.base_seq));
        let is_unaware = version.is_none_or(|version| version == 0);
        let writers = row.changed.after(version.unwrap_or_default());
        let earlier = writers
            .filter(|writer| writer.seq <= replica.started_at)
            .filter(|writer| is_unaware || writer.by == Some(self.role));
        union(earlier)
    }

    /// Returns true for the deletion of an entity that came and went in records that the log lacks. Only an editor whose
    /// history has diverged sends it.
    pub fn deletes_what_the_log_lacks(&self, scene: &Scene, change: &Change) -> bool {
        let is_diverged = self.replica.is_some_and(Replica::is_diverged);
        let is_delete = matches!(change, Change::Delete { .. });
        is_diverged && is_delete && scene.row(change.uuid()).is_none()
    }

    /// Decides on this sender's change of a live or deleted entity. A new entity has no row, and no conflict.
    pub fn resolve(
        &self,
        row: Option<&Row>,
        change: &Change,
        location: ChangeLocation,
    ) -> Result<Resolution, Invalid> {
        let Some(row) = row else {
            return Ok(Resolution::accept_all());
        };
        if !self.is_person {
            self.check_automation(row, location)?;
        }
        if self.builds_on_quarantined(row) {
            return Ok(Resolution::Quarantine(vec![conflicting_change(row)]));
        }
        let changed_since_file = self.changed_since_file(row);
        if !row.tombstone {
            return Ok(self.resolve_live(row, change, changed_since_file));
        }
        match change {
            // Undoing a deletion revives the entity. A late create from before the deletion does not.
            Change::Create { .. } if self.has_seen_deletion(row) => Ok(Resolution::accept_all()),
            _ if !changed_since_file.is_empty() => {
                Ok(Resolution::accept_without(ComponentSet::ALL))
            }
            Change::Create { .. } if self.has_deleted(row) => Ok(Resolution::accept_all()),
            _ if self.unseen(row).any(|writer| writer.by.is_some()) => {
                Ok(Resolution::Quarantine(vec![conflicting_change(row)]))
            }
            _ => {
                let location = format!("{location}.uuid");
                let message = "this uuid was deleted";
                Err(Invalid::new(Code::Tombstoned, location, message))
            }
        }
    }

    fn resolve_live(
        &self,
        row: &Row,
        change: &Change,
        changed_since_file: ComponentSet,
    ) -> Resolution {
        let by_people = self
            .unseen(row)
            .filter(|writer| writer.by.is_some_and(Role::is_person));
        let theirs = union(by_people);
        let is_delete = matches!(change, Change::Delete { .. });
        let yields = with_place(changed_since_file, change.touched());
        let touched = match change.touched().without(yields) {
            _ if is_delete && !changed_since_file.is_empty() => ComponentSet::default(),
            touched => touched,
        };
        let structural = touched.without(ComponentSet::cosmetic());
        let destroys_theirs = is_delete && !touched.is_empty() && !theirs.is_empty();
        if destroys_theirs || !structural.and(theirs).is_empty() {
            return Resolution::Quarantine(vec![conflicting_change(row)]);
        }
        // A transform is relative to the parent: a move under the old parent means nothing under the new one.
        let moves = match theirs.contains("parent") {
            true => touched.and(["transform"].into_iter().collect()),
            false => ComponentSet::default(),
        };
        let accepted = touched.without(moves);
        let overwritten = self
            .unseen(row)
            .filter(|writer| !writer.components.and(accepted).is_empty());
        let overwrites = overwritten.filter_map(|writer| Some((writer.by?, writer.seq)));
        Resolution::Accept {
            superseded: change.touched().without(accepted),
            overwrites: overwrites.collect(),
        }
    }

    /// Automation may change only what it has seen, and nothing that is quarantined.
    pub fn check_automation(&self, row: &Row, location: impl fmt::Display) -> Result<(), Invalid> {
        let refuse =
            |code, message: &str| Err(Invalid::new(code, format!("{location}.uuid"), message));
        if self.is_person {
            return Ok(());
        }
        if row.quarantine.is_some() {
            return refuse(Code::Quarantined, "people disagree about this entity");
        }
        if self.unseen(row).next().is_some() {
            return refuse(Code::Stale, "this entity has changed since base_seq");
        }
        Ok(())
    }

    /// Lists the entities among these that were created, deleted or linked differently without the sender having seen it.
    pub fn moved_meanwhile<'s>(
        &'s self,
        scene: &'s Scene,
        uuids: &'s [Uuid],
    ) -> impl Iterator<Item = ConflictingChange> + 's {
        let rows = uuids.iter().filter_map(|uuid| scene.row(*uuid));
        let moved = rows.filter(|row| {
            self.unseen(row).any(|writer| {
                let components = writer.components;
                let has_links = components.contains("parent") || components.contains("data");
                writer.by.is_some() && has_links
            })
        });
        moved.map(conflicting_change).take(MAX_CONFLICTS)
    }
}

/// Returns the components that yield, with parent and transform together. A transform is relative to the parent, so the
/// transform of the file means nothing below the parent of the scene.
fn with_place(yields: ComponentSet, touched: ComponentSet) -> ComponentSet {
    let added = match (yields.contains("parent"), yields.contains("transform")) {
        (true, _) => Some("transform"),
        (_, true) if touched.contains("transform") => Some("parent"),
        _ => None,
    };
    yields.or(added.into_iter().collect())
}

fn union<'r>(writers: impl Iterator<Item = &'r LastWriter>) -> ComponentSet {
    writers.fold(ComponentSet::default(), |all, writer| {
        all.or(writer.components)
    })
}

/// Returns the newest change of an entity as the one that a change conflicts with.
pub(crate) fn conflicting_change(row: &Row) -> ConflictingChange {
    ConflictingChange {
        uuid: row.entity.uuid,
        seq: row.version,
    }
}
