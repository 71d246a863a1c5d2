//! Formats the scene as a tree: each object below its parent, with the data that it shows.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_scene::{EntityKind, Row, Uuid};

use crate::cli::text::{Sanitized, wire_name};

/// Number of digits of a uuid that are shown.
const DIGITS: usize = 8;

/// Length at which the indentation grows no further: very deep scenes would otherwise print mostly blanks.
const MAX_INDENT: usize = 200;

/// Returns the lines of the tree. `rows` are those of the entities that are not deleted.
pub(super) fn lines(rows: &[Row]) -> Vec<String> {
    let scene = Tree::new(rows);
    let mut lines = Vec::new();
    // A list of what is left to print, because a scene may be deeper than the stack.
    let mut left: Vec<(Uuid, String, &str)> = Vec::new();
    let push = |left: &mut Vec<_>, parent: Option<Uuid>, indent: &str, has_branch: bool| {
        let children = scene.children.get(&parent).into_iter().flatten();
        let children: Vec<Uuid> = children.map(|(_, uuid)| *uuid).collect();
        for (number, child) in children.iter().enumerate().rev() {
            let branch = match (has_branch, number + 1 == children.len()) {
                (false, _) => "",
                (true, true) => "\u{2514}\u{2500} ",
                (true, false) => "\u{251C}\u{2500} ",
            };
            left.push((*child, indent.to_owned(), branch));
        }
    };
    push(&mut left, None, "", false);
    while let Some((uuid, indent, branch)) = left.pop() {
        lines.push(format!("{indent}{branch}{}", scene.object(uuid)));
        let below = match branch.chars().next() {
            _ if indent.len() > MAX_INDENT => "",
            None => "",
            Some('\u{2514}') => "   ",
            Some(_) => "\u{2502}  ",
        };
        push(&mut left, Some(uuid), &format!("{indent}{below}"), true);
    }
    let unused = scene.unused();
    if !unused.is_empty() {
        lines.push("shown by no object:".to_owned());
        lines.extend(unused.into_iter().map(|line| format!("   {line}")));
    }
    lines
}

/// The entities of a scene, and the objects below each object.
struct Tree<'a> {
    rows: BTreeMap<Uuid, &'a Row>,
    /// Objects by parent, in the order of their names. The roots have none.
    children: BTreeMap<Option<Uuid>, BTreeSet<(&'a str, Uuid)>>,
}

impl<'a> Tree<'a> {
    fn new(rows: &'a [Row]) -> Self {
        let rows: BTreeMap<Uuid, &Row> = rows.iter().map(|row| (row.entity.uuid, row)).collect();
        let mut children: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        let objects = rows
            .iter()
            .filter(|(_, row)| row.entity.kind == EntityKind::Object);
        for (uuid, row) in objects {
            let parent = row.entity.components.parent.as_ref();
            let parent = parent.and_then(|parent| parent.uuid);
            let parent = parent.filter(|parent| rows.contains_key(parent));
            let below = children.entry(parent).or_default();
            below.insert((name(row), *uuid));
        }
        Self { rows, children }
    }

    /// Describes an object: `Wheel  379facfc, mesh "Wheel" 0191abcd`.
    fn object(&self, uuid: Uuid) -> String {
        let row = self.rows.get(&uuid);
        let data = row.and_then(|row| row.entity.components.data.as_ref()?.uuid);
        let data = data.and_then(|data| self.rows.get(&data));
        let data = data.map_or_else(String::new, |data| format!(", {}", described(data)));
        let name = Sanitized(row.map_or("", |row| name(row)));
        format!("{name}  {}{data}", short(uuid))
    }

    /// Describes the entities that are no objects and that no object shows.
    fn unused(&self) -> Vec<String> {
        let shown: BTreeSet<Uuid> = self
            .rows
            .values()
            .filter_map(|row| row.entity.components.data.as_ref()?.uuid)
            .collect();
        let others = self
            .rows
            .iter()
            .filter(|(uuid, row)| row.entity.kind != EntityKind::Object && !shown.contains(uuid));
        others.map(|(_, row)| described(row)).collect()
    }
}

fn name(row: &Row) -> &str {
    row.entity.components.name.as_deref().unwrap_or_default()
}

fn described(row: &Row) -> String {
    let (kind, uuid) = (wire_name(&row.entity.kind), row.entity.uuid);
    format!("{kind} \"{}\" {}", Sanitized(name(row)), short(uuid))
}

fn short(uuid: Uuid) -> String {
    uuid.to_string().chars().take(DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use vibesync_scene::{Components, DataRef, Entity, LastWriters, Parent};

    use super::*;

    fn uuid(number: u32) -> Uuid {
        Uuid::from_u128(u128::from(number) << 96)
    }

    fn row(
        number: u32,
        kind: EntityKind,
        name: &str,
        parent: Option<u32>,
        data: Option<u32>,
    ) -> Row {
        let components = Components {
            name: Some(name.into()),
            parent: Some(Parent {
                uuid: parent.map(uuid),
            }),
            data: Some(DataRef {
                uuid: data.map(uuid),
            }),
            ..Components::default()
        };
        let entity = Entity {
            uuid: uuid(number),
            kind,
            components,
        };
        Row {
            entity,
            version: 1,
            tombstone: false,
            changed: LastWriters::default(),
            quarantine: None,
        }
    }

    #[test]
    fn objects_are_below_their_parents_with_their_data() {
        let object =
            |number, name, parent, data| row(number, EntityKind::Object, name, parent, data);
        let mesh = |number, name| row(number, EntityKind::Mesh, name, None, None);
        let rows = [
            object(1, "Robot", None, None),
            object(2, "Leg", Some(1), None),
            object(3, "Arm", Some(1), Some(6)),
            object(4, "Hand", Some(3), None),
            object(5, "Camera rig", None, None),
            mesh(6, "Gear"),
            mesh(7, "Old gear"),
        ];
        let expected = "\
Camera rig  00000005
Robot  00000001
\u{251C}\u{2500} Arm  00000003, mesh \"Gear\" 00000006
\u{2502}  \u{2514}\u{2500} Hand  00000004
\u{2514}\u{2500} Leg  00000002
shown by no object:
   mesh \"Old gear\" 00000007";
        assert_eq!(lines(&rows).join("\n"), expected);
    }

    #[test]
    fn deep_hierarchy_is_printed() {
        let rows: Vec<Row> = (0..20_000_u32)
            .map(|number| {
                let parent = number.checked_sub(1);
                row(number, EntityKind::Object, "Link", parent, None)
            })
            .collect();
        assert_eq!(lines(&rows).len(), rows.len());
    }
}
