//! Migration: logs of older versions are continued after a MIGRATE record; newer ones are refused and left unchanged.

use std::path::{Path, PathBuf};

use vibesync_scene::{Code, LOG_VERSION, Payload, Phase};
use vibesync_store::boot::{self, Boot};
use vibesync_store::checkpoint::{self, CHECKPOINT_VERSION};
use vibesync_store::registry::{Position, Registry, RegistryError, Summary};
use vibesync_store::wal::{Damage, Defect, Follower, Options, Reader, Tip, WalError, verify};

use crate::sample;

const FIRST: &[u8] = include_bytes!("../fixtures/v1/good.jsonl");

struct Folder(tempfile::TempDir);

impl Folder {
    fn with_log(bytes: &[u8]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(folder.wal()).unwrap();
        sample::real_log(&folder.wal(), bytes);
        folder
    }

    fn wal(&self) -> PathBuf {
        self.0.path().join("wal")
    }

    fn checkpoints(&self) -> PathBuf {
        self.0.path().join("checkpoints")
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        vibesync_store::durable::write(&path, text.as_bytes()).unwrap();
    }

    fn boot(&self) -> Result<Boot, WalError> {
        boot::boot(
            Options::new(self.wal()),
            sample::real(),
            &self.checkpoints(),
            &mut Vec::new,
        )
    }
}

/// Every file in a folder, with its bytes.
fn files(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push((path.clone(), std::fs::read(&path).unwrap())),
        }
    }
    found.sort();
    found
}

#[test]
fn log_of_version_1_continues_after_a_migrate_record() {
    let folder = Folder::with_log(FIRST);
    let mut boot = folder.boot().unwrap();
    assert_eq!(boot.recovery.version, Some(1));
    assert_eq!(boot.migrate(sample::TIME).unwrap(), Some(1));
    drop(boot);
    let bytes = std::fs::read(folder.wal().join("00000000000000000001.jsonl")).unwrap();
    assert!(bytes.starts_with(FIRST), "what was written stays");
    let tip = verify(&*sample::real(), &folder.wal()).unwrap().tip;
    let read = Reader::new(sample::real(), &folder.wal(), 7, tip.seq).unwrap();
    let added: Vec<_> = read.map(Result::unwrap).collect();
    assert_eq!((added.len(), added[0].version), (1, LOG_VERSION));
    let (what, from, to) = ("log".to_owned(), 1, LOG_VERSION);
    assert_eq!(added[0].body.payload, Payload::Migrate { what, from, to });

    let mut again = folder.boot().unwrap();
    assert_eq!(again.migrate(sample::TIME).unwrap(), None, "once");
    assert_eq!(again.state.last_seq, 7);
    assert_eq!(again.state.scene.rows().count(), 2);
}

#[test]
fn log_that_is_new_or_current_is_not_migrated() {
    for bytes in [Vec::new(), sample::log_bytes(2)] {
        let mut boot = Folder::with_log(&bytes).boot().unwrap();
        assert_eq!(boot.migrate(sample::TIME).unwrap(), None);
    }
}

#[test]
fn migration_preserves_the_clean_shutdown() {
    let mut state = vibesync_scene::Replay {
        is_clean_shutdown: true,
        ..Default::default()
    };
    let mut record = sample::transaction(1, 1).remove(0);
    record.phase = Phase::Migrate;
    record.payload = Payload::Migrate {
        what: "log".into(),
        from: 1,
        to: 2,
    };
    state.record(1, &record);
    assert!(state.is_clean_shutdown);
}

/// The bytes of a log whose last record has a future version.
fn with_a_newer_record() -> Vec<u8> {
    let text = String::from_utf8(sample::log_bytes(2)).unwrap();
    let (kept, last) = text.trim_end().rsplit_once('\n').unwrap();
    let (covered, _) = last.rsplit_once(",\"hash\":").unwrap();
    let known = format!("\"schema_version\":{LOG_VERSION},\"payload\":{{");
    let newer = "\"schema_version\":99,\"payload\":{\"wholly\":\"new\",";
    let covered = covered.replacen(&known, newer, 1);
    let hash = blake3::hash(covered.as_bytes());
    format!("{kept}\n{covered},\"hash\":\"{hash}\"}}\n").into_bytes()
}

#[track_caller]
fn refused(error: WalError, segment: &str, line: u64, known: u32) {
    assert_eq!(error.code(), Code::NewerFormat, "{error}");
    let WalError::Damaged(location) = error else {
        panic!("{error}")
    };
    let Damage {
        segment: found,
        line: at,
        defect,
        ..
    } = location;
    assert_eq!((found.as_str(), at), (segment, line));
    assert_eq!(defect, Defect::Newer { found: 99, known });
}

#[test]
fn newer_record_is_refused_and_no_file_is_changed() {
    let segment = "00000000000000000001.jsonl";
    let folder = Folder::with_log(&with_a_newer_record());
    let before = files(folder.0.path());
    refused(folder.boot().unwrap_err(), segment, 6, LOG_VERSION);
    let wal = folder.wal();
    refused(
        verify(&*sample::real(), &wal).unwrap_err(),
        segment,
        6,
        LOG_VERSION,
    );
    let mut reader = Reader::new(sample::real(), &wal, 6, 6).unwrap();
    refused(reader.next().unwrap().unwrap_err(), segment, 6, LOG_VERSION);
    assert_eq!(files(folder.0.path()), before);
}

#[test]
fn newer_record_after_damage_is_not_cut_off() {
    let mut bytes = with_a_newer_record();
    bytes[20] ^= 1;
    let folder = Folder::with_log(&bytes);
    let before = files(folder.0.path());
    assert_eq!(folder.boot().unwrap_err().code(), Code::LogDamaged);
    assert_eq!(files(folder.0.path()), before);
}

