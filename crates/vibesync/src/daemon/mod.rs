//! The daemon: one project, its log, its editors.
//!
//! A change passes `listener` -> `session` -> `incoming` -> `core` (engine and log) -> `writer`; `projector` follows the
//! log. Bulk data passes `codec` -> `intake` -> `bulk` -> `recent` -> `writer`.

mod bulk;
mod codec;
mod core;
mod event;
mod graphs;
mod incoming;
mod intake;
mod listener;
mod outbox;
mod projector;
mod recent;
mod restore;
mod session;
mod shared;
mod writer;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use vibesync_engine::{Action, Engine, Options, Rate, Thresholds};
use vibesync_protocol::auth::Token;
use vibesync_scene::{Code, LOG_VERSION, ProjectId};
use vibesync_store::audit::Audit;
use vibesync_store::blobs::BlobStore;
use vibesync_store::boot::{Boot, boot};
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::retention::Policy;
use vibesync_store::wal::{self, Wal, WalError, timestamp};

use self::core::Core;
use self::event::Event;
use self::projector::{OpenAudit, Places, Projector};
use self::recent::Recent;
use self::shared::Shared;
use crate::config::Governance;
use crate::interrupt::asked_to_stop;
use crate::project::Project;
use crate::runtime::RuntimeFolder;
use crate::{Error, Settings, service};

/// Events that wait for the core; clients that bring more wait at their socket.
const EVENTS: usize = 1_024;

/// Changes in transactions under way, before the oldest no longer wait for an editor that is behind.
const MAX_OPEN: usize = 100_000;

/// Changes and bulk bytes in one batch to an editor. What is small waits for one batch at most: it must not be long.
const MAX_BATCH: usize = 2_000;
const MAX_BATCH_BYTES: u64 = 16 << 20;

/// Serves the project until SIGTERM, SIGINT or a log that cannot be trusted.
pub fn run(settings: &Settings) -> Result<(), Error> {
    let project = Project::new(&settings.root);
    let id = project.create()?;
    let _lock = project.lock()?;
    let runtime_folder = RuntimeFolder::from_env()?;
    runtime_folder.create()?;
    let token = runtime_folder.token_or_create()?;
    let store = Store::open(settings, &project, id)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::new(Code::CannotListen, "tokio", error.to_string()))?;
    runtime.block_on(serve(settings, &runtime_folder, id, token, store))
}

async fn serve(
    settings: &Settings,
    runtime_folder: &RuntimeFolder,
    id: ProjectId,
    token: Token,
    store: Store,
) -> Result<(), Error> {
    let Store {
        engine,
        boot,
        wal,
        projector,
        blobs,
    } = store;
    let net = &settings.config.net;
    let address = ("127.0.0.1", net.port);
    let listener = TcpListener::bind(address).await.map_err(|error| {
        Error::new(
            Code::CannotListen,
            format!("127.0.0.1:{}", net.port),
            format!("cannot listen: {error}"),
        )
    })?;
    let port = listener
        .local_addr()
        .map_err(|error| Error::new(Code::CannotListen, "", error.to_string()))?
        .port();
    let shared = Arc::new(Shared {
        project: id,
        token,
        blobs,
        recent: Recent::default(),
        audit: Project::new(&settings.root).audit(),
        blender: graphs::Usual::default(),
        head_seq: AtomicU64::new(engine.head_seq()),
        handshake_timeout: Duration::from_millis(net.handshake_timeout_ms),
        heartbeat: Duration::from_millis(net.heartbeat_ms),
        batch_window_ms: settings.config.engine.batch_window_ms,
    });
    let (to_core, events) = mpsc::channel(EVENTS);
    let core = Core::new(
        engine,
        wal,
        projector,
        shared.clone(),
        (to_core.clone(), events),
    );
    // The core waits for the disk, so it has a thread of its own and nobody else waits with it.
    let core = tokio::task::spawn_blocking(move || {
        tokio::runtime::Handle::current().block_on(core.run(boot))
    });
    let accepting = tokio::spawn(listener::accept(
        listener,
        shared,
        to_core.clone(),
        net.max_connections,
    ));
    // Whoever finds the daemon may ask it to stop.
    let stop = asked_to_stop();
    let announcement = runtime_folder.announce(id, &settings.root, port)?;
    service::ready();
    tracing::info!(project_id = %id, port, pid = std::process::id(), "serving {}", settings.root.display());
    let ended = until_told_to_stop(core, to_core, stop).await;
    service::stopping();
    drop(announcement);
    accepting.abort();
    ended
}

/// Waits for a signal or for the core to give up, whichever is first.
async fn until_told_to_stop(
    mut core: tokio::task::JoinHandle<Result<(), Error>>,
    to_core: mpsc::Sender<Event>,
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    let watchdog = service::watchdog_interval().unwrap_or(Duration::from_secs(3_600));
    let mut watchdog = tokio::time::interval(watchdog);
    let mut stop = std::pin::pin!(stop);
    let finished = |joined: Result<Result<(), Error>, tokio::task::JoinError>| {
        joined.unwrap_or_else(|error| Err(Error::new(Code::LogPoisoned, "core", error.to_string())))
    };
    loop {
        tokio::select! {
            joined = &mut core => return finished(joined),
            // The core must take an event for the daemon to count as alive.
            _ = watchdog.tick() => if to_core.capacity() > 0 { service::watchdog() },
            () = &mut stop => break,
        }
    }
    tracing::info!("stopping");
    if to_core.send(Event::Shutdown).await.is_err() {
        tracing::debug!("the core had ended already");
    }
    finished(core.await)
}

