//! Morph targets: shape keys of a mesh. Their normals are left out; editors compute them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;
use vibesync_scene::{Invalid, ShapeKey, ShapeValues, Shapes};

use super::accessor::Accessor;
use super::groups::Primitive;
use super::place::Place;
use super::vectors::{finite, push};
use super::work::Work;

/// Longest name of a key, bytes.
const LONGEST_NAME: usize = 63;

/// Most keys of a mesh.
const MOST_KEYS: usize = 1_024;

/// Largest weight.
const MOST_WEIGHT: f64 = 10.0;

/// Bytes of a corner for its vertex and for each target: its delta, once in the buffer and once to find it again.
const VERTEX_BYTES: usize = 4;
const TARGET_BYTES: usize = 24;

/// The positions of the targets of a primitive; none for a target that moves nothing.
pub(super) type Targets<'a> = Vec<Option<Accessor<'a>>>;

/// The shape keys of a mesh in work.
#[derive(Default)]
pub(super) struct Keys {
    /// The deltas of each key.
    deltas: Vec<Vec<u8>>,
    vertex: Vec<u8>,
    /// The vertices by the vertex of the mesh and the delta of each key.
    vertex_at: HashMap<Vec<u8>, u32>,
}

impl Keys {
    /// Adds the corners of a primitive, each with its vertex in the mesh.
    pub fn add(
        &mut self,
        corners: &[u32],
        vertices: impl Iterator<Item = u32>,
        targets: &Targets<'_>,
    ) -> Result<(), Invalid> {
        self.deltas.resize(targets.len(), Vec::new());
        if targets.is_empty() {
            return Ok(());
        }
        for (corner, vertex) in corners.iter().zip(vertices) {
            let mut record = vertex.to_le_bytes().to_vec();
            for target in targets {
                let delta: [f32; 3] = match target {
                    Some(accessor) => finite(accessor, *corner, 0.0)?,
                    None => [0.0; 3],
                };
                push(&mut record, delta);
            }
            let next = self.vertex_at.len() as u32;
            if let Some(known) = self.vertex_at.get(&record) {
                self.vertex.extend_from_slice(&known.to_le_bytes());
                continue;
            }
            let moves = record.get(VERTEX_BYTES..).unwrap_or_default();
            for (deltas, delta) in self.deltas.iter_mut().zip(moves.as_chunks::<12>().0) {
                deltas.extend_from_slice(delta);
            }
            self.vertex.extend_from_slice(&next.to_le_bytes());
            self.vertex_at.insert(record, next);
        }
        Ok(())
    }
}

/// Returns the bytes that so many corners need at most.
pub(super) fn bytes_of(corners: usize, targets: usize) -> usize {
    match targets {
        0 => 0,
        _ => corners.saturating_mul(VERTEX_BYTES + TARGET_BYTES.saturating_mul(targets)),
    }
}

impl<'a> Work<'a, '_> {
    /// Returns the targets of a primitive. Fails if one does not have the vertices of the primitive.
    pub fn targets(
        &mut self,
        primitive: &Primitive<'a>,
        count: usize,
    ) -> Result<Targets<'a>, Invalid> {
        let place = primitive.place.field("targets");
        let mut targets = Vec::new();
        for target in place.items()? {
            if targets.len() == MOST_KEYS {
                return Err(place.error(format!("at most {MOST_KEYS} targets are read")));
            }
            let reference = target.field("POSITION");
            let accessor = self.accessor(&reference)?;
            if accessor
                .as_ref()
                .is_some_and(|it| (it.width, it.count) != (3, count))
            {
                return Err(reference.error(format!("{count} vectors of 3 numbers are expected")));
            }
            targets.push(accessor);
        }
        Ok(targets)
    }

    /// Returns the components of the keys of a mesh; none if it has no targets.
    pub fn finish_keys(
        &mut self,
        mesh: &Place<'_>,
        keys: Keys,
    ) -> Result<Option<(Shapes, ShapeValues)>, Invalid> {
        let count = keys.deltas.len();
        if count == 0 {
            return Ok(None);
        }
        let names = names(mesh, count);
        let mut weights = Vec::new();
        for weight in mesh.field("weights").items()?.take(count) {
            let weight = weight.number()?.unwrap_or_default();
            weights.push(weight.clamp(-MOST_WEIGHT, MOST_WEIGHT));
        }
        weights.resize(count, 0.0);
        let pairs = names.iter().zip(&weights);
        let made = pairs.clone().map(|(name, weight)| ShapeKey {
            name: name.clone(),
            relative_to: None,
            min: weight.min(0.0),
            max: weight.max(1.0),
        });
        let values = pairs.filter(|(_, weight)| **weight != 0.0);
        let values = values.map(|(name, weight)| (name.clone(), *weight));
        let values = ShapeValues {
            values: values.collect(),
        };
        let shapes = Shapes {
            vertex_count: keys.vertex_at.len() as u32,
            corner_count: (keys.vertex.len() / VERTEX_BYTES) as u32,
            keys: made.collect(),
            buffers: BTreeMap::from([
                ("delta".to_owned(), self.store(keys.deltas.concat())),
                ("vertex".to_owned(), self.store(keys.vertex)),
            ]),
        };
        Ok(Some((shapes, values)))
    }
}

/// Returns the names of the targets of a mesh, each once. They are in the extras, which may have any form.
fn names(mesh: &Place<'_>, count: usize) -> Vec<String> {
    let list = mesh.field("extras").field("targetNames");
    let mut seen = BTreeSet::new();
    let names = (0..count).map(|at| {
        let text = list.item(at).value().and_then(Value::as_str);
        let signs = text.unwrap_or_default().chars();
        let text: String = signs.filter(|sign| !sign.is_control()).collect();
        let base = match text.is_empty() {
            true => format!("Key {}", at + 1),
            false => text,
        };
        let mut numbers = 1..;
        let mut name = cut(&base, "");
        while !seen.insert(name.clone()) {
            let number = numbers.next().unwrap_or(at);
            name = cut(&base, &format!(".{number:03}"));
        }
        name
    });
    names.collect()
}

/// Returns a name with an ending, as long as a name may be.
fn cut(name: &str, ending: &str) -> String {
    let most = LONGEST_NAME.saturating_sub(ending.len());
    let mut ends = (0..=most.min(name.len())).rev();
    let end = ends.find(|end| name.is_char_boundary(*end));
    format!(
        "{}{ending}",
        name.get(..end.unwrap_or_default()).unwrap_or_default()
    )
}
