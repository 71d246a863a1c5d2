//! Finds the entities that meet the conditions of a search.

use std::collections::BTreeSet;

use vibesync_protocol::{FoundEntity, MAX_FOUND, Near, QueryResult, Search};
use vibesync_scene::{Entity, Row, Scene, Uuid};

use super::names::NameIndex;
use super::place::world;
use super::visible::VisibleScene;

/// Finds a page of the entities. Counts all of them.
pub(super) fn search(
    seq: u64,
    visible: &VisibleScene<'_>,
    names: &mut NameIndex,
    search: &Search,
) -> QueryResult {
    let limit = (search.limit as usize).clamp(1, MAX_FOUND);
    let Matches { total, mut page } = matches(visible, names, search, limit + 1);
    let has_more = page.len() > limit;
    page.truncate(limit);
    let rows = page.iter().filter_map(|uuid| visible.scene.row(*uuid));
    QueryResult::Search {
        seq,
        total: total as u64,
        next: page.last().copied().filter(|_| has_more),
        found: rows.map(|row| found(visible, row)).collect(),
    }
}

/// The entities that meet the conditions.
struct Matches {
    /// Number of all of them.
    total: usize,
    /// The first ones after the position of the search, by uuid.
    page: Vec<Uuid>,
}

/// Finds the entities that meet the conditions, and returns the first `most` of the page.
fn matches(
    visible: &VisibleScene<'_>,
    names: &mut NameIndex,
    search: &Search,
    most: usize,
) -> Matches {
    let scene = visible.scene;
    let conditions = Conditions::new(scene, search);
    let is_match = |row: &Row| conditions.matches(row) && visible.has(row.entity.uuid);
    let is_known_match = |uuid: &Uuid| scene.row(*uuid).is_some_and(is_match);
    let Some(text) = &conditions.text else {
        let rows = scene.rows().filter(|row| is_match(row));
        return Matches::cut(rows.map(|row| row.entity.uuid).collect(), search, most);
    };
    let candidates = names.find(scene, text);
    let changed = candidates.changed().iter().copied();
    let changed: Vec<Uuid> = changed.filter(is_known_match).collect();
    if conditions.are_text_alone() && visible.is_whole() {
        // To look at the row of each one takes far longer than to count them.
        let total = candidates.unchanged_count() + changed.len();
        let unchanged = candidates.unchanged_after(search.after).take(most);
        let page = unchanged.chain(changed).collect();
        return Matches {
            total,
            ..Matches::cut(page, search, most)
        };
    }
    let unchanged = candidates.unchanged_after(None).filter(is_known_match);
    Matches::cut(unchanged.chain(changed).collect(), search, most)
}

impl Matches {
    /// Counts the entities, and takes the first `most` after the position of the search.
    fn cut(mut all: Vec<Uuid>, search: &Search, most: usize) -> Self {
        all.sort_unstable();
        let first = match search.after {
            Some(after) => all.partition_point(|uuid| *uuid <= after),
            None => 0,
        };
        let rest = all.get(first..).unwrap_or_default();
        Self {
            total: all.len(),
            page: rest.get(..most).unwrap_or(rest).to_vec(),
        }
    }
}

fn found(scene: &VisibleScene<'_>, row: &Row) -> FoundEntity {
    let Entity {
        uuid,
        kind,
        components,
    } = &row.entity;
    FoundEntity {
        uuid: *uuid,
        kind: *kind,
        name: components.name.clone(),
        parent: components.parent.and_then(|parent| parent.uuid),
        data: components.data.and_then(|data| data.uuid),
        version: row.version,
        by: row.changed.after(0).last().and_then(|writer| writer.by),
        visible: components.visibility.map(|it| it.visible),
        position: world(scene.scene, *uuid).map(|place| place.translation),
        children: count(scene.children(*uuid)),
    }
}

pub(super) fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}

/// The conditions of a search, prepared for many rows.
struct Conditions<'a> {
    scene: &'a Scene,
    search: &'a Search,
    /// The text in lower case.
    text: Option<String>,
    /// The objects below the one that the search names.
    below: Option<BTreeSet<Uuid>>,
}

impl<'a> Conditions<'a> {
    fn new(scene: &'a Scene, search: &'a Search) -> Self {
        let text = search.text.as_ref().map(|text| text.to_lowercase());
        Self {
            scene,
            search,
            text: text.filter(|text| !text.is_empty()),
            below: search.under.map(|top| below(scene, top)),
        }
    }

    /// Returns true if the text is the only condition.
    fn are_text_alone(&self) -> bool {
        let Search {
            text, after, limit, ..
        } = self.search;
        let alone = Search {
            text: text.clone(),
            after: *after,
            limit: *limit,
            ..Search::default()
        };
        *self.search == alone
    }

    /// Looks at the cheap conditions first.
    fn matches(&self, row: &Row) -> bool {
        let (search, components) = (self.search, &row.entity.components);
        let is_last_writer = |role| row.changed.after(0).last().and_then(|it| it.by) == Some(role);
        let is_shown = components.visibility.map(|it| it.visible);
        let uuid = row.entity.uuid;
        !row.tombstone
            && search.kind.is_none_or(|kind| row.entity.kind == kind)
            && search.since_seq.is_none_or(|seq| row.version > seq)
            && search.visible.is_none_or(|shown| is_shown == Some(shown))
            && search.changed_by.is_none_or(is_last_writer)
            && (search.has.as_ref()).is_none_or(|name| components.set().contains(name))
            && (self.below.as_ref()).is_none_or(|below| below.contains(&uuid))
            && (self.text.as_ref()).is_none_or(|text| contains(components.name.as_deref(), text))
            && (search.near.as_ref()).is_none_or(|near| self.is_near(uuid, near))
    }

    fn is_near(&self, uuid: Uuid, near: &Near) -> bool {
        let Some(place) = world(self.scene, uuid) else {
            return false;
        };
        let pairs = place.translation.iter().zip(near.point);
        let square: f64 = pairs.map(|(a, b)| (a - b) * (a - b)).sum();
        square.sqrt() <= near.radius
    }
}

/// Returns true if a name contains a text, which is in lower case.
fn contains(name: Option<&str>, text: &str) -> bool {
    let Some(name) = name else { return false };
    if !(name.is_ascii() && text.is_ascii()) {
        return name.to_lowercase().contains(text);
    }
    let mut windows = name.as_bytes().windows(text.len());
    windows.any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
}

/// Returns the objects below one.
fn below(scene: &Scene, top: Uuid) -> BTreeSet<Uuid> {
    let mut found = BTreeSet::new();
    let mut left: Vec<Uuid> = scene.children(top).collect();
    while let Some(uuid) = left.pop() {
        if found.insert(uuid) {
            left.extend(scene.children(uuid));
        }
    }
    found
}