/// Everything that is remembered, opened and agreed.
struct Store {
    engine: Engine,
    boot: Vec<Action>,
    wal: Wal,
    projector: Projector,
    blobs: BlobStore,
}

impl Store {
    /// Log first: it is the truth. Then what is made from it.
    fn open(settings: &Settings, project: &Project, id: ProjectId) -> Result<Self, Error> {
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let checkpoints = project.checkpoints();
        let options = wal::Options {
            segment_bytes: settings.config.wal.segment_bytes,
            ..wal::Options::new(project.wal())
        };
        let location = project.wal().display().to_string();
        let log_failed = |error: WalError| Error::new(error.code(), &location, error.to_string());
        let mut found = boot(options, Arc::clone(&disk), &checkpoints).map_err(log_failed)?;
        report(&found);
        let migrated = found.migrate(&timestamp(SystemTime::now()));
        if let Some(from) = migrated.map_err(log_failed)? {
            tracing::info!(
                from,
                to = LOG_VERSION,
                "the log goes on in a newer version of its format"
            );
        }
        let Boot {
            wal,
            state,
            checkpoint,
            ..
        } = found;
        if state.project_id.is_some_and(|logged| logged != id) {
            return Err(Error::new(
                Code::OtherProject,
                location,
                "the log belongs to another project",
            ));
        }
        let blobs = BlobStore::open(Arc::clone(&disk), &project.blobs()).map_err(|error| {
            Error::new(error.code(), project.blobs().display(), error.to_string())
        })?;
        let places = Places {
            disk,
            wal: project.wal(),
            checkpoints,
            checkpoint_every: settings.config.wal.checkpoint_every,
            registry: project.registry(),
            retention: retention(settings),
        };
        let audit = open_audit(settings, project, id);
        let projector = Projector::start(places, &state, checkpoint.unwrap_or(0), audit)
            .map_err(|error| Error::new(Code::AuditUnavailable, "projector", error.to_string()))?;
        let (engine, boot) = Engine::restore(
            engine_options(settings, id),
            env!("CARGO_PKG_VERSION"),
            state,
        );
        Ok(Self {
            engine,
            boot,
            wal,
            projector,
            blobs,
        })
    }
}

fn retention(settings: &Settings) -> Policy {
    let days = settings.config.wal.keep_days;
    Policy {
        compress: settings.config.wal.compress,
        keep: (days > 0).then(|| Duration::from_secs(days * 24 * 3_600)),
    }
}

fn engine_options(settings: &Settings, project_id: ProjectId) -> Options {
    let engine = &settings.config.engine;
    let net = &settings.config.net;
    Options {
        project_id,
        batch_window_ms: engine.batch_window_ms,
        apply_timeout_ms: engine.apply_timeout_ms,
        heartbeat_ms: net.heartbeat_ms,
        idle_ms: engine.idle_ms,
        max_open: MAX_OPEN,
        max_batch: MAX_BATCH,
        max_batch_bytes: MAX_BATCH_BYTES,
        rate: Rate {
            changes_per_s: settings.config.governance.changes_per_s,
            burst: settings.config.governance.burst,
        },
        thresholds: thresholds(&settings.config.governance),
    }
}

fn thresholds(governance: &Governance) -> Thresholds {
    Thresholds {
        identical: Thresholds::default().identical,
        entity: governance.entity,
        operation: governance.operation,
        automation: governance.automation,
        safe_mode: governance.safe_mode,
        crashes: governance.crashes,
        permanent: governance.known_bad,
        steady_after_ms: governance.steady_after_ms,
    }
}

/// Says what boot found: an engineer reads it first.
fn report(found: &Boot) {
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
    let (seq, clean) = (found.state.last_seq, found.state.is_clean_shutdown);
    tracing::info!(
        seq,
        clean,
        checkpoint = found.checkpoint,
        open = found.state.open.len(),
        "log read"
    );
}

/// How the audit is opened; none where it is turned off. It is made from the log and catches up: the daemon serves all
/// the same while it cannot be opened.
fn open_audit(settings: &Settings, project: &Project, id: ProjectId) -> Option<OpenAudit> {
    let root = project.audit();
    let open = move || Audit::open(Arc::new(RealDisk), &root, id);
    settings
        .config
        .audit
        .enabled
        .then(|| Box::new(open) as OpenAudit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, DEFAULT};

    #[test]
    fn the_built_in_thresholds_are_those_of_the_engine() {
        let config: Config = toml::from_str(DEFAULT).unwrap();
        assert_eq!(thresholds(&config.governance), Thresholds::default());
        let (rate, given) = (Rate::default(), config.governance);
        assert_eq!(
            (rate.changes_per_s, rate.burst),
            (given.changes_per_s, given.burst)
        );
    }
}
