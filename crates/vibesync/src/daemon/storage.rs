//! Opens everything that a project stores, and restores the engine from it.

use std::sync::Arc;
use std::time::SystemTime;

use vibesync_engine::{Action, Engine};
use vibesync_scene::{EpochId, LOG_VERSION, ProjectId};
use vibesync_store::blobs::BlobStore;
use vibesync_store::boot::{Boot, boot};
use vibesync_store::disk::Disk;
use vibesync_store::wal::{self, Wal, WalError, timestamp};

use super::log_check::LogCheck;
use super::options::{engine_options, retention};
use super::projector::{AuditFolder, Projector, Sources};
use super::view::LogFiles;
use crate::platform::grant_key;
use crate::platform::project::Project;
use crate::platform::witnesses::Witnesses;
use crate::{Error, Settings};

/// The engine, and the files that it needs.
pub(super) struct Storage {
    pub engine: Engine,
    /// The first actions of the engine.
    pub boot: Vec<Action>,
    pub wal: Wal,
    pub projector: Projector,
    pub log_check: LogCheck,
    pub blobs: BlobStore,
    /// The files that questions about the scene are answered from.
    pub log_files: LogFiles,
    /// The epoch that this start begins.
    pub epoch: EpochId,
}

impl Storage {
    /// Opens the log first, because everything else is made from it.
    pub fn open(
        settings: &Settings,
        project: &Project,
        id: ProjectId,
        disk: Arc<dyn Disk>,
    ) -> Result<Self, Error> {
        let mut witnesses = Witnesses::new(project, id)?;
        let Boot {
            wal,
            state,
            checkpoint,
            ..
        } = open_log(settings, project, &disk, &mut witnesses)?;
        let blobs = BlobStore::open(Arc::clone(&disk), &project.blobs())
            .map_err(|error| Error::from_source(error.code(), project.blobs().display(), error))?;
        let audit = audit_folder(settings, project, id, &disk);
        let log_files = LogFiles {
            disk: Arc::clone(&disk),
            wal: project.wal(),
            checkpoints: project.checkpoints(),
        };
        let sources = Sources {
            disk,
            wal: project.wal(),
            checkpoints: project.checkpoints(),
            checkpoint_every: settings.config.wal.checkpoint_every,
            registry: project.registry(),
            opened: witnesses.into_registry(),
            retention: retention(settings),
        };
        let projector = Projector::start(sources, &state, checkpoint.unwrap_or(0), audit)
            .map_err(|error| Error::thread("projector", error))?;
        let log_check = LogCheck::start(project.wal(), checkpoint)
            .map_err(|error| Error::thread("log check", error))?;
        let options = engine_options(settings, id, grant_key::of_user()?);
        let epoch = options.epoch;
        let (engine, boot) = Engine::restore(options, env!("CARGO_PKG_VERSION"), state);
        Ok(Self {
            engine,
            boot,
            wal,
            projector,
            log_check,
            blobs,
            log_files,
            epoch,
        })
    }
}

/// Reads the log, and migrates it to the current version.
fn open_log(
    settings: &Settings,
    project: &Project,
    disk: &Arc<dyn Disk>,
    witnesses: &mut Witnesses,
) -> Result<Boot, Error> {
    let options = wal::Options {
        segment_bytes: settings.config.wal.segment_bytes,
        ..wal::Options::new(project.wal())
    };
    let location = project.wal().display().to_string();
    let failed = |error: WalError| Error::from_source(error.code(), &location, error);
    let read = |witnesses: &mut Witnesses| {
        let (options, disk) = (options.clone(), Arc::clone(disk));
        boot(options, disk, &project.checkpoints(), &mut || {
            witnesses.ask()
        })
    };
    let mut found = match read(witnesses) {
        Err(WalError::Diverged(error)) if witnesses.drop_if_damaged(error.witness()) => {
            tracing::warn!("{} is damaged, and no witness of the log", error.witness());
            read(witnesses)
        }
        found => found,
    }
    .map_err(failed)?;
    trace_boot(&found);
    let migrated = found.migrate(&timestamp(SystemTime::now()));
    if let Some(from) = migrated.map_err(failed)? {
        let to = LOG_VERSION;
        tracing::info!(from, to, "the log goes on in a newer version of its format");
    }
    Ok(found)
}

/// Logs the result of the boot, which helps to find problems.
fn trace_boot(found: &Boot) {
    if let Some(torn) = &found.recovery.torn {
        tracing::warn!(
            bytes = torn.bytes,
            "an interrupted append was cut off the log: {}",
            torn.location
        );
    }
    for skipped in &found.skipped {
        tracing::warn!(path = %skipped.path.display(), "checkpoint not used: {}", skipped.why);
    }
    if found.state.last_seq == 0 {
        return tracing::info!("a new log begins");
    }
    tracing::info!(
        seq = found.state.last_seq,
        clean = found.state.is_clean_shutdown,
        checkpoint = found.checkpoint,
        open = found.state.open.len(),
        "log read"
    );
}

/// Returns the place of the audit; none if the audit is turned off. The daemon serves without the audit while it cannot be
/// opened, because the audit catches up from the log.
fn audit_folder(
    settings: &Settings,
    project: &Project,
    id: ProjectId,
    disk: &Arc<dyn Disk>,
) -> Option<AuditFolder> {
    settings.config.audit.enabled.then(|| AuditFolder {
        disk: Arc::clone(disk),
        root: project.audit(),
        recovered: project.recovered(),
        project: id,
    })
}
