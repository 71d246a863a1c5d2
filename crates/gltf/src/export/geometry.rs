//! Meshes: corners become vertices, because glTF has every attribute once a vertex. Each submesh is a primitive.

use std::collections::HashMap;

use gltf_json::mesh::{MorphTarget, Semantic};
use gltf_json::validation::Checked::Valid;
use gltf_json::{Accessor, Index, Root};
use vibesync_scene::{Armature, Components, Invalid, Mesh, check_mesh};

use super::binary::{Attributes, Binary};
use super::bulk::{Bulk, Read};
use super::influences::Influences;
use super::morphs::Morphs;
use super::tangents::Surface;
use crate::notes::{Note, Notes};

/// The normal of a corner without one.
const UP: [f32; 3] = [0.0, 1.0, 0.0];

/// Number of sets of texture coordinates that a mesh can have.
const UV_SETS: usize = 8;

/// One submesh in the file.
#[derive(Clone)]
pub(super) struct Part {
    pub vertices: usize,
    pub uv_sets: u32,
    pub attributes: Attributes,
    pub indices: Index<Accessor>,
    /// One for each shape key of the mesh.
    pub targets: Vec<MorphTarget>,
    /// Whether no joint moves some of its vertices.
    pub has_anchor: bool,
}

/// A mesh, the components of the entity whose shape keys and weights it has, and the armature that deforms it.
#[derive(Clone, Copy)]
pub(super) struct Input<'a> {
    pub mesh: &'a Mesh,
    pub data: Option<&'a Components>,
    pub armature: Option<&'a Armature>,
    pub name: &'a str,
}

/// The bytes of a mesh by buffer, checked.
struct Source<'a> {
    mesh: &'a Mesh,
    bytes: Bulk<'a>,
    morphs: Option<Morphs<'a>>,
    influences: Option<Influences<'a>>,
}

/// Reads the buffers of a mesh and adds its submeshes to the file. `tangent_sets` has the set of texture coordinates along
/// which each submesh gets tangents, if it gets some.
pub(super) fn add(
    (root, binary, notes): (&mut Root, &mut Binary, &mut Notes<Note>),
    input: Input<'_>,
    tangent_sets: &[Option<u8>],
    read: &mut Read<'_>,
) -> Result<Vec<Part>, Invalid> {
    let source = Source::read(input, notes, read)?;
    let name = input.name;
    let mut parts = Vec::new();
    for (submesh, set) in input.mesh.submeshes.iter().zip(tangent_sets) {
        let corners = submesh.start..submesh.start.saturating_add(submesh.count);
        let tangents = set.and_then(|set| source.tangents(corners.clone(), set));
        let tangents = tangents.unwrap_or_default();
        let (corner_of, indices) = source.split(corners, &tangents);
        let positions: Vec<[f32; 3]> = corner_of
            .iter()
            .map(|corner| source.position(*corner))
            .collect();
        let mut attributes = Attributes::new();
        let position = binary.vectors(root, &positions, true);
        attributes.insert(Valid(Semantic::Positions), position);
        source.add_normals((root, binary, notes), name, &corner_of, &mut attributes);
        if !tangents.is_empty() {
            let at = |corner: &u32| tangents.get((corner - submesh.start) as usize).copied();
            let tangents: Vec<[f32; 4]> = corner_of.iter().filter_map(at).collect();
            let accessor = binary.vectors(root, &tangents, false);
            attributes.insert(Valid(Semantic::Tangents), accessor);
        }
        let uv_sets = source.uv_sets();
        for set in 0..uv_sets {
            let at = |corner: &u32| source.texture_coordinates(set, *corner);
            let vectors: Vec<[f32; 2]> = corner_of.iter().map(at).collect();
            let accessor = binary.vectors(root, &vectors, false);
            attributes.insert(Valid(Semantic::TexCoords(set)), accessor);
        }
        source.add_colors((root, binary, notes), name, &corner_of, &mut attributes);
        let morphs = source.morphs.as_ref();
        let targets = morphs.map(|morphs| morphs.add((root, binary), &corner_of));
        let influences = source.influences.as_ref();
        let has_anchor = influences
            .is_some_and(|influences| influences.add((root, binary), &corner_of, &mut attributes));
        parts.push(Part {
            vertices: corner_of.len(),
            uv_sets,
            attributes,
            indices: binary.indices(root, &indices),
            targets: targets.unwrap_or_default(),
            has_anchor,
        });
    }
    Ok(parts)
}

