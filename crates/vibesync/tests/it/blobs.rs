//! `vibesync blobs`, and the collector of a running daemon.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vibesync_scene::{BlobId, Change, Role, Uuid, apply_patch};
use vibesync_store::blobs::BlobStore;
use vibesync_store::disk::RealDisk;
use vibesync_testkit::{Daemon, EditorSession};

use crate::harness::{TIMEOUT, create_triangle, editor};
use crate::project::TestProject;

const MESH: Uuid = Uuid::from_u128(0x3E54);
const INDEX: [u32; 3] = [0, 1, 2];
/// Bytes of the two buffers of a triangle.
const TRIANGLE: u64 = 36 + 12;

/// A project with a daemon, and the only editor.
struct Sculpting {
    project: TestProject,
    daemon: Daemon,
    blender: EditorSession,
}

impl Sculpting {
    fn new(settings: &str) -> Self {
        let project = TestProject::new();
        project.file(".vibesync/vibesync.toml", settings);
        let daemon = project.start();
        let editor = editor(&daemon, Role::Blender);
        let blender = EditorSession::join(&daemon, editor, TIMEOUT).unwrap();
        Self {
            project,
            daemon,
            blender,
        }
    }

    /// Makes an edit, and waits until it is on the disk.
    fn edit(&mut self, change: Change) {
        self.blender.edit(vec![change]).unwrap();
        while !self.blender.editor.outbox.is_empty() {
            self.blender.hear().unwrap();
        }
    }

    /// Gives the triangle a new shape. The first one creates it.
    fn sculpt(&mut self, number: u16) {
        let change = shape(&mut self.blender, number);
        self.edit(match number {
            0 => change,
            _ => update(&change),
        });
    }

    fn store(&self) -> BlobStore {
        BlobStore::read_only(Arc::new(RealDisk), &folder(&self.project))
    }

    fn has_shape(&self, number: u16) -> bool {
        let id = BlobId::hash(&positions(number));
        self.store().contains(id).unwrap()
    }

