//! The primitives. Each fills a cube of 1 m around the origin as far as its form allows.

use std::f64::consts::TAU;

use super::item::Item;
use super::shape::{Shape, join, unit};
use crate::daemon::Fault;

/// Distance of the middle of a torus' tube from its center, in sizes.
const TORUS_RADIUS: f64 = 0.35;

/// Radius of a torus' tube, in sizes.
const TUBE_RADIUS: f64 = 0.15;

/// Most subdivisions of an icosphere: 5,120 triangles.
const MAX_SUBDIVISIONS: u64 = 4;

/// The triangles of an icosahedron.
const ICOSAHEDRON: [u32; 60] = [
    0, 11, 5, 0, 5, 1, 0, 1, 7, 0, 7, 10, 0, 10, 11, 1, 5, 9, 5, 11, 4, 11, 10, 2, 10, 7, 6, 7, 1,
    8, 3, 9, 4, 3, 4, 2, 3, 2, 6, 3, 6, 8, 3, 8, 9, 4, 9, 5, 2, 4, 11, 6, 2, 10, 8, 6, 7, 9, 8, 1,
];

/// Makes the primitive of a change. `size` is in canonical space.
pub(super) fn make(item: &Item, size: [f64; 3]) -> Result<Shape, Fault> {
    if size
        .iter()
        .any(|it| !it.is_finite() || *it <= 0.0 || *it > 1e6)
    {
        return Err(item.wrong("size", "must be three numbers above 0, at most 1000000"));
    }
    let segments = item.fields.integer("segments");
    let around = segments.unwrap_or(32);
    let primitive = item.fields.text("primitive").unwrap_or_default();
    let is_round = !matches!(primitive, "cube" | "plane");
    match primitive {
        "ico_sphere" if segments.is_some_and(|it| it > MAX_SUBDIVISIONS) => {
            let message = format!("an ico_sphere has 1 to {MAX_SUBDIVISIONS} subdivisions");
            return Err(item.wrong("segments", message));
        }
        "ico_sphere" => {}
        _ if is_round && around < 3 => {
            return Err(item.wrong("segments", "must be at least 3"));
        }
        _ if !is_round && segments.is_some() => {
            return Err(item.wrong("segments", format!("a {primitive} has none")));
        }
        _ => {}
    }
    let around = u32::try_from(around).unwrap_or(3);
    let shape = match primitive {
        "plane" => plane(),
        "uv_sphere" => uv_sphere(around),
        "ico_sphere" => ico_sphere(segments.unwrap_or(2)),
        "cylinder" => cylinder(around),
        "cone" => cone(around),
        "torus" => torus(around),
        _ => cube(),
    };
    Ok(shape.scaled(size))
}

/// Returns the point of a circle of radius 1 about the Y axis; counter-clockwise seen from above.
fn on_circle(at: u32, around: u32) -> (f64, f64) {
    let angle = TAU * f64::from(at % around) / f64::from(around);
    (angle.cos(), -angle.sin())
}

fn cube() -> Shape {
    let mut shape = Shape::default();
    for corner in 0..8_u32 {
        let side = |bit: u32| if corner & bit == 0 { -0.5 } else { 0.5 };
        shape.positions.push([side(1), side(2), side(4)]);
    }
    // Bits of a corner: 1 is +X, 2 is +Y, 4 is +Z.
    for [a, b, c, d] in [
        [0, 4, 6, 2],
        [1, 3, 7, 5],
        [0, 1, 5, 4],
        [2, 6, 7, 3],
        [0, 2, 3, 1],
        [4, 5, 7, 6],
    ] {
        shape.flat([a, b, c]);
        shape.flat([a, c, d]);
    }
    shape
}

fn plane() -> Shape {
    let mut shape = Shape {
        positions: vec![
            [-0.5, 0.0, 0.5],
            [0.5, 0.0, 0.5],
            [0.5, 0.0, -0.5],
            [-0.5, 0.0, -0.5],
        ],
        ..Shape::default()
    };
    shape.flat([0, 1, 2]);
    shape.flat([0, 2, 3]);
    shape
}

/// Joins rings of vertices, each above the one before, with triangles. `normal` gives the normal at a vertex.
fn join_rings(
    shape: &mut Shape,
    around: u32,
    (low, high): (u32, u32),
    normal: impl Fn(u32, u32) -> [f64; 3],
) {
    for at in 0..around {
        let next = (at + 1) % around;
        let corner = |ring: u32, at: u32| (ring + at, normal(ring, at));
        let (a, na) = corner(low, at);
        let (b, nb) = corner(low, next);
        let (c, nc) = corner(high, next);
        let (d, nd) = corner(high, at);
        shape.smooth([a, b, c], [na, nb, nc]);
        shape.smooth([a, c, d], [na, nc, nd]);
    }
}

