//! Meshes of the file: primitives with the materials that an object shows.

use gltf_json::mesh::Primitive;
use gltf_json::validation::Checked::Valid;
use gltf_json::{Index, Mesh};
use uuid::Uuid;
use vibesync_scene::{Components, Entity, Invalid};

use super::extras::extras_of_mesh;
use super::file::{File, MaterialRef};
use super::geometry::{self, Part};
use super::morphs;
use super::rigs::Rig;
use super::shape::Shape;
use crate::notes::Note;

impl File<'_> {
    /// Returns the texture coordinates along which the submeshes of a mesh get tangents, with these materials. One without a
    /// normal map gets those that other objects need, so that they share its arrays.
    fn tangent_sets(&self, mesh: Uuid, materials: &[Option<Uuid>]) -> Vec<Option<u8>> {
        let sets = materials.iter().enumerate().map(|(at, material)| {
            let own = material.and_then(|uuid| self.normal_set(uuid));
            own.or_else(|| self.shared_sets.get(&(mesh, at)).copied().flatten())
        });
        sets.collect()
    }

    /// Returns the texture coordinates of the normal map of a material.
    fn normal_set(&self, material: Uuid) -> Option<u8> {
        let maps = self.entities.get(&material)?.components.maps.as_ref()?;
        Some(maps.normal.as_ref()?.uv)
    }

    /// Notes for each submesh that an object shows with a normal map the texture coordinates of the map; none if objects differ.
    pub fn find_shared_sets(&mut self, object: &Entity) {
        let Some(shape) = Shape::find(self.entities, object) else {
            return;
        };
        for (at, material) in shape.materials().into_iter().enumerate() {
            if let Some(needed) = material.and_then(|uuid| self.normal_set(uuid)) {
                let known = self.shared_sets.entry((shape.uuid, at));
                let set = known.or_insert(Some(needed));
                *set = set.filter(|set| *set == needed);
            }
        }
    }

    /// Returns the mesh of an object with the materials that the object shows, and the joints that move it. Objects with the
    /// same ones share it.
    pub fn mesh(
        &mut self,
        shape: &Shape<'_>,
        rig: Option<&Rig<'_>>,
    ) -> Result<Option<Index<Mesh>>, Invalid> {
        let (uuid, mesh) = (shape.uuid, shape.mesh);
        let deformed = (uuid, rig.map(|rig| rig.data));
        let key = (deformed, shape.materials());
        if let Some(known) = self.meshes.get(&key) {
            return Ok(*known);
        }
        let name = self.name(uuid);
        if mesh.submeshes.is_empty() {
            self.notes.add(Note::EmptyMesh, &name);
        }
        let data = shape.data.filter(|_| !shape.is_evaluated());
        let sets = self.tangent_sets(uuid, &key.1);
        let known = self.parts.get(&deformed);
        if known.is_none_or(|known| !known.contains_key(&sets)) {
            let to = (&mut self.root, &mut self.binary, &mut self.notes);
            let input = geometry::Input {
                mesh,
                data: data.map(|data| &data.components),
                armature: rig.map(|rig| rig.armature),
                name: &name,
            };
            let parts = geometry::add(to, input, &sets, self.read)?;
            let known = self.parts.entry(deformed).or_default();
            known.insert(sets.clone(), parts);
        }
        let (mut primitives, mut has_anchor) = (Vec::new(), false);
        for (at, material) in key.1.iter().enumerate() {
            let material = material.map(|uuid| self.material(uuid)).transpose()?;
            let material = material.flatten();
            let uv_sets = material.map_or(0, |material| material.uv_sets);
            let parts = self.parts.get_mut(&deformed);
            let parts = parts.and_then(|known| known.get_mut(&sets));
            if let Some(part) = parts.and_then(|parts| parts.get_mut(at)) {
                geometry::fill_uv_sets(&mut self.root, &mut self.binary, part, uv_sets);
                has_anchor |= part.has_anchor;
                primitives.push(primitive(part.clone(), material));
            }
        }
        let index = (!primitives.is_empty()).then(|| {
            let data = data.map(|data| (uuid, &data.components));
            self.root.push(with_targets(name, primitives, data))
        });
        self.anchored
            .extend(index.filter(|_| has_anchor).map(|it| it.value()));
        self.meshes.insert(key, index);
        Ok(index)
    }
}

fn primitive(part: Part, material: Option<MaterialRef>) -> Primitive {
    Primitive {
        attributes: part.attributes,
        extensions: None,
        extras: None,
        indices: Some(part.indices),
        material: material.map(|material| material.index),
        mode: Valid(gltf_json::mesh::Mode::Triangles),
        targets: (!part.targets.is_empty()).then_some(part.targets),
    }
}

/// Returns a mesh with the names and the weights of its targets. `data` is the entity that has it; none for an evaluated mesh.
fn with_targets(
    name: String,
    primitives: Vec<Primitive>,
    data: Option<(Uuid, &Components)>,
) -> Mesh {
    let targets = data.map(|(_, data)| morphs::names_and_weights(data));
    let (names, weights) = targets.unwrap_or_default();
    Mesh {
        extensions: None,
        extras: data.and_then(|(uuid, _)| extras_of_mesh(uuid, &names)),
        name: Some(name),
        primitives,
        weights: (!weights.is_empty()).then_some(weights),
    }
}
