//! Tangents of normal maps, by the algorithm that glTF names: MikkTSpace. Both editors use it, so normal maps are made for it.

use bevy_mikktspace::{Geometry, TangentSpace, generate_tangents};

/// The corners of triangles, three each, and the tangents that they get.
pub(super) struct Surface {
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    /// With V up, as the algorithm expects: the second axis of a normal map points up in its image.
    texture: Vec<[f32; 2]>,
    tangents: Vec<Option<[f32; 4]>>,
}

impl Surface {
    /// Makes a surface from the position, the unit normal and the texture coordinates of each corner.
    pub fn new(corners: impl Iterator<Item = ([f32; 3], [f32; 3], [f32; 2])>) -> Self {
        let mut surface = Self {
            positions: Vec::new(),
            normals: Vec::new(),
            texture: Vec::new(),
            tangents: Vec::new(),
        };
        for (position, normal, texture) in corners {
            surface.positions.push(position);
            surface.normals.push(normal);
            surface.texture.push(texture);
        }
        surface.tangents = vec![None; surface.positions.len()];
        surface
    }

    /// Computes the tangent of each corner, a unit vector with the sign of the other axis. It is any vector at right angles to
    /// the normal if texture coordinates give no direction.
    pub fn tangents(mut self) -> Vec<[f32; 4]> {
        // An error is about memory alone; then the corners keep the other directions.
        let _ = generate_tangents(&mut self);
        let pairs = self.tangents.into_iter().zip(self.normals);
        let tangents = pairs.map(|(tangent, normal)| {
            let [x, y, z, sign] = tangent.unwrap_or_default();
            let length = (x * x + y * y + z * z).sqrt();
            match length.is_normal() {
                true => [x / length, y / length, z / length, sign],
                false => any_beside(normal),
            }
        });
        tangents.collect()
    }

    fn corner(face: usize, vertex: usize) -> usize {
        face * 3 + vertex
    }
}

impl Geometry for Surface {
    fn num_faces(&self) -> usize {
        self.positions.len() / 3
    }

    fn num_vertices_of_face(&self, _face: usize) -> usize {
        3
    }

    fn position(&self, face: usize, vertex: usize) -> [f32; 3] {
        let corner = Self::corner(face, vertex);
        self.positions.get(corner).copied().unwrap_or_default()
    }

    fn normal(&self, face: usize, vertex: usize) -> [f32; 3] {
        let corner = Self::corner(face, vertex);
        self.normals.get(corner).copied().unwrap_or_default()
    }

    fn tex_coord(&self, face: usize, vertex: usize) -> [f32; 2] {
        let corner = Self::corner(face, vertex);
        self.texture.get(corner).copied().unwrap_or_default()
    }

    fn set_tangent(&mut self, space: Option<TangentSpace>, face: usize, vertex: usize) {
        let corner = Self::corner(face, vertex);
        if let Some(tangent) = self.tangents.get_mut(corner) {
            *tangent = space.map(|space| space.tangent_encoded());
        }
    }
}

/// Returns a unit vector at right angles to a unit vector, with a sign.
fn any_beside([x, y, z]: [f32; 3]) -> [f32; 4] {
    let [x, y, z] = match x.abs() < 0.9 {
        true => [0.0, z, -y],
        false => [-z, 0.0, x],
    };
    let length = (x * x + y * y + z * z).sqrt();
    [x / length, y / length, z / length, 1.0]
}
