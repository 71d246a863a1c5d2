//! Shapes: triangles with the normals of their corners, in canonical space.

use super::item::Item;
use crate::daemon::Fault;

/// Triangles with a normal for each corner.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shape {
    pub positions: Vec<[f64; 3]>,
    /// Three vertices a triangle, counter-clockwise seen from the front.
    pub triangles: Vec<[u32; 3]>,
    /// Three a triangle.
    pub normals: Vec<[[f64; 3]; 3]>,
}

impl Shape {
    /// Makes the mesh that a change carries. Its normals are those of its faces.
    pub fn own(
        item: &Item,
        to_canonical: impl Fn([f64; 3]) -> [f64; 3],
        flips: bool,
    ) -> Result<Self, Fault> {
        let numbers = item.fields.numbers("positions").unwrap_or_default();
        let indices = item.fields.indices("triangles").unwrap_or_default();
        let (points, rest) = numbers.as_chunks::<3>();
        if !rest.is_empty() || points.is_empty() {
            return Err(item.wrong("positions", "must be x, y, z of at least one vertex"));
        }
        if let Some(at) = numbers.iter().position(|it| !(*it as f32).is_finite()) {
            return Err(item.wrong(&format!("positions[{at}]"), "is too large"));
        }
        let (corners, rest) = indices.as_chunks::<3>();
        if !rest.is_empty() || corners.is_empty() {
            return Err(item.wrong("triangles", "must be three vertices for each triangle"));
        }
        let mut shape = Self {
            positions: points.iter().map(|point| to_canonical(*point)).collect(),
            ..Self::default()
        };
        for (at, [a, b, c]) in corners.iter().copied().enumerate() {
            let triangle = if flips { [a, c, b] } else { [a, b, c] };
            if let Some(bad) = triangle.iter().find(|it| shape.position(**it).is_none()) {
                let message = format!("there is no vertex {bad}");
                return Err(item.wrong(&format!("triangles[{}]", 3 * at), message));
            }
            let Some(normal) = shape.face_normal(triangle) else {
                return Err(item.wrong(&format!("triangles[{}]", 3 * at), "has no area"));
            };
            shape.triangles.push(triangle);
            shape.normals.push([normal; 3]);
        }
        Ok(shape)
    }

    fn position(&self, index: u32) -> Option<[f64; 3]> {
        self.positions.get(index as usize).copied()
    }

    /// Returns the direction that a triangle faces; none if it has no area.
    pub fn face_normal(&self, [a, b, c]: [u32; 3]) -> Option<[f64; 3]> {
        let (a, b, c) = (self.position(a)?, self.position(b)?, self.position(c)?);
        unit(cross(minus(b, a), minus(c, a)))
    }

    /// Adds a triangle whose corners have the normal of its face.
    pub fn flat(&mut self, triangle: [u32; 3]) {
        let normal = self.face_normal(triangle).unwrap_or([0.0, 1.0, 0.0]);
        self.triangles.push(triangle);
        self.normals.push([normal; 3]);
    }

    /// Adds a triangle with these normals.
    pub fn smooth(&mut self, triangle: [u32; 3], normals: [[f64; 3]; 3]) {
        self.triangles.push(triangle);
        self.normals.push(normals);
    }

    /// Scales the shape. Normals are scaled by the inverse, so that they stay upright on their faces.
    pub fn scaled(mut self, size: [f64; 3]) -> Self {
        for position in &mut self.positions {
            *position = join(*position, size, |p, s| p * s);
        }
        for normal in self.normals.iter_mut().flatten() {
            *normal = unit(join(*normal, size, |n, s| n / s)).unwrap_or(*normal);
        }
        self
    }
}

fn minus(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    join(a, b, |a, b| a - b)
}

pub(super) fn join(
    [ax, ay, az]: [f64; 3],
    [bx, by, bz]: [f64; 3],
    join: impl Fn(f64, f64) -> f64,
) -> [f64; 3] {
    [join(ax, bx), join(ay, by), join(az, bz)]
}

pub(super) fn cross([ax, ay, az]: [f64; 3], [bx, by, bz]: [f64; 3]) -> [f64; 3] {
    [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx]
}

/// Returns the vector with the length 1; none if it has no direction that float32 could hold.
pub(super) fn unit(vector: [f64; 3]) -> Option<[f64; 3]> {
    let length = vector.iter().map(|it| it * it).sum::<f64>().sqrt();
    (length > 1e-12).then(|| vector.map(|it| it / length))
}