/// Adds sets of texture coordinates at the origin, until there are `wanted`: a map must not name a set that is missing.
pub(super) fn fill_uv_sets(root: &mut Root, binary: &mut Binary, part: &mut Part, wanted: u32) {
    while part.uv_sets < wanted {
        let zeros = vec![[0.0, 0.0]; part.vertices];
        let accessor = binary.vectors::<2>(root, &zeros, false);
        let semantic = Valid(Semantic::TexCoords(part.uv_sets));
        part.attributes.insert(semantic, accessor);
        part.uv_sets += 1;
    }
}

impl<'a> Source<'a> {
    fn read(
        input: Input<'a>,
        notes: &mut Notes<Note>,
        read: &mut Read<'_>,
    ) -> Result<Self, Invalid> {
        let Input {
            mesh,
            data,
            armature,
            name,
        } = input;
        let bytes = Bulk::read(&mesh.buffers, read)?;
        check_mesh(mesh, &bytes.pieces(), name)?;
        let morphs = data.map(|data| Morphs::read((mesh, data), name, read));
        let morphs = morphs.transpose()?.flatten();
        let rigged = data.zip(armature);
        let influences = rigged
            .map(|(data, armature)| Influences::read((mesh, data), armature, (name, notes), read));
        Ok(Self {
            mesh,
            bytes,
            morphs,
            influences: influences.transpose()?.flatten(),
        })
    }

    /// Returns the tangent of each corner along a set of texture coordinates; none without normals.
    fn tangents(&self, corners: std::ops::Range<u32>, set: u8) -> Option<Vec<[f32; 4]>> {
        self.bytes.has("normal").then_some(())?;
        let texture = format!("uv{set}");
        let corners = corners.map(|corner| {
            let normal = unit(self.vector("normal", corner)).unwrap_or(UP);
            let texture = self.vector(&texture, corner);
            (self.position(corner), normal, texture)
        });
        Some(Surface::new(corners).tangents())
    }

    /// Returns the vertices that the corners need, each as one of its corners, and the vertex of each corner. Corners with the
    /// same vertex and the same attributes share one.
    fn split(&self, corners: std::ops::Range<u32>, tangents: &[[f32; 4]]) -> (Vec<u32>, Vec<u32>) {
        let buffers = self.bytes.iter().filter(|(name, _)| *name != "position");
        let strides: Vec<(&[u8], usize)> = buffers
            .map(|(_, bytes)| (bytes, self.stride(bytes)))
            .collect();
        let stride: usize = strides.iter().map(|(_, size)| size).sum();
        let stride = stride + if tangents.is_empty() { 0 } else { 16 };
        let stride = stride + 4 * self.own_vertices(corners.start).count();
        let mut records = Vec::with_capacity(stride * corners.len());
        for (i, corner) in corners.clone().enumerate() {
            let tangent = tangents.get(i).into_iter().flatten();
            records.extend(tangent.flat_map(|number| number.to_le_bytes()));
            let own = self.own_vertices(corner);
            records.extend(own.flat_map(u32::to_le_bytes));
            for (bytes, size) in &strides {
                let start = corner as usize * size;
                records.extend_from_slice(bytes.get(start..start + size).unwrap_or_default());
            }
        }
        let mut known: HashMap<&[u8], u32> = HashMap::new();
        let (mut corner_of, mut indices) = (Vec::new(), Vec::with_capacity(corners.len()));
        for (corner, record) in corners.zip(records.chunks_exact(stride.max(1))) {
            let next = corner_of.len() as u32;
            let vertex = *known.entry(record).or_insert(next);
            if vertex == next {
                corner_of.push(corner);
            }
            indices.push(vertex);
        }
        (corner_of, indices)
    }

