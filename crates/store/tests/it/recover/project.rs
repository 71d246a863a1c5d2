//! A project with a log, and functions that derive files from it, damage it and recover it.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::TempDir;
use vibesync_scene::{EpochId, Outcome, Payload, Phase, RecordBody, Replay, Uuid};
use vibesync_store::audit::{Audit, AuditCommit};
use vibesync_store::boot::{self, Boot, boot};
use vibesync_store::checkpoint;
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::recover::{
    Candidate, Folders, Recovered, Request, SourceName, Survey, choose, load, recover,
};
use vibesync_store::registry::{Position, Registry, RegistryError, Summary};
use vibesync_store::wal::{Options, Reader, Tip, Wal};

use crate::sample::{PROJECT, TIME, real, transaction, uuid};

/// The epoch of the first run.
pub const EPOCH: EpochId = EpochId(Uuid::from_u128(0xE1));
/// The epoch that a recovery begins.
pub const RECOVERED: EpochId = EpochId(Uuid::from_u128(0xE2));

pub struct Project {
    folder: TempDir,
    pub folders: Folders,
}

fn boot_record() -> RecordBody {
    RecordBody {
        session_id: None,
        operation_id: None,
        uuids: Vec::new(),
        phase: Phase::Boot,
        outcome: Outcome::Ok,
        error_code: None,
        payload: Payload::Boot {
            daemon_version: "0.1.0".into(),
            project_id: PROJECT,
            last_shutdown_clean: true,
            epoch: Some(EPOCH),
        },
    }
}

impl Project {
    /// A log of a BOOT record and ten transactions, in segments of about two. Transaction n ends at record 3n + 1.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join(".vibesync");
        let folders = Folders {
            wal: home.join("wal"),
            checkpoints: home.join("checkpoints"),
            registry: home.join("registry"),
            blobs: home.join("blobs"),
            audit: Some(folder.path().join(".git_safety")),
        };
        let project = Self { folder, folders };
        let (mut wal, _) = Wal::open(project.options(), real(), 1, &mut |_| {}).unwrap();
        wal.append([&boot_record()], TIME).unwrap();
        for n in 1..=10 {
            let records = transaction(n, wal.next_seq());
            wal.append(&records, TIME).unwrap();
            wal.sync().unwrap();
        }
        project
    }

    pub fn audit_folder(&self) -> PathBuf {
        self.folder.path().join(".git_safety")
    }

    pub fn options(&self) -> Options {
        Options {
            segment_bytes: 4_000,
            ..Options::new(&self.folders.wal)
        }
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join(".vibesync")
    }

    /// The state of the intact log at a record.
    pub fn at(&self, seq: u64) -> (Replay, Tip) {
        let wal = &self.folders.wal;
        let entry = Reader::new(real(), wal, seq, seq).unwrap().next().unwrap();
        let hash = entry.unwrap().hash;
        let tip = Tip { seq, hash };
        (boot::replay(real(), wal, tip).unwrap(), tip)
    }

    pub fn checkpoint(&self, seq: u64) {
        let (state, tip) = self.at(seq);
        let rows: Vec<_> = state.scene.rows().collect();
        let summary = Summary::from_rows(rows.iter().copied(), seq).unwrap();
        let rows = rows
            .iter()
            .map(|row| Ok::<_, RegistryError>(serde_json::to_vec(row).unwrap()));
        let dir = &self.folders.checkpoints;
        checkpoint::write(&RealDisk, dir, &state, tip, rows, &summary).unwrap();
    }

    pub fn registry(&self, seq: u64) {
        let (state, tip) = self.at(seq);
        let position = Position::from_state(&state, tip);
        Registry::rebuild(&self.folders.registry, state.scene.rows(), position).unwrap();
    }

    /// A commit of each of the first transactions.
    pub fn audit(&self, transactions: u64) {
        let mut audit = Audit::open(real(), &self.audit_folder(), PROJECT).unwrap();
        for n in 1..=transactions {
            let (state, tip) = self.at(3 * n + 1);
            let row = state.scene.row(uuid(u128::from(n))).unwrap().clone();
            audit
                .add(&AuditCommit {
                    agent: None,
                    rows: &[row],
                    operation_id: None,
                    seq: tip.seq,
                    chain_hash: tip.hash,
                    phase: Phase::Commit,
                    label: "Add",
                    origin: None,
                    timestamp: TIME,
                })
                .unwrap();
        }
        audit.flush().unwrap();
    }

    /// Changes one byte in the middle of a record.
    pub fn damage(&self, seq: u64) {
        for name in RealDisk.list(&self.folders.wal).unwrap() {
            let path = self.folders.wal.join(name);
            let mut bytes = std::fs::read(&path).unwrap();
            let start = format!("{{\"seq\":{seq},");
            let found = bytes
                .windows(start.len())
                .position(|it| it == start.as_bytes());
            if let Some(at) = found {
                bytes[at + 60] ^= 1;
                vibesync_store::durable::write(&path, &bytes).unwrap();
                return;
            }
        }
        panic!("no record {seq}");
    }

    pub fn lose(&self, folder: &Path) {
        std::fs::remove_dir_all(folder).unwrap();
    }

    pub fn survey(&self, wanted: Option<&SourceName>) -> Survey {
        Survey::take(&real(), &self.folders, wanted).unwrap()
    }

    pub fn best(&self) -> Candidate {
        choose(&self.survey(None).candidates, None).unwrap().clone()
    }

    /// Recovers from the best witness, or from this one.
    pub fn recover(&self, name: Option<&str>) -> Recovered {
        let name: Option<SourceName> = name.map(|name| name.parse().unwrap());
        let survey = self.survey(name.as_ref());
        let source = choose(&survey.candidates, name.as_ref())
            .unwrap()
            .source
            .clone();
        let loaded = load(&real(), &self.folders, &source).unwrap();
        let home = self.home();
        let request = Request {
            home: &home,
            who: "ada",
            why: "the disk",
            source: source.to_string(),
            epoch: RECOVERED,
            project_file: "{}",
            now: SystemTime::UNIX_EPOCH,
        };
        recover(&real(), &request, &survey, loaded).unwrap()
    }

    pub fn boot(&self) -> Boot {
        let folder = &self.folders.checkpoints;
        boot(self.options(), real(), folder, &mut Vec::new).unwrap()
    }
}
