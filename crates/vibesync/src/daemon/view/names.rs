//! The names of all entities in one text, so that a search for a part of a name does not look at every row.

use std::collections::BTreeSet;

use memchr::memmem;
use vibesync_scene::{Scene, Uuid};

use super::bits::Bits;

/// Number of changed entities above which the text is made anew.
const MAX_CHANGED: usize = 4_096;

/// Number of texts whose hits are kept. An agent reads the pages of an answer one after the other.
const MAX_KEPT: usize = 8;

/// Length of such a text, in bytes.
const MAX_KEPT_BYTES: usize = 1_024;

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
    /// The numbers of their names.
    outdated: Bits,
    /// The numbers of the names that contain a text. Newest last.
    kept: Vec<(String, Bits)>,
}

impl NameIndex {
    /// Notes that these entities have changed.
    pub fn note_changes(&mut self, uuids: impl IntoIterator<Item = Uuid>) {
        if let Some(names) = &mut self.names {
            uuids.into_iter().for_each(|uuid| names.note_change(uuid));
            if names.changed.len() > MAX_CHANGED {
                self.names = None;
            }
        }
    }

    /// Looks for a text in lower case, which must not be empty.
    pub fn find(&mut self, scene: &Scene, text: &str) -> Candidates<'_> {
        let names = self.names.get_or_insert_with(|| Names::of(scene));
        names.keep(text);
        let names = &*names;
        let hits = names.kept.last().map(|(_, hits)| hits);
        Candidates { names, hits }
    }
}

/// The entities whose name may contain a text. No other entity's name does.
#[derive(Debug)]
pub(super) struct Candidates<'a> {
    names: &'a Names,
    hits: Option<&'a Bits>,
}

impl<'a> Candidates<'a> {
    /// Counts the live entities whose name contains it, without those that have changed.
    pub fn unchanged_count(&self) -> usize {
        let hits = self.hits.into_iter();
        hits.map(|hits| hits.count_without(&self.names.outdated))
            .sum()
    }

    /// Returns these entities by uuid: those after one, or all of them.
    pub fn unchanged_after(&self, after: Option<Uuid>) -> impl Iterator<Item = Uuid> + 'a {
        let names = self.names;
        let first = match after {
            Some(after) => names.starts.partition_point(|(_, uuid)| *uuid <= after),
            None => 0,
        };
        let hits = self.hits.into_iter();
        hits.flat_map(move |hits| hits.numbers_without(&names.outdated, first))
            .filter_map(|number| names.starts.get(number))
            .map(|(_, uuid)| *uuid)
    }

    /// Returns all entities that have changed since the index was made, by uuid. They may be deleted, or have another name.
    pub fn changed(&self) -> &'a BTreeSet<Uuid> {
        &self.names.changed
    }
}

impl Names {
    fn of(scene: &Scene) -> Self {
        let (mut text, mut starts) = (Vec::new(), Vec::new());
        for row in scene.rows().filter(|row| !row.tombstone) {
            if let Some(name) = &row.entity.components.name {
                starts.push((text.len(), row.entity.uuid));
                text.extend_from_slice(name.to_lowercase().as_bytes());
                text.push(END);
            }
        }
        Self {
            outdated: Bits::below(starts.len()),
            text,
            starts,
            changed: BTreeSet::new(),
            kept: Vec::new(),
        }
    }

    fn note_change(&mut self, uuid: Uuid) {
        let number = self.starts.binary_search_by_key(&uuid, |(_, uuid)| *uuid);
        if let Ok(number) = number {
            self.outdated.insert(number);
        }
        self.changed.insert(uuid);
    }

    /// Makes the hits of a text the newest ones that are kept.
    fn keep(&mut self, text: &str) {
        let known = self.kept.iter().position(|(other, _)| other == text);
        let kept = match known {
            Some(at) => self.kept.remove(at),
            None => (text.to_owned(), self.find(text)),
        };
        // The memory of these texts must be bounded. The newest one is in use.
        self.kept.retain(|(text, _)| text.len() <= MAX_KEPT_BYTES);
        if self.kept.len() >= MAX_KEPT {
            self.kept.remove(0);
        }
        self.kept.push(kept);
    }

    /// Returns the numbers of the names that contain a text. Goes from each hit to the next name.
    fn find(&self, text: &str) -> Bits {
        let finder = memmem::Finder::new(text);
        let (mut found, mut number, mut from) = (Bits::below(self.starts.len()), 0, Some(0));
        while let Some(rest) = from.and_then(|from| self.text.get(from..))
            && let Some(hit) = finder.find(rest)
        {
            let hit = self.text.len() - rest.len() + hit;
            number = self.name_at(hit, number);
            found.insert(number);
            number += 1;
            from = self.starts.get(number).map(|(start, _)| *start);
        }
        found
    }

