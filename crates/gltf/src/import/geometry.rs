//! Triangles of a mesh: vertices become corners. Vertices at one position are joined, because glTF splits them wherever a
//! normal or a texture coordinate differs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vibesync_scene::{Invalid, Mesh, Submesh};

use super::accessor::Accessor;
use super::groups::{Primitive, TEXTURE_SET, UV_SETS};
use super::keys::{self, Keys, Targets};
use super::place::Place;
use super::vectors::{finite, push};
use super::work::Work;

/// Modes of primitives.
const LIST: usize = 4;
const STRIP: usize = 5;
const FAN: usize = 6;

/// The attributes of a primitive.
struct Attributes<'a> {
    position: Accessor<'a>,
    normal: Option<Accessor<'a>>,
    color: Option<Accessor<'a>>,
    uv: Vec<Option<Accessor<'a>>>,
    targets: Targets<'a>,
}

/// The attributes that at least one primitive of a mesh has: then all its corners have them.
#[derive(Clone, Copy, Default)]
struct Layout {
    has_normal: bool,
    has_color: bool,
    uv_sets: usize,
}

impl Layout {
    fn of(primitives: &[Primitive<'_>]) -> Self {
        let has = |name: &str| {
            let mut primitives = primitives.iter();
            primitives.any(|primitive| primitive.attributes.contains_key(name))
        };
        let last = (0..UV_SETS).rev().find(|set| has(&set_name(*set)));
        Self {
            has_normal: has("NORMAL"),
            has_color: has("COLOR_0"),
            uv_sets: last.map_or(0, |last| last + 1),
        }
    }

    /// Bytes of one corner, with a vertex for it.
    fn bytes(self) -> usize {
        let words = 4 + 3 * usize::from(self.has_normal) + 4 * usize::from(self.has_color);
        4 * (words + 2 * self.uv_sets)
    }
}

fn set_name(set: usize) -> String {
    format!("{TEXTURE_SET}{set}")
}

/// A mesh in work.
#[derive(Default)]
struct Builder {
    layout: Layout,
    vertex_at: HashMap<[u32; 3], u32>,
    positions: Vec<u8>,
    index: Vec<u8>,
    normals: Vec<u8>,
    colors: Vec<u8>,
    uv: [Vec<u8>; UV_SETS],
    submeshes: Vec<Submesh>,
    keys: Keys,
}

impl<'a> Work<'a, '_> {
    /// Makes a mesh with its shape keys; none if it has no triangles.
    pub fn geometry(
        &mut self,
        place: &Place<'a>,
        primitives: &[Primitive<'a>],
    ) -> Result<Option<(Mesh, Keys)>, Invalid> {
        let mut builder = Builder {
            layout: Layout::of(primitives),
            ..Builder::default()
        };
        let (mut parts, mut total) = (Vec::new(), 0_usize);
        for primitive in primitives {
            let attributes = self.attributes(primitive)?;
            let indices = self.accessor(&primitive.place.field("indices"))?;
            let elements = indices
                .as_ref()
                .map_or(attributes.position.count, |it| it.count);
            // Each element of a strip or a fan is up to one triangle.
            let most = if primitive.mode == LIST { 1 } else { 3 };
            let corners = elements.saturating_mul(most);
            let bytes = corners.saturating_mul(builder.layout.bytes());
            let keys = keys::bytes_of(corners, attributes.targets.len());
            total = total.saturating_add(bytes).saturating_add(keys);
            parts.push((primitive, attributes, indices));
        }
        self.budget.take(total, place.path())?;
        let counts: BTreeSet<usize> = parts.iter().map(|it| it.1.targets.len()).collect();
        if counts.len() > 1 {
            let message = "all primitives of a mesh have the same number of targets";
            return Err(place.field("primitives").error(message));
        }
        for (slot, (primitive, attributes, indices)) in (0..).zip(&parts) {
            let corners = corners_of(primitive, indices.as_ref(), &attributes.position)?;
            builder.add(slot, &corners, attributes)?;
        }
        if builder.submeshes.is_empty() {
            return Ok(None);
        }
        let keys = std::mem::take(&mut builder.keys);
        Ok(Some((self.finish_mesh(builder), keys)))
    }

    fn attributes(&mut self, primitive: &Primitive<'a>) -> Result<Attributes<'a>, Invalid> {
        let position = self.attribute(primitive, "POSITION", (3, 3))?;
        let place = primitive.place.field("attributes");
        let position = position.ok_or_else(|| place.error("a primitive has positions"))?;
        let mut attributes = Attributes {
            targets: self.targets(primitive, position.count)?,
            normal: self.attribute(primitive, "NORMAL", (3, 3))?,
            color: self.attribute(primitive, "COLOR_0", (3, 4))?,
            uv: Vec::new(),
            position,
        };
        for set in 0..UV_SETS {
            let accessor = self.attribute(primitive, &set_name(set), (2, 2))?;
            attributes.uv.push(accessor);
        }
        let others = [&attributes.normal, &attributes.color];
        let others = others.into_iter().chain(&attributes.uv).flatten();
        let count = attributes.position.count;
        for other in others {
            if other.count != count {
                let (path, there) = (other.path(), other.count);
                let message = format!("{path} has {there} elements for {count} vertices");
                return Err(place.error(message));
            }
        }
        Ok(attributes)
    }

    /// Returns an attribute, whose vectors have from `low` to `high` components; none if the primitive does not have it.
    fn attribute(
        &mut self,
        primitive: &Primitive<'a>,
        name: &str,
        (low, high): (usize, usize),
    ) -> Result<Option<Accessor<'a>>, Invalid> {
        let Some((_, reference)) = primitive.attributes.get(name) else {
            return Ok(None);
        };
        let accessor = self.accessor(reference)?;
        let fits = accessor
            .as_ref()
            .is_some_and(|it| (low..=high).contains(&it.width));
        match fits {
            true => Ok(accessor),
            false => Err(reference.error(format!("vectors of {low} numbers are expected"))),
        }
    }

    fn finish_mesh(&mut self, builder: Builder) -> Mesh {
        let Builder { layout, uv, .. } = builder;
        let vertex_count = (builder.positions.len() / 12) as u32;
        let corner_count = (builder.index.len() / 4) as u32;
        let mut buffers = BTreeMap::new();
        let mut keep = |name: &str, bytes: Vec<u8>, is_there: bool| {
            if is_there {
                buffers.insert(name.to_owned(), self.store(bytes));
            }
        };
        keep("position", builder.positions, true);
        keep("index", builder.index, true);
        keep("normal", builder.normals, layout.has_normal);
        keep("color0", builder.colors, layout.has_color);
        for (set, bytes) in uv.into_iter().enumerate() {
            keep(&format!("uv{set}"), bytes, set < layout.uv_sets);
        }
        Mesh {
            vertex_count,
            corner_count,
            submeshes: builder.submeshes,
            buffers,
        }
    }
}

/// Returns the vertex of each corner, three a triangle.
fn corners_of(
    primitive: &Primitive<'_>,
    indices: Option<&Accessor<'_>>,
    position: &Accessor<'_>,
) -> Result<Vec<u32>, Invalid> {
    let place = &primitive.place;
    let vertices: Vec<u32> = match indices {
        None => (0..position.count as u32).collect(),
        Some(indices) if indices.width == 1 && indices.is_unsigned() => {
            (0..indices.count).map(|at| indices.index(at)).collect()
        }
        Some(_) => return Err(place.field("indices").error("whole numbers are expected")),
    };
    let bad = vertices.iter().find(|it| **it as usize >= position.count);
    if let Some(bad) = bad {
        let message = format!("index {bad} in a primitive of {} vertices", position.count);
        return Err(place.field("indices").error(message));
    }
    match primitive.mode {
        // The front of each second triangle of a strip would be its back.
        STRIP => {
            let triangles = vertices.windows(3).enumerate();
            let turned = triangles.flat_map(|(at, triangle)| match *triangle {
                [a, b, c] if at % 2 == 0 => [a, b, c],
                [a, b, c] => [b, a, c],
                _ => [0; 3],
            });
            Ok(turned.collect())
        }
        FAN => {
            let first = vertices.first().copied().unwrap_or_default();
            let rest = vertices.get(1..).unwrap_or_default();
            let pairs = rest.windows(2).flat_map(|pair| match pair {
                [b, c] => [first, *b, *c],
                _ => [first; 3],
            });
            Ok(pairs.collect())
        }
        _ if vertices.len().is_multiple_of(3) => Ok(vertices),
        _ => Err(place.error(format!("{} corners are no whole triangles", vertices.len()))),
    }
}

impl Builder {
    /// Adds a primitive as a submesh.
    fn add(&mut self, slot: u32, corners: &[u32], from: &Attributes<'_>) -> Result<(), Invalid> {
        if corners.is_empty() {
            return Ok(());
        }
        let start = (self.index.len() / 4) as u32;
        for corner in corners {
            let position: [f32; 3] = finite(&from.position, *corner, 0.0)?;
            let next = self.vertex_at.len() as u32;
            let vertex = *self
                .vertex_at
                .entry(position.map(f32::to_bits))
                .or_insert(next);
            if vertex == next {
                push(&mut self.positions, position);
            }
            self.index.extend_from_slice(&vertex.to_le_bytes());
        }
        let vertices = self.index.as_chunks::<4>().0.iter().skip(start as usize);
        let vertices = vertices.map(|it| u32::from_le_bytes(*it));
        self.keys.add(corners, vertices, &from.targets)?;
        if self.layout.has_normal {
            self.add_normals(corners, from)?;
        }
        for (set, uv) in self.uv.iter_mut().enumerate().take(self.layout.uv_sets) {
            let accessor = from.uv.get(set).and_then(Option::as_ref);
            for corner in corners {
                let [u, v] = match accessor {
                    Some(accessor) => finite(accessor, *corner, 0.0)?,
                    None => [0.0, 0.0],
                };
                // V is down in glTF.
                push(uv, [u, 1.0 - v]);
            }
        }
        if self.layout.has_color {
            for corner in corners {
                let color: [f32; 4] = match &from.color {
                    Some(accessor) => finite(accessor, *corner, 1.0)?,
                    None => [1.0; 4],
                };
                push(&mut self.colors, color);
            }
        }
        let count = corners.len() as u32;
        self.submeshes.push(Submesh { slot, start, count });
        Ok(())
    }

