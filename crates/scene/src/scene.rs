//! The scene as the authority holds it: rows by uuid, and who is whose child.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use uuid::Uuid;

use crate::change::Change;
use crate::entity::{Entity, Row};
use crate::last_writers::{Author, LastWriters, Quarantine};

/// All entities of a project, tombstones included.
///
/// A change costs one look into a hash table and one at its row, however many rows there are; nothing depends on the
/// table's own order.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// In the order of their creation: a row is never taken out, so a place once given stays.
    rows: Vec<Row>,
    places: HashMap<Uuid, usize>,
    sorted: BTreeMap<Uuid, usize>,
    children: Links,
    users: Links,
    quarantined: BTreeSet<Uuid>,
    live: usize,
}

/// Who stands on whom.
type Links = BTreeMap<Uuid, BTreeSet<Uuid>>;

/// Two scenes are equal that hold the same rows, in whatever order they were made.
impl PartialEq for Scene {
    fn eq(&self, other: &Self) -> bool {
        self.rows().eq(other.rows())
    }
}

impl Row {
    /// The row after a change; none where the change does not fit (an update or delete of nothing).
    pub fn after(before: Option<&Row>, change: &Change, author: &Author) -> Option<Row> {
        let Some(before) = before else {
            return Row::created(change, author);
        };
        let mut row = before.clone();
        row.change(change, author);
        Some(row)
    }

    /// The row that a change brings into being, if it does.
    fn created(change: &Change, author: &Author) -> Option<Row> {
        let Change::Create {
            uuid,
            kind,
            components,
        } = change
        else {
            return None;
        };
        let mut row = Row {
            entity: Entity {
                uuid: *uuid,
                kind: *kind,
                components: components.clone(),
            },
            version: author.seq,
            tombstone: false,
            changed: LastWriters::default(),
            quarantine: None,
        };
        row.changed.record(author, change.touched());
        Some(row)
    }

    /// Does a change: with [`Row::created`] the one place that says what each change does.
    fn change(&mut self, change: &Change, author: &Author) {
        match change {
            Change::Create {
                kind, components, ..
            } => {
                self.entity.kind = *kind;
                self.entity.components.clone_from(components);
            }
            Change::Update { components, .. } => self.entity.components.merge(components),
            Change::Delete { .. } => {}
        }
        self.version = author.seq;
        self.tombstone = matches!(change, Change::Delete { .. });
        self.changed.record(author, change.touched());
        self.quarantine = self.quarantine.filter(|it| !it.ends_with(author));
    }

    /// The object above, where it is above anything that lives.
    fn parent(&self) -> Option<Uuid> {
        let parent = self.entity.components.parent?.uuid;
        parent.filter(|_| !self.tombstone)
    }

    fn data(&self) -> Option<Uuid> {
        let data = self.entity.components.data?.uuid;
        data.filter(|_| !self.tombstone)
    }
}

impl Scene {
    /// The row of this uuid, live or tombstone.
    pub fn row(&self, uuid: Uuid) -> Option<&Row> {
        self.rows.get(*self.places.get(&uuid)?)
    }

    fn row_mut(&mut self, uuid: Uuid) -> Option<&mut Row> {
        self.rows.get_mut(*self.places.get(&uuid)?)
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
            .filter_map(|place| self.rows.get(*place))
    }

    /// The rows behind this uuid, or all, by uuid.
    pub fn rows_after(&self, uuid: Option<Uuid>) -> impl Iterator<Item = &Row> {
        let first = uuid.map_or(Bound::Unbounded, Bound::Excluded);
        let behind = (first, Bound::Unbounded);
        let places = self.sorted.range(behind).map(|(_, place)| place);
        places.filter_map(|place| self.rows.get(*place))
    }

    /// Number of entities that are not deleted.
    pub fn live_count(&self) -> usize {
        self.live
    }

    /// Number of rows, tombstones included.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True where nothing was ever created.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Live children of an object.
    pub fn children(&self, uuid: Uuid) -> impl Iterator<Item = Uuid> + '_ {
        self.children.get(&uuid).into_iter().flatten().copied()
    }

    /// Live objects that show this data.
    pub fn users(&self, uuid: Uuid) -> impl Iterator<Item = Uuid> + '_ {
        self.users.get(&uuid).into_iter().flatten().copied()
    }

    /// What a change would overwrite: the whole entity for a delete or a create over an existing one, the carried
    /// components for an update, nothing for a new entity.
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

    /// Does a change. A change that does not fit changes nothing.
    pub fn apply(&mut self, change: &Change, author: &Author) {
        let Some(row) = self.row_mut(change.uuid()) else {
            if let Some(row) = Row::created(change, author) {
                self.put(row);
            }
            return;
        };
        let before = Standing::of(row);
        row.change(change, author);
        let after = Standing::of(row);
        self.note(change.uuid(), before, after);
    }

    /// Undoes a change, given what [`Scene::before`] said of it. The row gets a new version, so that editors that
    /// hold the undone one are known to be behind.
    pub fn undo(&mut self, change: &Change, before: Option<&Entity>, version: u64) {
        self.apply(&change.inverse(before), &Author::authority(version));
    }

    /// Sets an entity's quarantine; of an unknown one, nothing. The row gets a new version, so that an editor that
    /// holds the change that was set aside is known to be behind.
    pub fn quarantine(&mut self, uuid: Uuid, quarantine: Quarantine) {
        if let Some(row) = self.row_mut(uuid) {
            row.quarantine = Some(quarantine);
            row.version = quarantine.seq;
            self.quarantined.insert(uuid);
        }
    }

    /// Entities that are quarantined, by uuid.
    pub fn quarantined(&self) -> &BTreeSet<Uuid> {
        &self.quarantined
    }

    /// Sets a row, as from a checkpoint.
    pub fn put(&mut self, row: Row) {
        let (uuid, after) = (row.entity.uuid, Standing::of(&row));
        let before = match self.row_mut(uuid) {
            Some(old) => Standing::of(&std::mem::replace(old, row)),
            None => {
                let place = self.rows.len();
                self.places.insert(uuid, place);
                self.sorted.insert(uuid, place);
                self.rows.push(row);
                Standing::default()
            }
        };
        self.note(uuid, before, after);
    }

    /// Keeps what is counted and linked in step with a row that has changed.
    fn note(&mut self, uuid: Uuid, before: Standing, after: Standing) {
        if before == after {
            return;
        }
        self.live = self.live + usize::from(after.live) - usize::from(before.live);
        relink(&mut self.children, uuid, before.parent, after.parent);
        relink(&mut self.users, uuid, before.data, after.data);
        match after.quarantined {
            true => self.quarantined.insert(uuid),
            false => self.quarantined.remove(&uuid),
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

/// How a row stands to the rest of the scene.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Standing {
    live: bool,
    parent: Option<Uuid>,
    data: Option<Uuid>,
    quarantined: bool,
}

impl Standing {
    fn of(row: &Row) -> Self {
        Self {
            live: !row.tombstone,
            parent: row.parent(),
            data: row.data(),
            quarantined: row.quarantine.is_some(),
        }
    }
}
