//! The plan of an undo: the changes that take back what an agent did, and what has to stay.

use std::collections::BTreeMap;

use vibesync_protocol::{LeftOut, LeftOutReason};
use vibesync_scene::{
    Change, Code, ComponentSet, Components, Invalid, KeptEntities, LastWriter, Role, Row, Scene,
    Uuid, differing_components, keep_locked,
};

use crate::intake::draft::{Draft, is_structural};
use crate::intake::location::ChangeLocation;
use crate::revert::work::{AgentWork, EntityWork, Op, Write};

/// Most rounds of leaving out changes that rely on others which are left out: each may be one level of the hierarchy.
const MAX_ROUNDS: usize = 256;

/// The changes by entity, and what is left out.
pub(crate) struct Plan<'a> {
    scene: &'a Scene,
    work: &'a AgentWork,
    /// Entities that the asker must not be told of; none for a person.
    kept: Option<KeptEntities<'a>>,
    pub changes: BTreeMap<Uuid, Change>,
    pub left_out: Vec<LeftOut>,
}

impl<'a> Plan<'a> {
    /// Plans to take back this work. An agent is told nothing of what people keep from agents, and cannot change it.
    pub fn new(scene: &'a Scene, work: &'a AgentWork, is_for_agent: bool) -> Result<Self, Invalid> {
        let mut plan = Self {
            scene,
            work,
            kept: is_for_agent.then(|| KeptEntities::new(scene)),
            changes: BTreeMap::new(),
            left_out: Vec::new(),
        };
        for (uuid, history) in &work.entities {
            if let Some(row) = scene.row(*uuid).filter(|_| !plan.is_kept(*uuid)) {
                plan.add_entity(row, history);
            }
        }
        plan.settle_references()?;
        Ok(plan)
    }

    fn is_kept(&self, uuid: Uuid) -> bool {
        (self.kept.as_ref()).is_some_and(|kept| kept.contains(uuid))
    }

    fn add_entity(&mut self, row: &Row, history: &EntityWork) {
        let uuid = row.entity.uuid;
        if let Some(quarantine) = row.quarantine.filter(|_| self.kept.is_some()) {
            let origin = Some(quarantine.origin);
            return self.leave(uuid, ComponentSet::default(), quarantine.seq, origin);
        }
        if row.tombstone {
            return match history.deletion_run() {
                Some((_, first)) if first.op == Op::Delete => self.revive(row, history),
                // The agent has deleted what it had created and nobody else had changed.
                Some(_) => {}
                None => self.leave_newest(row),
            };
        }
        match history.existence_run() {
            Some((_, first)) if first.op == Op::Create => self.delete(row, history),
            _ => self.update(row, history),
        }
    }

    /// Deletes what the agent created, unless somebody else has changed it since.
    fn delete(&mut self, row: &Row, history: &EntityWork) {
        let uuid = row.entity.uuid;
        let mut writers = row.changed.after(0);
        let foreign = writers.find(|writer| !self.work.is_own(history, writer.seq));
        if let Some(LastWriter { seq, by, .. }) = foreign {
            self.leave(uuid, ComponentSet::default(), *seq, *by);
            return self.update(row, history);
        }
        match history.last_foreign() {
            Some(write) => {
                self.leave(uuid, ComponentSet::default(), write.begin, None);
                self.update(row, history);
            }
            None => {
                self.changes.insert(uuid, Change::Delete { uuid });
            }
        }
    }

    /// Brings back what the agent deleted, as it was before the agent's first change.
    fn revive(&mut self, row: &Row, history: &EntityWork) {
        if !self.work.is_own(history, row.changed.newest()) {
            return self.leave_newest(row);
        }
        let mut entity = row.entity.clone();
        for name in Components::NAMES {
            let component = [*name].into_iter().collect();
            let former = history.run(component);
            let former = former.and_then(|(at, _)| history.former(at, component));
            if let Some(former) = former {
                entity.components.retain(|kept| kept != *name);
                entity.components.merge(&former);
            }
        }
        let uuid = entity.uuid;
        self.changes.insert(uuid, Change::revive(&entity));
    }

    /// Returns each component that the agent wrote last to what it was.
    fn update(&mut self, row: &Row, history: &EntityWork) {
        let uuid = row.entity.uuid;
        let mut components = Components::default();
        // No agent writes a guard, locks or an evaluated mesh.
        let is_written = |name: &&&str| !["guard", "locks", "shown"].contains(*name);
        for name in Components::NAMES.iter().filter(is_written) {
            let component = [*name].into_iter().collect();
            let Some((at, _)) = history.run(component) else {
                if let Some(write) = history.overwritten(component) {
                    self.leave(uuid, component, write.begin, None);
                }
                continue;
            };
            if let Some((seq, by)) = self.find_foreign(row, history, name, at) {
                self.leave(uuid, component, seq, by);
            } else if let Some(former) = history.former(at, component) {
                components.merge(&former);
                components.mark_absent(component);
            }
        }
        keep_locked(&mut components, &row.entity.components, Role::Cli);
        let differing = differing_components(&components, &row.entity.components);
        components.retain(|name| differing.contains(name));
        if !differing.is_empty() {
            self.changes
                .insert(uuid, Change::Update { uuid, components });
        }
    }

