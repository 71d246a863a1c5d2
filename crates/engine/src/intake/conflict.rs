//! Changes made at the same time: which stand, which give way, which are set aside.
//!
//! Two changes are made at the same time when the sender of one had not seen the other. `docs/architecture.md`, section
//! Conflicts, has the rules.

use std::fmt;

use vibesync_scene::{
    Against, Change, Code, ComponentSet, Invalid, LastWriter, Role, Row, Scene, Uuid,
};

use crate::delivery::replica::Replica;
use crate::intake::check::ChangeLocation;

/// Most entities that are named as standing against one change.
const MAX_AGAINST: usize = 16;

/// Who sends an intent, and what they had seen when they made it.
pub(crate) struct Sender<'a> {
    pub role: Role,
    /// What the intent says.
    pub base_seq: u64,
    /// What the daemon knows of an editor; others read the scene when they want to.
    pub replica: Option<&'a Replica>,
}

/// What becomes of a change.
pub(crate) enum Resolution {
    /// It is done.
    Accept {
        /// Without these components: they give way.
        without: ComponentSet,
        /// Whose changes it overwrites.
        overruled: Vec<Role>,
    },
    /// It is not done: these stand against it.
    Quarantine(Vec<Against>),
}

impl Default for Resolution {
    /// Nothing stands against it.
    fn default() -> Self {
        Resolution::Accept {
            without: ComponentSet::default(),
            overruled: Vec::new(),
        }
    }
}

impl Sender<'_> {
    /// Newest change of this entity that the sender had seen.
    fn seen(&self, uuid: Uuid) -> u64 {
        let held = self
            .replica
            .map(|replica| replica.seen(uuid, self.base_seq));
        held.map_or(self.base_seq, |held| held.min(self.base_seq))
    }

    /// What others changed of an entity that the sender had not seen.
    fn unseen<'r>(&self, row: &'r Row) -> impl Iterator<Item = &'r LastWriter> {
        let role = self.role;
        let stamps = row.changed.after(self.seen(row.entity.uuid));
        stamps.filter(move |stamp| stamp.by != Some(role))
    }

    /// What this editor itself has changed since, before it ended and opened an older file: that stands. Of an entity
    /// that the file holds without knowing that it was ever sent, all that was changed by then stands, by whomever.
    fn changed_since_file(&self, row: &Row) -> ComponentSet {
        let Some(replica) = self.replica else {
            return ComponentSet::default();
        };
        let uuid = row.entity.uuid;
        let is_unaware = replica.held.get(&uuid).is_none_or(|version| *version == 0);
        let earlier = row.changed.after(self.seen(uuid));
        earlier
            .filter(|stamp| stamp.seq <= replica.began)
            .filter(|stamp| is_unaware || stamp.by == Some(self.role))
            .fold(ComponentSet::default(), |all, stamp| {
                all.or(stamp.components)
            })
    }

    /// What stands against this sender's change of a live or deleted entity.
    pub fn rule(
        &self,
        row: &Row,
        change: &Change,
        location: ChangeLocation,
    ) -> Result<Resolution, Invalid> {
        let refuse =
            |code, message: &str| Err(Invalid::new(code, format!("{location}.uuid"), message));
        if !self.role.is_person() {
            self.check_automation(row, location)?;
        }
        if row.quarantine.is_some_and(|quarantine| {
            quarantine.held == self.role && self.base_seq < quarantine.seq
        }) {
            // It builds on what was set aside.
            return Ok(Resolution::Quarantine(vec![against(row)]));
        }
        let changed_since_file = self.changed_since_file(row);
        if !row.tombstone {
            return Ok(self.rule_live(row, change, changed_since_file));
        }
        match change {
            // Undoing a deletion brings the entity back; a late create from before it does not.
            Change::Create { .. } if self.base_seq >= row.changed.newest() => {
                Ok(Resolution::default())
            }
            _ if !changed_since_file.is_empty() => Ok(Resolution::Accept {
                without: ComponentSet::ALL,
                overruled: Vec::new(),
            }),
            _ if self.unseen(row).any(|stamp| stamp.by.is_some()) => {
                Ok(Resolution::Quarantine(vec![against(row)]))
            }
            _ => refuse(Code::Tombstoned, "this uuid was deleted"),
        }
    }

    fn rule_live(
        &self,
        row: &Row,
        change: &Change,
        changed_since_file: ComponentSet,
    ) -> Resolution {
        let people = self
            .unseen(row)
            .filter(|stamp| stamp.by.is_some_and(Role::is_person));
        let theirs = people.fold(ComponentSet::default(), |all, stamp| {
            all.or(stamp.components)
        });
        let deletes = matches!(change, Change::Delete { .. });
        let touched = match change.touched().without(changed_since_file) {
            _ if deletes && !changed_since_file.is_empty() => ComponentSet::default(),
            touched => touched,
        };
        let structural = touched.without(ComponentSet::cosmetic());
        let destroys = deletes && !touched.is_empty() && !theirs.is_empty();
        if destroys || !structural.and(theirs).is_empty() {
            return Resolution::Quarantine(vec![against(row)]);
        }
        // Where an object is depends on its parent: a move under the old one means nothing under the new one.
        let moves = match theirs.contains("parent") {
            true => touched.and(["transform"].into_iter().collect()),
            false => ComponentSet::default(),
        };
        let stands = touched.without(moves);
        let without = change.touched().without(stands);
        let overwritten = self
            .unseen(row)
            .filter(|stamp| !stamp.components.and(stands).is_empty());
        let mut overruled: Vec<Role> = overwritten.filter_map(|stamp| stamp.by).collect();
        overruled.dedup();
        Resolution::Accept { without, overruled }
    }

    /// Automation acts on what it has seen, and not at all where people disagree.
    pub fn check_automation(&self, row: &Row, location: impl fmt::Display) -> Result<(), Invalid> {
        let refuse =
            |code, message: &str| Err(Invalid::new(code, format!("{location}.uuid"), message));
        if self.role.is_person() {
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

    /// Which of these entities got another parent or other data, came or went without the sender's having seen it.
    pub fn moved_meanwhile<'s>(
        &'s self,
        scene: &'s Scene,
        uuids: &'s [Uuid],
    ) -> impl Iterator<Item = Against> + 's {
        let rows = uuids.iter().filter_map(|uuid| scene.row(*uuid));
        let moved = rows.filter(|row| {
            self.unseen(row).any(|stamp| {
                let links =
                    stamp.components.contains("parent") || stamp.components.contains("data");
                stamp.by.is_some() && links
            })
        });
        moved.map(against).take(MAX_AGAINST)
    }
}

/// The newest change of an entity, as what stands.
pub(crate) fn against(row: &Row) -> Against {
    Against {
        uuid: row.entity.uuid,
        seq: row.version,
    }
}
