//! The names of all entities in one text, so that a search for a part of a name does not look at every row.

use std::collections::BTreeSet;

use memchr::memmem;
use vibesync_scene::{Scene, Uuid};

/// Number of changed entities above which the text is made anew.
const MAX_CHANGED: usize = 4_096;

/// Ends each name. It is no byte of UTF-8, so no text matches across two names.
const END: u8 = 0xFF;

/// The names of a scene in lower case. Made with the first search for a name.
#[derive(Debug, Default)]
pub(super) struct NameIndex {
    /// None until the first search.
    names: Option<Names>,
}

#[derive(Debug)]
struct Names {
    /// The names in the order of their entities' uuids, each followed by [`END`].
    text: Vec<u8>,
    /// The start of each name in the text, and its entity.
    starts: Vec<(usize, Uuid)>,
    /// Entities that may have another name than the text says.
    changed: BTreeSet<Uuid>,
}

impl NameIndex {
    /// Notes that these entities have changed.
    pub fn note_changes(&mut self, uuids: impl IntoIterator<Item = Uuid>) {
        if let Some(names) = &mut self.names {
            names.changed.extend(uuids);
            if names.changed.len() > MAX_CHANGED {
                self.names = None;
            }
        }
    }

    /// Returns the entities whose name may contain a text in lower case, by uuid. None that does is missing; changed and
    /// deleted entities may be among them.
    pub fn candidates(&mut self, scene: &Scene, text: &str) -> BTreeSet<Uuid> {
        let names = self.names.get_or_insert_with(|| Names::of(scene));
        let mut found = names.find(text);
        found.extend(&names.changed);
        found
    }
}

impl Names {
    fn of(scene: &Scene) -> Self {
        let (mut text, mut starts) = (Vec::new(), Vec::new());
        for row in scene.rows() {
            if let Some(name) = &row.entity.components.name {
                starts.push((text.len(), row.entity.uuid));
                text.extend_from_slice(name.to_lowercase().as_bytes());
                text.push(END);
            }
        }
        Self {
            text,
            starts,
            changed: BTreeSet::new(),
        }
    }

    fn find(&self, text: &str) -> BTreeSet<Uuid> {
        let hits = memmem::find_iter(&self.text, text.as_bytes());
        hits.filter_map(|at| {
            let after = self.starts.partition_point(|(start, _)| *start <= at);
            let (_, uuid) = self.starts.get(after.checked_sub(1)?)?;
            Some(*uuid)
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use vibesync_scene::{Author, Change, Components};

    use super::*;

    fn uuid(number: usize) -> Uuid {
        Uuid::from_u128(number as u128)
    }

    fn named(name: Option<&str>) -> Components {
        let name = name.map(Into::into);
        Components {
            name,
            ..Components::default()
        }
    }

    fn apply(scene: &mut Scene, change: Change) {
        let author = Author {
            seq: 1,
            by: None,
            base_seq: 0,
        };
        scene.apply(&change, &author);
    }

    fn scene(names: &[Option<&str>]) -> Scene {
        let mut scene = Scene::default();
        for (number, name) in names.iter().enumerate() {
            let change = Change::Create {
                uuid: uuid(number),
                kind: vibesync_scene::EntityKind::Object,
                components: named(*name),
            };
            apply(&mut scene, change);
        }
        scene
    }

    #[track_caller]
    fn expect(index: &mut NameIndex, scene: &Scene, text: &str, expected: &[usize]) {
        let expected: BTreeSet<Uuid> = expected.iter().map(|number| uuid(*number)).collect();
        assert_eq!(index.candidates(scene, text), expected, "{text}");
    }

    #[test]
    fn parts_of_names_are_found_in_any_case_and_never_across_two() {
        let scene = scene(&[
            Some("Stone A"),
            None,
            Some("SANDST\u{d6}NE"),
            Some(""),
            Some("a"),
        ]);
        let mut index = NameIndex::default();
        expect(&mut index, &scene, "sto", &[0]);
        expect(&mut index, &scene, "st\u{f6}ne", &[2]);
        expect(&mut index, &scene, "a", &[0, 2, 4]);
        expect(&mut index, &scene, "asand", &[]);
        expect(&mut index, &scene, "nothing", &[]);
    }

    #[test]
    fn changed_entities_are_candidates_until_the_index_is_made_again() {
        let mut scene = scene(&[Some("Wall"), Some("Stone")]);
        let mut index = NameIndex::default();
        expect(&mut index, &scene, "tower", &[]);
        let change = Change::Update {
            uuid: uuid(0),
            components: named(Some("Tower")),
        };
        apply(&mut scene, change);
        index.note_changes([uuid(0)]);
        expect(&mut index, &scene, "tower", &[0]);
        expect(&mut index, &scene, "stone", &[0, 1]);
        index.note_changes((10..=10 + MAX_CHANGED).map(uuid));
        expect(&mut index, &scene, "tower", &[0]);
        expect(&mut index, &scene, "stone", &[1]);
    }
}
