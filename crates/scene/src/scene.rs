//! The authoritative scene: rows by uuid, with their parents, datablocks and quarantines indexed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use uuid::Uuid;

use crate::change::Change;
use crate::entity::Entity;
use crate::last_writers::{Author, Quarantine};
use crate::row::Row;

/// All entities of a project, tombstones included.
///
/// A change costs one hash lookup, whatever the number of rows. No result depends on the order of the hash table.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// In the order of their creation. Rows are never removed, so an index stays valid.
    rows: Vec<Row>,
    index: HashMap<Uuid, usize>,
    sorted: BTreeMap<Uuid, usize>,
    children: Links,
    users: Links,
    instances: Links,
    quarantined: BTreeSet<Uuid>,
    guarded: BTreeSet<Uuid>,
    live: usize,
}

/// The referring entities of each referenced entity.
type Links = BTreeMap<Uuid, BTreeSet<Uuid>>;

/// Compares the rows, not the order of their creation.
impl PartialEq for Scene {
    fn eq(&self, other: &Self) -> bool {
        self.rows().eq(other.rows())
    }
}

impl Scene {
    /// The row of this uuid, also if it is a tombstone.
    pub fn row(&self, uuid: Uuid) -> Option<&Row> {
        self.rows.get(*self.index.get(&uuid)?)
    }

    fn row_mut(&mut self, uuid: Uuid) -> Option<&mut Row> {
        self.rows.get_mut(*self.index.get(&uuid)?)
    }

    /// The entity of this uuid unless it is deleted.
    pub fn live(&self, uuid: Uuid) -> Option<&Entity> {
        let row = self.row(uuid).filter(|row| !row.tombstone)?;
        Some(&row.entity)
    }

    /// Every row, by uuid.
    pub fn rows(&self) -> impl Iterator<Item = &Row> + Clone {
        self.sorted
            .values()
            .filter_map(|index| self.rows.get(*index))
    }

    /// The rows after this uuid in the order of uuids; all rows for none.
    pub fn rows_after(&self, uuid: Option<Uuid>) -> impl Iterator<Item = &Row> {
        let first = uuid.map_or(Bound::Unbounded, Bound::Excluded);
        let range = (first, Bound::Unbounded);
        let indices = self.sorted.range(range).map(|(_, index)| index);
        indices.filter_map(|index| self.rows.get(*index))
    }

    /// Number of entities that are not deleted.
    pub fn live_count(&self) -> usize {
        self.live
    }