fn uv_sphere(around: u32) -> Shape {
    let rings = (around / 2).max(2);
    let mut shape = Shape::default();
    shape.positions.push([0.0, -0.5, 0.0]);
    for ring in 1..rings {
        let angle = TAU / 2.0 * f64::from(ring) / f64::from(rings);
        for at in 0..around {
            let (x, z) = on_circle(at, around);
            let radius = 0.5 * angle.sin();
            shape
                .positions
                .push([radius * x, -0.5 * angle.cos(), radius * z]);
        }
    }
    shape.positions.push([0.0, 0.5, 0.0]);
    let top = 1 + (rings - 1) * around;
    let normals: Vec<[f64; 3]> = shape
        .positions
        .iter()
        .map(|it| it.map(|c| 2.0 * c))
        .collect();
    let normal = |index: u32| {
        normals
            .get(index as usize)
            .copied()
            .unwrap_or([0.0, 1.0, 0.0])
    };
    let cap = |shape: &mut Shape, [a, b, c]: [u32; 3]| {
        shape.smooth([a, b, c], [normal(a), normal(b), normal(c)]);
    };
    for at in 0..around {
        let next = (at + 1) % around;
        cap(&mut shape, [0, 1 + next, 1 + at]);
        cap(&mut shape, [top, top - around + at, top - around + next]);
    }
    for ring in 1..rings - 1 {
        let low = 1 + (ring - 1) * around;
        join_rings(&mut shape, around, (low, low + around), |ring, at| {
            normal(ring + at)
        });
    }
    shape
}

fn ico_sphere(subdivisions: u64) -> Shape {
    let golden = (1.0 + 5.0_f64.sqrt()) / 2.0;
    let mut positions: Vec<[f64; 3]> = Vec::new();
    for (a, b) in [
        (-1.0, golden),
        (1.0, golden),
        (-1.0, -golden),
        (1.0, -golden),
    ] {
        positions.push([a, b, 0.0]);
    }
    for (a, b) in [
        (-1.0, golden),
        (1.0, golden),
        (-1.0, -golden),
        (1.0, -golden),
    ] {
        positions.push([0.0, a, b]);
    }
    for (a, b) in [
        (golden, -1.0),
        (golden, 1.0),
        (-golden, -1.0),
        (-golden, 1.0),
    ] {
        positions.push([a, 0.0, b]);
    }
    let mut positions: Vec<[f64; 3]> = positions.into_iter().filter_map(unit).collect();
    let mut triangles = ICOSAHEDRON.as_chunks::<3>().0.to_vec();
    for _ in 1..subdivisions {
        let mut halves = std::collections::BTreeMap::new();
        let mut middle = |positions: &mut Vec<[f64; 3]>, a: u32, b: u32| -> u32 {
            *halves.entry((a.min(b), a.max(b))).or_insert_with(|| {
                let at = |index: u32| positions.get(index as usize).copied().unwrap_or_default();
                let between = join(at(a), at(b), |a, b| a + b);
                positions.push(unit(between).unwrap_or_default());
                u32::try_from(positions.len() - 1).unwrap_or(0)
            })
        };
        let mut finer = Vec::with_capacity(triangles.len() * 4);
        for [a, b, c] in triangles {
            let ab = middle(&mut positions, a, b);
            let bc = middle(&mut positions, b, c);
            let ca = middle(&mut positions, c, a);
            finer.extend([[a, ab, ca], [b, bc, ab], [c, ca, bc], [ab, bc, ca]]);
        }
        triangles = finer;
    }
    let mut shape = Shape {
        positions: positions.iter().map(|it| it.map(|c| c / 2.0)).collect(),
        ..Shape::default()
    };
    for triangle in triangles {
        let normal = |index: u32| positions.get(index as usize).copied().unwrap_or_default();
        shape.smooth(triangle, triangle.map(normal));
    }
    shape
}

/// Adds a ring of vertices of radius 0.5. Returns its first vertex.
fn add_ring(shape: &mut Shape, around: u32, y: f64) -> u32 {
    let first = u32::try_from(shape.positions.len()).unwrap_or(0);
    for at in 0..around {
        let (x, z) = on_circle(at, around);
        shape.positions.push([0.5 * x, y, 0.5 * z]);
    }
    first
}

