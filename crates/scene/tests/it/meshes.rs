//! Meshes: layout, bytes, and comparison corner by corner.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vibesync_scene::{
    BlobId, Buffer, Code, Mesh, MeshBytes, MeshPieces, Submesh, check_mesh, compare_meshes,
};

/// A mesh with its bytes.
struct Sample {
    mesh: Mesh,
    bytes: BTreeMap<&'static str, Vec<u8>>,
}

impl Sample {
    fn new(positions: &[[f32; 3]], index: &[u32]) -> Self {
        let mut bytes = BTreeMap::new();
        bytes.insert(
            "position",
            positions
                .iter()
                .flatten()
                .flat_map(|c| c.to_le_bytes())
                .collect::<Vec<u8>>(),
        );
        bytes.insert(
            "index",
            index
                .iter()
                .flat_map(|i| i.to_le_bytes())
                .collect::<Vec<u8>>(),
        );
        let corners = u32::try_from(index.len()).unwrap();
        let mut sample = Self {
            mesh: Mesh {
                vertex_count: u32::try_from(positions.len()).unwrap(),
                corner_count: corners,
                submeshes: vec![Submesh {
                    slot: 0,
                    start: 0,
                    count: corners,
                }],
                buffers: BTreeMap::new(),
            },
            bytes,
        };
        sample.describe();
        sample
    }

    fn describe(&mut self) {
        let described = self.bytes.iter().map(|(name, bytes)| {
            (
                (*name).to_owned(),
                Buffer {
                    attachment: None,
                    blob: None,
                    base: None,
                    bytes: bytes.len() as u64,
                },
            )
        });
        self.mesh.buffers = described.collect();
    }

    fn bytes(&self) -> MeshBytes<'_> {
        self.bytes
            .iter()
            .map(|(name, bytes)| (*name, bytes.as_slice()))
            .collect()
    }

    /// Cut in the middle, between two words.
    fn pieces(&self) -> MeshPieces<'_> {
        let cut = |bytes: &[u8]| bytes.len() / 8 * 4;
        self.bytes
            .iter()
            .map(|(name, bytes)| {
                let (first, last) = bytes.split_at(cut(bytes));
                (*name, vec![first, last])
            })
            .collect()
    }

    fn check(&self) -> Result<(), Code> {
        check_mesh(&self.mesh, &self.pieces(), "mesh").map_err(|invalid| invalid.code)
    }

    fn equals(&self, other: &Sample) -> bool {
        compare_meshes((&self.mesh, &self.bytes()), (&other.mesh, &other.bytes())).is_ok()
    }
}

/// Two triangles over a shared edge.
fn quad() -> Sample {
    Sample::new(
        &[
            [0.0, 0.0, 0.0],
            [1.0, 0.0, 0.0],
            [1.0, 1.0, 0.0],
            [0.0, 1.0, 0.0],
        ],
        &[0, 1, 2, 0, 2, 3],
    )
}

#[test]
fn meshes_are_equal_when_only_vertex_sharing_differs() {
    let shared = quad();
    let split = Sample::new(
        &[
            [0.0, 0.0, 0.0],
            [1.0, 0.0, 0.0],
            [1.0, 1.0, 0.0],
            [0.0, 0.0, 0.0],
            [1.0, 1.0, 0.0],
            [0.0, 1.0, 0.0],
        ],
        &[0, 1, 2, 3, 4, 5],
    );
    assert!(shared.equals(&split) && split.equals(&shared));
}

#[test]
fn meshes_differ_by_vertex_winding_or_slot() {
    let moved = Sample::new(
        &[
            [0.0, 0.0, 2e-5],
            [1.0, 0.0, 0.0],
            [1.0, 1.0, 0.0],
            [0.0, 1.0, 0.0],
        ],
        &[0, 1, 2, 0, 2, 3],
    );
    assert!(!quad().equals(&moved));
    let nearly = Sample::new(
        &[
            [0.0, 0.0, 9e-6],
            [1.0, 0.0, 0.0],
            [1.0, 1.0, 0.0],
            [0.0, 1.0, 0.0],
        ],
        &[0, 1, 2, 0, 2, 3],
    );
    assert!(quad().equals(&nearly));
    let mut turned = quad();
    turned.bytes.insert(
        "index",
        [0_u32, 2, 1, 0, 2, 3]
            .iter()
            .flat_map(|i| i.to_le_bytes())
            .collect(),
    );
    assert!(!quad().equals(&turned));
    let mut other_slot = quad();
    other_slot.mesh.submeshes[0].slot = 1;
    assert!(!quad().equals(&other_slot));
}

#[test]
fn meshes_differ_by_normal_color_or_uv_of_one_corner() {
    for (name, words) in [("normal", 3), ("color0", 4), ("uv0", 2), ("uv7", 2)] {
        let with = |value: f32| {
            let mut sample = quad();
            let mut numbers = vec![0.5_f32; 6 * words];
            numbers[5 * words + 1] = value;
            let bytes = numbers.iter().flat_map(|it| it.to_le_bytes());
            sample.bytes.insert(name, bytes.collect());
            sample.describe();
            sample
        };
        let other = with(0.5 + 2e-5);
        let expected = with(0.5);
        let difference = compare_meshes(
            (&expected.mesh, &expected.bytes()),
            (&other.mesh, &other.bytes()),
        );
        let difference = difference.unwrap_err();
        assert_eq!(
            (difference.part.as_str(), difference.corner),
            (name, Some(5))
        );
        assert!(with(0.5).equals(&with(0.5 + 5e-6)), "{name} is rounded");
    }
}