#[test]
fn follower_stops_at_a_newer_record() {
    let folder = Folder::with_log(&sample::log_bytes(1));
    let tip = verify(&*sample::real(), &folder.wal()).unwrap().tip;
    let mut follower = Follower::after(sample::real(), &folder.wal(), tip).unwrap();
    sample::real_log(&folder.wal(), &with_a_newer_record());
    let error = follower.advance().unwrap_err();
    refused(error, "00000000000000000001.jsonl", 6, LOG_VERSION);
}

#[test]
fn newer_checkpoints_and_truncations_are_refused_unchanged() {
    let newer = "{\"schema_version\":99,\"new\":1}\n";
    let hash = blake3::hash(newer.as_bytes());
    let whole = format!("{newer}{{\"hash\":\"{hash}\"}}\n");
    let checkpoint = "checkpoints/00000000000000000006.checkpoint.jsonl";
    for (file, text, known) in [
        (checkpoint, whole.as_str(), CHECKPOINT_VERSION),
        ("wal/cuts.jsonl", newer, 2),
    ] {
        let folder = Folder::with_log(&sample::log_bytes(2));
        folder.put(file, text);
        let before = files(folder.0.path());
        let name = file.rsplit('/').next().unwrap();
        refused(folder.boot().unwrap_err(), name, 1, known);
        assert_eq!(files(folder.0.path()), before);
    }
}

#[test]
fn damaged_checkpoint_is_not_reported_as_newer() {
    let folder = Folder::with_log(&sample::log_bytes(2));
    let name = "checkpoints/00000000000000000006.checkpoint.jsonl";
    folder.put(name, "{\"schema_version\":99,\"new\":1}\n");
    assert_eq!(folder.boot().unwrap().skipped.len(), 1);
}

/// A checkpoint of the whole log, in version 1.
fn put_old_checkpoint(folder: &Folder, seq: u64) {
    let state = folder.boot().unwrap().state;
    let tip = verify(&*sample::real(), &folder.wal()).unwrap().tip;
    let rows: Vec<_> = state
        .scene
        .rows()
        .map(|row| serde_json::to_vec(row).unwrap())
        .collect();
    let summary = Summary::from_rows(state.scene.rows(), tip.seq).unwrap();
    let tip = Tip { seq, ..tip };
    let summary = Summary { seq, ..summary };
    let rows = rows.into_iter().map(Ok);
    let path = checkpoint::write(
        &*sample::real(),
        &folder.checkpoints(),
        &state,
        tip,
        rows,
        &summary,
    )
    .unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let now = format!("\"schema_version\":{CHECKPOINT_VERSION}");
    let text = text.replacen(&now, "\"schema_version\":1", 1);
    let (body, _) = text.trim_end().rsplit_once('\n').unwrap();
    let hash = blake3::hash(format!("{body}\n").as_bytes());
    let text = format!("{body}\n{{\"hash\":\"{hash}\"}}\n");
    vibesync_store::durable::write(&path, text.as_bytes()).unwrap();
}

#[test]
fn state_is_rebuilt_from_the_log_when_a_checkpoint_is_old() {
    let folder = Folder::with_log(FIRST);
    put_old_checkpoint(&folder, 6);
    let boot = folder.boot().unwrap();
    assert_eq!((boot.checkpoint, boot.state.last_seq), (None, 6));
    assert_eq!(boot.state.scene.rows().count(), 2);
    let [skipped] = boot.skipped.as_slice() else {
        panic!("{:?}", boot.skipped)
    };
    assert!(
        skipped.why.to_string().contains("version 1"),
        "{}",
        skipped.why
    );
}

#[test]
fn log_is_refused_when_it_ends_before_an_old_checkpoint() {
    let folder = Folder::with_log(FIRST);
    put_old_checkpoint(&folder, 9);
    let refused = folder.boot().unwrap_err();
    assert_eq!(refused.code(), Code::LogDiverged);
    let message = "the checkpoint 9 knows sequence 9, but the log ends at 6";
    assert_eq!(refused.to_string(), message);
}

#[test]
fn registry_is_refused_when_its_version_differs() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("registry");
    let row = sample::row(1, "Cube", 2);
    let mut position = Position::START;
    position.tip.seq = 2;
    drop(Registry::rebuild(&dir, [&row].into_iter(), position).unwrap());
    let head = |change: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        let db = sample::database(&dir);
        let head = db.get("head").unwrap().unwrap().to_vec();
        db.insert("head", change(head)).unwrap();
        db.flush().unwrap();
        drop(db);
        Registry::open(&dir).unwrap_err()
    };
    let newer = head(&|mut head| {
        head[..4].copy_from_slice(&99_u32.to_be_bytes());
        head
    });
    assert_eq!(
        (newer.code(), newer.is_damage()),
        (Code::NewerFormat, false)
    );
    let old = head(&|head| head[4..].to_vec());
    assert!(
        matches!(old, RegistryError::Outdated(1)) && old.is_damage(),
        "{old}"
    );
}

#[test]
fn time_out_of_range_is_clamped() {
    // Clocks that a flat battery, or a person, may have set.
    let epoch = std::time::SystemTime::UNIX_EPOCH;
    let far = std::time::Duration::from_secs(300_000_000_000);
    let say = vibesync_store::wal::timestamp;
    // The clock of Windows begins in 1601.
    let early = epoch.checked_sub(far).unwrap_or(epoch);
    assert_eq!(say(early), "1970-01-01T00:00:00.000000Z");
    assert_eq!(say(epoch + far), "9999-12-31T23:59:59.000000Z");
}