    /// Finds a change of somebody else that has made the former value of a component meaningless. It is one of the
    /// component itself, after the log was read. A transform is relative to the parent, so a change of either counts for
    /// both.
    fn find_foreign(
        &self,
        row: &Row,
        history: &EntityWork,
        name: &str,
        at: usize,
    ) -> Option<(u64, Option<vibesync_scene::Role>)> {
        let related = match name {
            "parent" => "transform",
            "transform" => "parent",
            other => other,
        };
        let foreign: Option<&Write> = history.foreign_after(at, [related].into_iter().collect());
        if let Some(write) = foreign {
            return Some((write.begin, None));
        }
        let last = self.work.selection.last;
        let mut writers = row.changed.after(0);
        let writer = writers.find(|writer| {
            let is_of_it = writer.components.contains(name);
            let is_of_related = writer.components.contains(related) && writer.seq > last;
            (is_of_it || is_of_related) && !self.work.is_own(history, writer.seq)
        })?;
        Some((writer.seq, writer.by))
    }

    /// Leaves out changes whose references do not hold, and then those that rely on them.
    fn settle_references(&mut self) -> Result<(), Invalid> {
        for _ in 0..MAX_ROUNDS {
            let changes: Vec<Change> = self.changes.values().cloned().collect();
            let draft = Draft::new(self.scene, &changes);
            let structural = changes.iter().filter(|change| is_structural(change));
            let faults = structural.filter_map(|change| {
                let fault = draft.find_fault(change, ChangeLocation(0))?;
                Some((change, fault.culprits))
            });
            let (deletes, others): (Vec<_>, Vec<_>) =
                faults.partition(|(change, _)| matches!(change, Change::Delete { .. }));
            // The other changes may refer to entities that stay.
            let faults = if deletes.is_empty() { others } else { deletes };
            if faults.is_empty() {
                return Ok(());
            }
            for (change, culprits) in faults {
                self.leave_out(change, &culprits);
            }
        }
        let message = format!("more than {MAX_ROUNDS} levels rely on what has to stay");
        Err(Invalid::new(Code::IntentShape, "operations", message))
    }

    /// Leaves out a change that cannot be made: its links if it has any, with the place that is relative to them; else all.
    fn leave_out(&mut self, change: &Change, culprits: &[Uuid]) {
        let uuid = change.uuid();
        let mut links = ComponentSet::naming(|_| true);
        links.insert("transform");
        let (dropped, rest) = match change {
            Change::Update { components, .. } => {
                let set = components.set();
                let rest = set.without(links);
                let fast = ComponentSet::cosmetic();
                match !set.and(links).without(fast).is_empty() {
                    true => (set.and(links), components.only(rest)),
                    false => (set, Components::default()),
                }
            }
            _ => (ComponentSet::default(), Components::default()),
        };
        match rest.is_empty() {
            true => self.changes.remove(&uuid),
            false => {
                let components = rest;
                self.changes
                    .insert(uuid, Change::Update { uuid, components })
            }
        };
        let reason = match change {
            Change::Delete { .. } => LeftOutReason::Needed,
            _ => LeftOutReason::Unavailable,
        };
        let mut left_out = LeftOut::new(uuid, dropped.names(), reason);
        let culprit = culprits.iter().find(|uuid| !self.is_kept(**uuid));
        let row = culprit.and_then(|uuid| self.scene.row(*uuid));
        if let Some(writer) = row.and_then(|row| row.changed.after(0).last()) {
            self.work.name(&mut left_out, writer.seq, writer.by);
        }
        self.left_out.push(left_out);
    }

    fn leave_newest(&mut self, row: &Row) {
        if let Some(LastWriter { seq, by, .. }) = row.changed.after(0).last() {
            self.leave(row.entity.uuid, ComponentSet::default(), *seq, *by);
        }
    }

    /// Notes what somebody else has changed since; without components, the whole entity.
    fn leave(
        &mut self,
        uuid: Uuid,
        components: ComponentSet,
        seq: u64,
        by: Option<vibesync_scene::Role>,
    ) {
        let last = self.left_out.last_mut();
        if let Some(last) = last.filter(|last| last.uuid == uuid && last.seq == Some(seq)) {
            // Without components, it is the whole entity already.
            if !last.components.is_empty() {
                let names = components.names().map(str::to_owned);
                last.components.extend(names);
            }
            return;
        }
        let mut left_out = LeftOut::new(uuid, components.names(), LeftOutReason::Changed);
        self.work.name(&mut left_out, seq, by);
        self.left_out.push(left_out);
    }
}