#[test]
fn meshes_differ_when_a_buffer_is_missing() {
    let mut with_uv = quad();
    with_uv.bytes.insert("uv0", vec![0; 6 * 8]);
    with_uv.describe();
    assert!(!with_uv.equals(&quad()), "the editor dropped the UVs");
    assert!(quad().equals(&with_uv), "more than was sent is no mistake");
}

#[test]
fn meshes_without_corners_are_equal_in_any_buffers() {
    let mut empty = Sample::new(&[], &[]);
    empty.mesh.submeshes.clear();
    let mut with_normals = Sample::new(&[], &[]);
    with_normals.mesh.submeshes.clear();
    with_normals.bytes.insert("normal", Vec::new());
    with_normals.describe();
    assert!(with_normals.equals(&empty) && empty.equals(&with_normals));
}

#[test]
fn inconsistent_meshes_are_refused() {
    assert_eq!(quad().check(), Ok(()));
    let mut out_of_range = quad();
    out_of_range.bytes.insert(
        "index",
        [0_u32, 1, 4, 0, 2, 3]
            .iter()
            .flat_map(|i| i.to_le_bytes())
            .collect(),
    );
    assert_eq!(out_of_range.check(), Err(Code::MeshInvalid));
    let mut not_finite = quad();
    not_finite.bytes.get_mut("position").unwrap()[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    assert_eq!(not_finite.check(), Err(Code::NumberInvalid));
    let mut short = quad();
    short.bytes.get_mut("position").unwrap().pop();
    assert_eq!(short.check(), Err(Code::MeshInvalid));
    let mut unknown = quad();
    unknown.bytes.insert("uv8", vec![0; 48]);
    unknown.describe();
    assert_eq!(unknown.check(), Err(Code::MeshInvalid));
}

#[test]
fn submeshes_are_refused_when_corners_are_not_covered() {
    let tiles = |submeshes: &[(u32, u32, u32)]| {
        let mut sample = quad();
        let submesh = |(slot, start, count): &(u32, u32, u32)| Submesh {
            slot: *slot,
            start: *start,
            count: *count,
        };
        sample.mesh.submeshes = submeshes.iter().map(submesh).collect();
        sample.check()
    };
    assert_eq!(tiles(&[(0, 0, 3), (2, 3, 3)]), Ok(()));
    let wrong: [&[(u32, u32, u32)]; 6] = [
        &[],
        &[(0, 0, 3)],
        &[(0, 0, 3), (0, 3, 3)],
        &[(0, 3, 3), (1, 0, 3)],
        &[(0, 0, 4), (1, 4, 2)],
        &[(0, 0, 9)],
    ];
    for submeshes in wrong {
        assert_eq!(tiles(submeshes), Err(Code::MeshInvalid), "{submeshes:?}");
    }
}

proptest! {
    #[test]
    fn any_mesh_equals_itself_with_its_vertices_in_another_order(
        positions in proptest::collection::vec(any::<[i16; 3]>(), 3..20),
        corners in proptest::collection::vec(any::<u32>(), 1..30),
    ) {
        let positions: Vec<[f32; 3]> = positions.iter().map(|p| p.map(|c| f32::from(c) / 64.0)).collect();
        let count = u32::try_from(positions.len()).unwrap();
        let mut index: Vec<u32> = corners.iter().map(|corner| corner % count).collect();
        index.truncate(index.len() / 3 * 3);
        prop_assume!(!index.is_empty());
        let one = Sample::new(&positions, &index);
        let reversed: Vec<[f32; 3]> = positions.iter().rev().copied().collect();
        let renumbered: Vec<u32> = index.iter().map(|i| count - 1 - i).collect();
        prop_assert!(one.equals(&Sample::new(&reversed, &renumbered)));
    }
}

#[test]
fn mesh_is_refused_when_it_has_too_many_submeshes() {
    let with = |count: u32| {
        let position = vec![0; 36];
        let index = vec![0; 12 * count as usize];
        let buffer = |bytes: &[u8]| Buffer::stored(BlobId::hash(bytes), bytes.len() as u64);
        let submesh = |slot| Submesh {
            slot,
            start: 3 * slot,
            count: 3,
        };
        let mesh = Mesh {
            vertex_count: 3,
            corner_count: 3 * count,
            submeshes: (0..count).map(submesh).collect(),
            buffers: BTreeMap::from([
                ("index".into(), buffer(&index)),
                ("position".into(), buffer(&position)),
            ]),
        };
        let bytes = [
            ("index", vec![index.as_slice()]),
            ("position", vec![position.as_slice()]),
        ];
        check_mesh(&mesh, &bytes.into_iter().collect(), "mesh")
    };
    assert_eq!(with(32_767), Ok(()));
    assert_eq!(with(32_768).unwrap_err().location, "mesh.submeshes[32767]");
}