    /// Returns the number of the name at a position in the text. It is not before the name `first`, and probably near it.
    fn name_at(&self, position: usize, first: usize) -> usize {
        let is_before = |number: usize| self.starts.get(number).is_some_and(|it| it.0 <= position);
        let (mut low, mut step) = (first, 1);
        while is_before(low + step) {
            low += step;
            step *= 2;
        }
        let near = self.starts.get(low..).unwrap_or_default();
        let near = near.get(..step).unwrap_or(near);
        low + near
            .partition_point(|it| it.0 <= position)
            .saturating_sub(1)
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

    /// Expects these unchanged and these changed entities.
    #[track_caller]
    fn expect(index: &mut NameIndex, scene: &Scene, text: &str, expected: [&[usize]; 2]) {
        let [unchanged, changed] = expected.map(|them| them.iter().map(|it| uuid(*it)).collect());
        let found = index.find(scene, text);
        let found_after = |after| Vec::from_iter(found.unchanged_after(after));
        let unchanged = Vec::from_iter::<BTreeSet<Uuid>>(unchanged);
        assert_eq!(found_after(None), unchanged, "{text}");
        assert_eq!(found.unchanged_count(), unchanged.len(), "{text}");
        for (number, uuid) in unchanged.iter().enumerate() {
            assert_eq!(found_after(Some(*uuid)), unchanged[number + 1..], "{text}");
        }
        assert_eq!(*found.changed(), changed, "{text}");
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
        expect(&mut index, &scene, "sto", [&[0], &[]]);
        expect(&mut index, &scene, "st\u{f6}ne", [&[2], &[]]);
        expect(&mut index, &scene, "a", [&[0, 2, 4], &[]]);
        expect(&mut index, &scene, "asand", [&[], &[]]);
        expect(&mut index, &scene, "nothing", [&[], &[]]);
    }

    #[test]
    fn changed_entities_are_candidates_until_the_index_is_made_again() {
        let mut scene = scene(&[Some("Wall"), Some("Stone")]);
        let mut index = NameIndex::default();
        expect(&mut index, &scene, "tower", [&[], &[]]);
        let change = Change::Update {
            uuid: uuid(0),
            components: named(Some("Tower")),
        };
        apply(&mut scene, change);
        index.note_changes([uuid(0)]);
        expect(&mut index, &scene, "tower", [&[], &[0]]);
        expect(&mut index, &scene, "wall", [&[], &[0]]);
        expect(&mut index, &scene, "stone", [&[1], &[0]]);
        index.note_changes((10..=10 + MAX_CHANGED).map(uuid));
        expect(&mut index, &scene, "tower", [&[0], &[]]);
        expect(&mut index, &scene, "stone", [&[1], &[]]);
    }

    #[test]
    fn kept_hits_are_those_of_their_text_and_bounded() {
        let names: Vec<String> = (0..MAX_KEPT + 3).map(|n| format!("<{n}>")).collect();
        let named: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
        let (mut scene, mut index) = (scene(&named), NameIndex::default());
        for _ in 0..2 {
            for (number, name) in names.iter().enumerate().skip(1) {
                expect(&mut index, &scene, name, [&[number], &[]]);
            }
        }
        let long = "<".repeat(MAX_KEPT_BYTES + 1);
        expect(&mut index, &scene, &long, [&[], &[]]);
        expect(&mut index, &scene, "<1>", [&[1], &[]]);
        let kept = &index.names.as_ref().unwrap().kept;
        assert!(kept.len() <= MAX_KEPT && kept.iter().all(|(text, _)| *text != long));
        apply(&mut scene, Change::Delete { uuid: uuid(1) });
        index.note_changes([uuid(1)]);
        expect(&mut index, &scene, "<1>", [&[], &[1]]);
    }

    #[test]
    fn deleted_entities_are_in_no_index() {
        let mut scene = scene(&[Some("Wall"), Some("Wall")]);
        apply(&mut scene, Change::Delete { uuid: uuid(0) });
        expect(&mut NameIndex::default(), &scene, "wall", [&[1], &[]]);
    }

    #[test]
    fn each_name_of_many_is_found_wherever_its_neighbors_are() {
        let names: Vec<String> = (0..300).map(|number| format!("{number:03}")).collect();
        let names: Vec<Option<&str>> = names.iter().map(|name| Some(name.as_str())).collect();
        let (scene, mut index) = (scene(&names), NameIndex::default());
        for text in ["0", "1", "7", "9", "99", "00", "299", "000", "12"] {
            let hits = (0..300).filter(|number| format!("{number:03}").contains(text));
            let hits: Vec<usize> = hits.collect();
            expect(&mut index, &scene, text, [&hits, &[]]);
        }
    }
}
