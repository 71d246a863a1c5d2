//! The file as a whole.

use vibesync_scene::{Change, Code, check_change};
use vibesync_testkit::change::{object, showing};
use vibesync_testkit::scenes;

use crate::work::Work;

fn characters(seed: u64) -> Work {
    let scene = scenes::generate_characters(seed);
    let (entities, blobs) = (scene.entities, scene.blobs);
    Work { entities, blobs }
}

fn random(seed: u64) -> Work {
    let scene = scenes::generate(seed);
    let (entities, blobs) = (scene.entities, scene.blobs);
    Work { entities, blobs }
}

#[test]
fn same_scene_gives_the_same_bytes_in_any_order() {
    for seed in 1..=30 {
        let mut work = random(seed);
        let first = work.try_export().unwrap().file;
        work.entities.reverse();
        assert_eq!(work.try_export().unwrap().file, first, "seed {seed}");
        let mut work = characters(seed);
        let first = work.try_export().unwrap().file;
        work.entities.reverse();
        assert_eq!(work.try_export().unwrap().file, first, "seed {seed}");
    }
}

#[test]
fn characters_are_scenes_that_the_daemon_takes() {
    for seed in 1..=30 {
        for entity in characters(seed).entities {
            let kind = entity.kind;
            let create = Change::create_from(&entity);
            assert_eq!(check_change(&create, kind, "change"), Ok(()), "seed {seed}");
        }
    }
}

#[test]
fn header_and_chunks_have_their_lengths() {
    let files = (1..=10).map(|seed| random(seed).try_export().unwrap().file);
    let file = files.max_by_key(Vec::len).unwrap();
    let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!(&file[..4], b"glTF");
    assert_eq!((number(4), number(8)), (2, file.len()));
    let bin = 20 + number(12);
    assert_eq!(&file[bin + 4..bin + 8], b"BIN\0");
    assert_eq!(bin + 8 + number(bin), file.len());
}

#[test]
fn empty_scene_is_a_document_without_nodes() {
    let document = Work::default().export();
    let expected = serde_json::json!({"asset": {"generator": "test", "version": "2.0"}});
    assert_eq!(document.json, expected);
    assert!(document.export.notes.is_empty());
}

#[test]
fn missing_bulk_data_fails_with_its_code() {
    let mut work = Work::default();
    let mesh = work.mesh(9, 3, &[0, 1, 2], &[("position", &[0.0; 9])]);
    let shows = work.add(object(uuid::Uuid::from_u128(1), "Shows", None));
    work.components(shows).data = showing(shows, Some(mesh)).components().unwrap().data;
    work.blobs.clear();
    assert_eq!(work.try_export().unwrap_err().code, Code::BlobDamaged);
}