    /// Number of rows, tombstones included.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no entity was ever created.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Live children of an object.
    pub fn children(&self, uuid: Uuid) -> impl Iterator<Item = Uuid> + '_ {
        self.children.get(&uuid).into_iter().flatten().copied()
    }

    /// Live entities that name this one, parents apart: objects that show it, meshes with it in a slot, members of it.
    pub fn users(&self, uuid: Uuid) -> impl Iterator<Item = Uuid> + '_ {
        self.users.get(&uuid).into_iter().flatten().copied()
    }

    /// Live objects that show an instance of this collection.
    pub fn instances(&self, collection: Uuid) -> impl Iterator<Item = Uuid> + '_ {
        self.instances
            .get(&collection)
            .into_iter()
            .flatten()
            .copied()
    }

    /// Whether an object shows an instance of a collection.
    pub fn has_instances(&self) -> bool {
        !self.instances.is_empty()
    }

    /// Returns the state that a change would overwrite; none for a new entity. For an update, these are the changed
    /// components. For a delete, or a create of an existing entity, it is the whole entity.
    pub fn before(&self, change: &Change) -> Option<Entity> {
        let entity = self.live(change.uuid())?;
        let components = match change {
            Change::Update { components, .. } => entity.components.only(components.set()),
            _ => entity.components.clone(),
        };
        Some(Entity {
            components,
            ..*entity
        })
    }

    /// Applies a change. An update or delete of an unknown entity has no effect.
    pub fn apply(&mut self, change: &Change, author: &Author) {
        let Some(row) = self.row_mut(change.uuid()) else {
            if let Some(row) = Row::created(change, author) {
                self.put(row);
            }
            return;
        };
        let before = RowLinks::from_row(row);
        row.change(change, author);
        let after = RowLinks::from_row(row);
        self.update_links(change.uuid(), before, after);
    }

    /// Undoes a change, given the result of [`Scene::before`] for it. The row gets a new version, so that editors with
    /// the undone state are known to be outdated.
    pub fn undo(&mut self, change: &Change, before: Option<&Entity>, version: u64) {
        self.apply(&change.inverse(before), &Author::authority(version));
    }

    /// Marks an entity as quarantined; an unknown uuid has no effect. The row gets a new version, so that the editor
    /// with the quarantined change is known to be outdated.
    pub fn quarantine(&mut self, uuid: Uuid, quarantine: Quarantine) {
        if let Some(row) = self.row_mut(uuid) {
            row.quarantine = Some(quarantine);
            row.version = quarantine.seq;
            self.quarantined.insert(uuid);
        }
    }

    /// The quarantined entities, by uuid.
    pub fn quarantined(&self) -> &BTreeSet<Uuid> {
        &self.quarantined
    }

    /// The objects that have a guard themselves, deleted ones included, by uuid.
    pub fn guarded(&self) -> &BTreeSet<Uuid> {
        &self.guarded
    }

    /// Inserts or replaces a row, for example from a checkpoint.
    pub fn put(&mut self, row: Row) {
        let (uuid, after) = (row.entity.uuid, RowLinks::from_row(&row));
        let before = match self.row_mut(uuid) {
            Some(old) => RowLinks::from_row(&std::mem::replace(old, row)),
            None => {
                let index = self.rows.len();
                self.index.insert(uuid, index);
                self.sorted.insert(uuid, index);
                self.rows.push(row);
                RowLinks::default()
            }
        };
        self.update_links(uuid, before, after);
    }

    /// Updates counters and links after a row has changed.
    fn update_links(&mut self, uuid: Uuid, before: RowLinks, after: RowLinks) {
        if before == after {
            return;
        }
        self.live = self.live + usize::from(after.live) - usize::from(before.live);
        relink(&mut self.children, uuid, before.parent, after.parent);
        relink(&mut self.users, uuid, before.data, after.data);
        relink(&mut self.instances, uuid, before.instanced, after.instanced);
        for gone in before.links.difference(&after.links) {
            relink(&mut self.users, uuid, Some(*gone), None);
        }
        for new in after.links.difference(&before.links) {
            relink(&mut self.users, uuid, None, Some(*new));
        }
        match after.quarantined {
            true => self.quarantined.insert(uuid),
            false => self.quarantined.remove(&uuid),
        };
        match after.guarded {
            true => self.guarded.insert(uuid),
            false => self.guarded.remove(&uuid),
        };
    }
}

fn relink(links: &mut Links, uuid: Uuid, before: Option<Uuid>, after: Option<Uuid>) {
    if before == after {
        return;
    }
    if let Some(old) = before
        && let Some(others) = links.get_mut(&old)
    {
        others.remove(&uuid);
        if others.is_empty() {
            links.remove(&old);
        }
    }
    if let Some(new) = after {
        links.entry(new).or_default().insert(uuid);
    }
}

/// The properties of a row that counters and links are made from.
#[derive(Default, PartialEq, Eq)]
struct RowLinks {
    live: bool,
    parent: Option<Uuid>,
    data: Option<Uuid>,
    instanced: Option<Uuid>,
    /// Never names the data: that is no material, no image, no collection, no object and no action.
    links: BTreeSet<Uuid>,
    quarantined: bool,
    guarded: bool,
}

impl RowLinks {
    fn from_row(row: &Row) -> Self {
        Self {
            live: !row.tombstone,
            parent: row.parent(),
            data: row.data(),
            instanced: row.instanced(),
            links: row.links(),
            quarantined: row.quarantine.is_some(),
            guarded: row.has_guard(),
        }
    }
}