    /// Adds the normals of a primitive. One without normals is flat, as glTF says.
    fn add_normals(&mut self, corners: &[u32], from: &Attributes<'_>) -> Result<(), Invalid> {
        if let Some(accessor) = &from.normal {
            for corner in corners {
                let normal: [f32; 3] = finite(accessor, *corner, 0.0)?;
                push(&mut self.normals, normal);
            }
            return Ok(());
        }
        for triangle in corners.as_chunks::<3>().0 {
            let [a, b, c] = triangle.map(|it| from.position.vector::<3>(it as usize, 0.0));
            let normal = flat_normal(a, b, c);
            (0..3).for_each(|_| push(&mut self.normals, normal));
        }
        Ok(())
    }
}

/// Returns the normal of a triangle; up for one without an area.
fn flat_normal(a: [f32; 3], b: [f32; 3], c: [f32; 3]) -> [f32; 3] {
    let minus = |[x, y, z]: [f32; 3]| {
        let [ax, ay, az] = a.map(f64::from);
        [f64::from(x) - ax, f64::from(y) - ay, f64::from(z) - az]
    };
    let ([ux, uy, uz], [vx, vy, vz]) = (minus(b), minus(c));
    let normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    let length = normal.iter().map(|it| it * it).sum::<f64>().sqrt();
    match length.is_normal() {
        true => normal.map(|it| (it / length) as f32 + 0.0),
        false => [0.0, 1.0, 0.0],
    }
}