    /// Returns the vertices that shape keys and weights have for a corner. They are their own, and may differ where those of
    /// the mesh are the same.
    fn own_vertices(&self, corner: u32) -> impl Iterator<Item = u32> {
        let key = self.morphs.as_ref().map(|it| it.vertex(corner));
        let weight = self.influences.as_ref().map(|it| it.vertex(corner));
        key.into_iter().chain(weight)
    }

    /// Returns the bytes of one corner in a buffer.
    fn stride(&self, bytes: &[u8]) -> usize {
        bytes.len() / (self.mesh.corner_count as usize).max(1)
    }

    fn position(&self, corner: u32) -> [f32; 3] {
        let vertex = self.bytes.number("index", corner as usize);
        self.bytes.vector("position", vertex as usize)
    }

    fn vector<const N: usize>(&self, buffer: &str, corner: u32) -> [f32; N] {
        self.bytes.vector(buffer, corner as usize)
    }

    /// Returns the number of sets: all up to the last that the mesh has.
    fn uv_sets(&self) -> u32 {
        let last = (0..UV_SETS).rev();
        let mut last = last.filter(|set| self.bytes.has(&format!("uv{set}")));
        last.next().map_or(0, |set| set as u32 + 1)
    }

    /// Returns texture coordinates with V down, as in glTF.
    fn texture_coordinates(&self, set: u32, corner: u32) -> [f32; 2] {
        let [u, v] = self.vector(&format!("uv{set}"), corner);
        [u, 1.0 - v]
    }

    fn add_normals(
        &self,
        (root, binary, notes): (&mut Root, &mut Binary, &mut Notes<Note>),
        name: &str,
        corner_of: &[u32],
        attributes: &mut Attributes,
    ) {
        if !self.bytes.has("normal") {
            return;
        }
        let normals = corner_of.iter().map(|corner| {
            let normal: [f32; 3] = self.vector("normal", *corner);
            unit(normal).unwrap_or_else(|| {
                notes.add_once(Note::ZeroNormals, name);
                UP
            })
        });
        let normals: Vec<[f32; 3]> = normals.collect();
        let accessor = binary.vectors(root, &normals, false);
        attributes.insert(Valid(Semantic::Normals), accessor);
    }

    fn add_colors(
        &self,
        (root, binary, notes): (&mut Root, &mut Binary, &mut Notes<Note>),
        name: &str,
        corner_of: &[u32],
        attributes: &mut Attributes,
    ) {
        if !self.bytes.has("color0") {
            return;
        }
        let colors = corner_of.iter().map(|corner| {
            let color: [f32; 4] = self.vector("color0", *corner);
            let limited = color.map(|it| it.clamp(0.0, 1.0));
            if limited != color {
                notes.add_once(Note::VertexColors, name);
            }
            limited
        });
        let colors: Vec<[f32; 4]> = colors.collect();
        let accessor = binary.vectors(root, &colors, false);
        attributes.insert(Valid(Semantic::Colors(0)), accessor);
    }
}

/// Returns a vector of length 1; none for one without a direction.
fn unit(vector: [f32; 3]) -> Option<[f32; 3]> {
    let wide = vector.map(f64::from);
    let length = wide.iter().map(|it| it * it).sum::<f64>().sqrt();
    // A normal that is a unit already keeps its bits.
    match length {
        length if (length - 1.0).abs() < 1e-6 => Some(vector),
        length if length > 0.0 => Some(wide.map(|it| (it / length) as f32)),
        _ => None,
    }
}