/// Closes a ring with a fan of flat triangles around a vertex in its middle.
fn add_cap(shape: &mut Shape, around: u32, ring: u32, y: f64) {
    let middle = u32::try_from(shape.positions.len()).unwrap_or(0);
    shape.positions.push([0.0, y, 0.0]);
    for at in 0..around {
        let (a, b) = (ring + at, ring + (at + 1) % around);
        match y > 0.0 {
            true => shape.flat([middle, a, b]),
            false => shape.flat([middle, b, a]),
        }
    }
}

fn cylinder(around: u32) -> Shape {
    let mut shape = Shape::default();
    let low = add_ring(&mut shape, around, -0.5);
    let high = add_ring(&mut shape, around, 0.5);
    join_rings(&mut shape, around, (low, high), |_, at| {
        let (x, z) = on_circle(at, around);
        [x, 0.0, z]
    });
    add_cap(&mut shape, around, low, -0.5);
    add_cap(&mut shape, around, high, 0.5);
    shape
}

fn cone(around: u32) -> Shape {
    let mut shape = Shape::default();
    let low = add_ring(&mut shape, around, -0.5);
    let tip = u32::try_from(shape.positions.len()).unwrap_or(0);
    shape.positions.push([0.0, 0.5, 0.0]);
    for at in 0..around {
        shape.flat([low + at, low + (at + 1) % around, tip]);
    }
    add_cap(&mut shape, around, low, -0.5);
    shape
}

fn torus(around: u32) -> Shape {
    let tube = (around / 2).max(3);
    let mut shape = Shape::default();
    let mut normals = Vec::new();
    for at in 0..around {
        let (x, z) = on_circle(at, around);
        for turn in 0..tube {
            let angle = TAU * f64::from(turn) / f64::from(tube);
            let (out, up) = (angle.cos(), angle.sin());
            let radius = TORUS_RADIUS + TUBE_RADIUS * out;
            shape
                .positions
                .push([radius * x, TUBE_RADIUS * up, radius * z]);
            normals.push([out * x, up, out * z]);
        }
    }
    let normal = |index: u32| {
        normals
            .get(index as usize)
            .copied()
            .unwrap_or([0.0, 1.0, 0.0])
    };
    for at in 0..around {
        let (ring, next) = (at * tube, (at + 1) % around * tube);
        for turn in 0..tube {
            let over = (turn + 1) % tube;
            let [a, b, c, d] = [ring + turn, next + turn, next + over, ring + over];
            shape.smooth([a, b, c], [normal(a), normal(b), normal(c)]);
            shape.smooth([a, c, d], [normal(a), normal(c), normal(d)]);
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::super::shape::cross;
    use super::*;

    fn shapes() -> Vec<(&'static str, Shape)> {
        vec![
            ("cube", cube()),
            ("uv_sphere", uv_sphere(8)),
            ("least uv_sphere", uv_sphere(3)),
            ("ico_sphere", ico_sphere(3)),
            ("cylinder", cylinder(8)),
            ("cone", cone(8)),
            ("torus", torus(8)),
        ]
    }

    #[test]
    fn closed_shapes_have_each_edge_once_in_each_direction() {
        for (name, shape) in shapes() {
            let mut edges = std::collections::BTreeSet::new();
            for [a, b, c] in &shape.triangles {
                for edge in [(*a, *b), (*b, *c), (*c, *a)] {
                    assert!(edges.insert(edge), "{name}: {edge:?} twice");
                }
            }
            assert!(
                edges.iter().all(|(a, b)| edges.contains(&(*b, *a))),
                "{name}"
            );
        }
    }

    #[test]
    fn triangles_face_outward_and_agree_with_their_normals() {
        for (name, shape) in shapes().into_iter().chain([("plane", plane())]) {
            let mut volume = 0.0;
            for (triangle, normals) in shape.triangles.iter().zip(&shape.normals) {
                let face = shape.face_normal(*triangle).unwrap();
                for normal in normals {
                    let dot: f64 = face.iter().zip(normal).map(|(a, b)| a * b).sum();
                    let length: f64 = normal.iter().map(|it| it * it).sum();
                    assert!(dot > 0.3 && (length - 1.0).abs() < 1e-9, "{name}: {dot}");
                }
                let [a, b, c] = triangle.map(|it| shape.positions[it as usize]);
                volume += a.iter().zip(cross(b, c)).map(|(a, b)| a * b).sum::<f64>();
            }
            assert!(volume > 0.0 || name == "plane", "{name} is inside out");
        }
    }

    #[test]
    fn scaled_shape_fills_its_size() {
        for (name, shape) in shapes() {
            let scaled = shape.scaled([2.0, 4.0, 6.0]);
            let reach = scaled.positions.iter().map(|it| it[0]).fold(0.0, f64::max);
            assert!((0.7..=1.0 + 1e-9).contains(&reach), "{name}: {reach}");
        }
    }
}
