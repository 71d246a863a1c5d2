//! Starts the daemon, waits for the end, and stops it.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};
use vibesync_protocol::auth::Token;
use vibesync_scene::{Code, ProjectId};
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::recover;

use super::blender_version::DefaultBlenderVersion;
use super::blob_cache::BlobCache;
use super::core::Core;
use super::event::Event;
use super::listener;
use super::shared::Shared;
use super::storage::Storage;
use crate::platform::project::Project;
use crate::platform::runtime_folder::RuntimeFolder;
use crate::platform::signals::wait_for_stop;
use crate::platform::{project_lock, service};
use crate::{Error, Settings};

/// Maximum number of events that wait for the core. Clients that send more wait at their socket.
const EVENTS: usize = 1_024;

/// The task of the core.
type CoreTask = JoinHandle<Result<(), Error>>;

/// The result of the core, or of its panic.
type CoreResult = Result<Result<(), Error>, JoinError>;

/// Serves the project until a signal to stop, or a failure of the log.
pub fn run(settings: &Settings) -> Result<(), Error> {
    run_on(settings, Arc::new(RealDisk))
}

/// Does the same with log, checkpoints, bulk data and audit on another disk. Tests end the daemon there.
pub fn run_on(settings: &Settings, disk: Arc<dyn Disk>) -> Result<(), Error> {
    let project = Project::new(&settings.root);
    project.create_home()?;
    let _lock = project_lock::acquire(&project)?;
    finish_recovery(&*disk, &project)?;
    let id = project.create()?;
    let runtime_folder = RuntimeFolder::from_env()?;
    runtime_folder.create()?;
    let token = runtime_folder.token_or_create()?;
    let storage = Storage::open(settings, &project, id, disk)?;
    start_runtime()?.block_on(serve(settings, &runtime_folder, id, token, storage))
}

/// Finishes a recovery that was interrupted. Until then the folders of the project are not in place.
fn finish_recovery(disk: &dyn Disk, project: &Project) -> Result<(), Error> {
    let home = project.home();
    let finished = recover::finish(disk, &home)
        .map_err(|error| Error::from_source(error.code(), home.display(), error))?;
    if let Some(plan) = finished {
        tracing::warn!(
            kept = plan.kept,
            "a recovery that was interrupted is finished"
        );
    }
    Ok(())
}

fn start_runtime() -> Result<Runtime, Error> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::thread("tokio", error))
}

async fn serve(
    settings: &Settings,
    runtime_folder: &RuntimeFolder,
    id: ProjectId,
    token: Token,
    storage: Storage,
) -> Result<(), Error> {
    let (listener, port) = bind(settings.config.net.port).await?;
    let (to_core, events) = mpsc::channel(EVENTS);
    let (stop, mut stops) = mpsc::channel(1);
    let shared = Arc::new(shared(settings, id, token, &storage, stop));
    let warnings = Arc::clone(&shared.warnings);
    let core = Core::new(
        storage.engine,
        storage.wal,
        (storage.projector, storage.log_check),
        shared.clone(),
        (to_core.clone(), events),
    );
    // The core blocks on the disk, so it gets a thread of its own.
    let (boot, epoch) = (storage.boot, storage.epoch);
    let project = Project::new(&settings.root);
    let booted = move || project.record_epoch(id, epoch);
    let run = move || Handle::current().block_on(core.run(boot, booted));
    let mut core = tokio::task::spawn_blocking(run);
    let max_connections = settings.config.net.max_connections;
    let accepting = listener::accept(listener, shared, to_core.clone(), max_connections);
    let accepting = tokio::spawn(accepting);
    // Listens for signals before the announcement: a client that finds the daemon may stop it at once.
    let signal = wait_for_stop();
    let stop = async {
        tokio::select! {
            signal = signal => format!("the daemon was stopped ({signal})"),
            Some(reason) = stops.recv() => reason,
        }
    };
    let announcement = runtime_folder.announce(id, &settings.root, port)?;
    service::ready();
    tracing::info!(project_id = %id, port, pid = std::process::id(), "serving {}", settings.root.display());
    let ended = tokio::select! {
        joined = watch_core(&mut core, &to_core) => Some(joined),
        reason = stop => {
            tracing::info!("stopping: {reason}");
            if to_core.send(Event::Shutdown { reason }).await.is_err() {
                tracing::debug!("the core had ended already");
            }
            None
        }
    };
    service::stopping();
    // Clients must not find this daemon any more.
    drop(announcement);
    accepting.abort();
    let result = match ended {
        Some(joined) => joined,
        None => core.await,
    };
    warnings.log_all();
    core_result(result)
}

/// Opens a loopback socket. Returns its port too, which the system chooses if `port` is 0.
async fn bind(port: u16) -> Result<(TcpListener, u16), Error> {
    let location = format!("127.0.0.1:{port}");
    let listener = TcpListener::bind(&location).await.map_err(|error| {
        let message = format!("cannot listen: {error}");
        Error::new(Code::CannotListen, &location, message).caused_by(error)
    })?;
    let address = listener
        .local_addr()
        .map_err(|error| Error::from_source(Code::CannotListen, "", error))?;
    Ok((listener, address.port()))
}

fn shared(
    settings: &Settings,
    project: ProjectId,
    token: Token,
    storage: &Storage,
    stop: mpsc::Sender<String>,
) -> Shared {
    let net = &settings.config.net;
    Shared {
        project,
        token,
        blobs: storage.blobs.clone(),
        blob_cache: BlobCache::default(),
        audit: Project::new(&settings.root).audit(),
        blender_version: DefaultBlenderVersion::default(),
        head_seq: AtomicU64::new(storage.engine.head_seq()),
        handshake_timeout: Duration::from_millis(net.handshake_timeout_ms),
        heartbeat: Duration::from_millis(net.heartbeat_ms),
        batch_window_ms: settings.config.engine.batch_window_ms,
        warnings: Arc::default(),
        stop,
    }
}

/// Waits for the end of the core, and tells the service manager that the daemon is alive.
async fn watch_core(core: &mut CoreTask, to_core: &mpsc::Sender<Event>) -> CoreResult {
    let watchdog = service::watchdog_interval().unwrap_or(Duration::from_secs(3_600));
    let mut watchdog = tokio::time::interval(watchdog);
    loop {
        tokio::select! {
            joined = &mut *core => return joined,
            // The daemon counts as alive while the core takes events.
            _ = watchdog.tick() => if to_core.capacity() > 0 { service::watchdog() },
        }
    }
}

/// Turns a panic of the core into an error: the log may not be used after it.
fn core_result(joined: CoreResult) -> Result<(), Error> {
    joined.unwrap_or_else(|error| Err(Error::from_source(Code::LogPoisoned, "core", error)))
}
