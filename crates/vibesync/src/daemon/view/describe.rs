//! Describes entities with their surroundings.

use vibesync_protocol::{Describe, DescribedEntity, MAX_DESCRIBED, QueryResult};
use vibesync_scene::{EntityKind, Row, Uuid};

use super::place::world;
use super::search::count;
use super::visible::VisibleScene;

/// Describes a page of the named entities, or of a tree.
pub(super) fn describe(scene: &VisibleScene<'_>, seq: u64, question: &Describe) -> QueryResult {
    let (all, missing) = match question.uuids.is_empty() {
        true => tree(scene, question),
        false => named(scene, &question.uuids),
    };
    let limit = (question.limit as usize).clamp(1, MAX_DESCRIBED);
    let skip = question.skip as usize;
    let page = all.iter().skip(skip).take(limit);
    let described: Vec<_> = page
        .map(|(row, depth)| entity(scene, row, *depth))
        .collect();
    let end = skip.saturating_add(limit);
    let next = u32::try_from(end).ok().filter(|_| end < all.len());
    QueryResult::Describe {
        seq,
        total: all.len() as u64,
        described,
        missing,
        next,
    }
}

/// Rows with their levels, and the entities that do not exist.
type Rows<'a> = (Vec<(&'a Row, u32)>, Vec<Uuid>);

fn named<'a>(scene: &VisibleScene<'a>, uuids: &[Uuid]) -> Rows<'a> {
    let (mut rows, mut missing) = (Vec::new(), Vec::new());
    for uuid in uuids.iter().take(MAX_DESCRIBED) {
        match scene.live(*uuid) {
            Some(row) => rows.push((row, 0)),
            None => missing.push(*uuid),
        }
    }
    (rows, missing)
}

/// Returns the objects of the tree, each before the objects below it.
fn tree<'a>(scene: &VisibleScene<'a>, question: &Describe) -> Rows<'a> {
    let mut left: Vec<(Uuid, u32)> = match question.root {
        Some(root) if scene.live(root).is_none() => return (Vec::new(), vec![root]),
        Some(root) => vec![(root, 0)],
        None => roots(scene).map(|uuid| (uuid, 0)).collect(),
    };
    left.reverse();
    let mut rows = Vec::new();
    // A scene without cycles cannot have more; a damaged one must not keep the thread.
    while let Some((uuid, depth)) = left.pop().filter(|_| rows.len() < scene.scene.len()) {
        rows.extend(scene.live(uuid).map(|row| (row, depth)));
        if depth < question.depth {
            let mut children: Vec<_> = scene.children(uuid).map(|it| (it, depth + 1)).collect();
            children.reverse();
            left.extend(children);
        }
    }
    (rows, Vec::new())
}

/// Returns the objects without a parent.
fn roots(scene: &VisibleScene<'_>) -> impl Iterator<Item = Uuid> {
    let objects = scene
        .scene
        .rows()
        .filter(|row| !row.tombstone && row.entity.kind == EntityKind::Object);
    let is_root = |row: &&Row| {
        let parent = row.entity.components.parent;
        parent.and_then(|parent| parent.uuid).is_none()
    };
    objects.filter(is_root).map(|row| row.entity.uuid)
}

fn entity(scene: &VisibleScene<'_>, row: &Row, depth: u32) -> DescribedEntity {
    let uuid = row.entity.uuid;
    DescribedEntity {
        row: row.clone(),
        world: world(scene.scene, uuid),
        children: count(scene.children(uuid)),
        users: count(scene.users(uuid)),
        depth,
    }
}