    /// Waits until the history has so many commits.
    fn wait_for_commits(&self, count: usize) -> Vec<String> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let ran = self.project.run(&["audit", "log", "--json", "-n", "1000"]);
            let commits: Vec<Value> = ran
                .out
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
            if commits.len() >= count {
                let ids = commits.iter().map(|it| it["commit"].as_str().unwrap());
                return ids.map(str::to_owned).collect();
            }
            assert!(Instant::now() < deadline, "{ran:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn folder(project: &TestProject) -> PathBuf {
    project.root().join(".vibesync/blobs")
}

fn shape(blender: &mut EditorSession, number: u16) -> Change {
    let index = INDEX.iter().flat_map(|it| it.to_le_bytes()).collect();
    let content = vec![("index", index), ("position", positions(number))];
    create_triangle(&mut blender.editor, MESH, "Head", content)
}

fn update(create: &Change) -> Change {
    let mut components = create.components().unwrap().clone();
    components.retain(|name| name == "mesh");
    Change::Update {
        uuid: create.uuid(),
        components,
    }
}

fn positions(number: u16) -> Vec<u8> {
    let numbers = [f32::from(number), 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    numbers.iter().flat_map(|it| it.to_le_bytes()).collect()
}

fn blobs(project: &TestProject, args: &[&str]) -> Value {
    let ran = project.run(&[&["blobs", "--json"], args].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    serde_json::from_str(&ran.out).unwrap()
}

fn count(blobs: u64, bytes: u64) -> Value {
    json!({"blobs": blobs, "bytes": bytes})
}

/// Bytes of all files of blobs.
fn stored_bytes(project: &TestProject) -> u64 {
    let shards = fs::read_dir(folder(project)).unwrap().flatten();
    let shards = shards.filter(|shard| shard.path().is_dir());
    let files = shards.flat_map(|shard| fs::read_dir(shard.path()).unwrap().flatten());
    files
        .filter_map(|file| Some(file.metadata().ok()?.len()))
        .sum()
}

#[test]
fn command_shows_and_prunes_with_and_without_a_daemon() {
    let mut sculpting = Sculpting::new("");
    sculpting.sculpt(0);
    sculpting.sculpt(1);
    let orphans: [&[u8]; 2] = [b"refused", b"again"];
    sculpting.store().put(&[orphans[0]]).unwrap();
    let project = &sculpting.project;
    let shown = blobs(project, &[]);
    assert_eq!(shown["scene"], count(2, TRIANGLE));
    assert_eq!(shown["log"], count(1, 36), "the first shape");
    assert_eq!(shown["unnamed"], count(1, 7));
    assert_eq!(shown["removable"], count(1, 7));
    assert_eq!(shown["max_bytes"], json!(16_u64 << 30));
    assert_eq!(blobs(project, &["prune", "--dry-run"]), shown);
    let text = project.run(&["blobs"]).out;
    assert!(text.contains("1 blobs, 7 bytes: can go"), "{text}");
    assert_eq!(blobs(project, &["prune"])["removed"], count(1, 7));

    let Sculpting {
        project, daemon, ..
    } = sculpting;
    assert!(daemon.stop().unwrap().success());
    let store = BlobStore::read_only(Arc::new(RealDisk), &folder(&project));
    store.put(&[orphans[1]]).unwrap();
    let shown = blobs(&project, &[]);
    assert_eq!(
        (&shown["scene"], &shown["log"]),
        (&count(2, TRIANGLE), &count(1, 36))
    );
    assert_eq!(blobs(&project, &["prune"])["removed"], count(1, 5));
    let text = project.run(&["blobs", "prune"]).out;
    assert!(text.contains("0 blobs, 0 bytes: removed"), "{text}");
    for number in 0..2 {
        store.get(BlobId::hash(&positions(number))).unwrap();
    }
}

#[test]
fn commit_keeps_its_mesh_until_the_bound_and_restore_says_so() {
    let mut sculpting = Sculpting::new("");
    for number in 0..10 {
        sculpting.sculpt(number);
    }
    let commits = sculpting.wait_for_commits(10);
    blobs(&sculpting.project, &["prune"]);
    assert!((0..10).all(|number| sculpting.has_shape(number)));
    let restore = |project: &TestProject, commit: &str| {
        project.run(&["audit", "restore", commit, "--dry-run"])
    };
    assert_eq!(restore(&sculpting.project, &commits[9]).code, Some(0));

    // Ten positions and an index: 372 bytes. Half of 400 stays.
    let Sculpting {
        project, daemon, ..
    } = sculpting;
    assert!(daemon.stop().unwrap().success());
    project.file(".vibesync/vibesync.toml", "[blobs]\nmax_bytes = 400\n");
    let pruned = blobs(&project, &["prune"]);
    assert_eq!(pruned["removed"], count(5, 180), "{pruned}");
    let _daemon = project.start();
    assert_eq!(restore(&project, &commits[2]).code, Some(0), "a newer one");
    let refused = restore(&project, &commits[9]);
    assert_eq!(refused.code, Some(1));
    let message = format!("{}{}", refused.out, refused.err);
    for part in ["VS-5006", "\"Head\"", &commits[9][..10], &MESH.to_string()] {
        assert!(message.contains(part), "{part} in {message}");
    }
    // The present scene lacks nothing, and so does a backup.
    let doctor = project.run(&["doctor", "--deep"]);
    assert!(
        doctor.out.contains("has the right content"),
        "{}",
        doctor.out
    );
    let backup = project.run(&["backup", "copy.tar", "--json"]);
    assert_eq!(backup.code, Some(0), "{backup:?}");
}

#[test]
fn backup_lacks_nothing_although_a_deleted_mesh_is_gone() {
    let mut sculpting = Sculpting::new("[blobs]\nmax_bytes = 1\n");
    sculpting.sculpt(0);
    sculpting.edit(Change::Delete { uuid: MESH });
    sculpting.wait_for_commits(2);
    blobs(&sculpting.project, &["prune"]);
    assert!(!sculpting.has_shape(0));
    let backup = sculpting.project.run(&["backup", "copy.tar", "--json"]);
    assert_eq!(backup.code, Some(0), "{backup:?}");
}

#[test]
fn edits_of_eight_hours_stay_within_the_bound() {
    const EDITS: u16 = 480;
    // A third of what all shapes would take.
    let bound = 36 * u64::from(EDITS) / 3;
    let mut sculpting = Sculpting::new(&format!("[blobs]\nmax_bytes = {bound}\n"));
    let mut most = 0;
    for number in 0..EDITS {
        sculpting.sculpt(number);
        most = most.max(stored_bytes(&sculpting.project));
        // A minute is long enough for a collection.
        let deadline = Instant::now() + TIMEOUT;
        while stored_bytes(&sculpting.project) > bound / 8 * 7 {
            assert!(Instant::now() < deadline, "nothing is removed");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    assert!(most <= bound, "{most} of {bound} bytes");
    assert!(
        most > bound / 2,
        "{most} of {bound} bytes: history stays within the bound"
    );
    assert!(!sculpting.has_shape(0) && sculpting.has_shape(EDITS - 1));
    let project = sculpting.project;
    drop(sculpting.daemon);
    assert!(
        project
            .run(&["doctor", "--deep"])
            .out
            .contains("has the right content")
    );
}

#[test]
fn strokes_of_eight_hours_take_little_beside_their_bound() {
    // A mesh of 1 MiB; a stroke is a patch of 4 KB. Stored whole, 480 of them would be 480 MiB.
    let folder = tempfile::tempdir().unwrap();
    let store = BlobStore::open(Arc::new(RealDisk), &folder.path().join("blobs")).unwrap();
    let mut content = vec![0; 1 << 20];
    let mut id = store.put(&[&content]).unwrap()[0];
    for stroke in 0..480_u32 {
        let words = (0..1_024).map(|_| stroke + 1);
        let patch: Vec<u32> = [1, stroke * 64, 1_024].into_iter().chain(words).collect();
        let patch: Vec<u8> = patch.iter().flat_map(|it| it.to_le_bytes()).collect();
        apply_patch(&mut content, &patch).unwrap();
        let made = BlobId::hash(&content);
        let staged = match store.link(id, content.len() as u64, &patch) {
            Some(link) => store.stage_link(link, &patch),
            None => store.stage_bytes([content.as_slice()]),
        };
        store.commit([(made, staged.unwrap())]).unwrap();
        id = made;
    }
    let bytes = store.stored_bytes();
    assert!(bytes < 18 << 20, "{bytes} bytes");
}

#[test]
fn killed_sweep_loses_nothing() {
    for round in 0..6_u64 {
        let mut sculpting = Sculpting::new("");
        sculpting.sculpt(0);
        sculpting.sculpt(1);
        let orphans: Vec<Vec<u8>> = (0..400_u32).map(|it| it.to_le_bytes().to_vec()).collect();
        let orphans: Vec<&[u8]> = orphans.iter().map(Vec::as_slice).collect();
        sculpting.store().put(&orphans).unwrap();
        let mut prune = prune(&sculpting.project);
        let all = files(&sculpting.project);
        let deadline = Instant::now() + TIMEOUT;
        while files(&sculpting.project) + round as usize * 40 >= all {
            assert!(Instant::now() < deadline, "nothing is removed");
        }
        let Sculpting {
            project,
            daemon,
            blender,
        } = sculpting;
        daemon.kill();
        drop(blender);
        let _ = prune.wait();
        assert!(files(&project) > 3, "it was killed too late");
        let daemon = project.start();
        let shown = blobs(&project, &["prune"]);
        assert_eq!(
            (&shown["scene"], &shown["log"]),
            (&count(2, TRIANGLE), &count(1, 36))
        );
        assert_eq!(files(&project), 3);
        assert!(daemon.stop().unwrap().success());
        let doctor = project.run(&["doctor", "--deep"]);
        assert!(
            doctor.out.contains("has the right content"),
            "{}",
            doctor.out
        );
    }
}

/// Starts a command that prunes beside the test.
fn prune(project: &TestProject) -> Child {
    let mut command = project.command(&["blobs", "prune"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Number of files of blobs.
fn files(project: &TestProject) -> usize {
    let shards = fs::read_dir(folder(project)).unwrap().flatten();
    let shards = shards.filter(|shard| shard.path().is_dir());
    shards
        .map(|shard| fs::read_dir(shard.path()).unwrap().count())
        .sum()
}

#[test]
fn uploads_survive_while_a_command_prunes() {
    let mut sculpting = Sculpting::new("[blobs]\nmax_bytes = 1\n");
    sculpting.sculpt(0);
    for round in 0..30 {
        let mut prune = prune(&sculpting.project);
        // The same few shapes again and again: each was removed before it comes back.
        for number in [1, 2, 3] {
            sculpting.sculpt(number);
            let store = sculpting.store();
            let id = BlobId::hash(&positions(number));
            assert_eq!(store.get(id).unwrap(), positions(number), "round {round}");
        }
        assert!(prune.wait().unwrap().success());
    }
    assert!(sculpting.has_shape(3) && !sculpting.has_shape(0));
}
