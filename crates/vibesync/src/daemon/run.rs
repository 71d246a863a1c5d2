//! Starts the daemon, waits for the end, and stops it.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};
use vibesync_engine::Engine;
use vibesync_scene::{Code, ProjectId};
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::wal::Wal;

use super::blender_version::DefaultBlenderVersion;
use super::blob_cache::BlobCache;
use super::clients::Clients;
use super::collector::{Collector, Requests, ToCollector};
use super::committer::Committer;
use super::core::Core;
use super::effects::{Effects, Work};
use super::event::Event;
use super::listener;
use super::log_check::LogCheck;
use super::patches::Patches;
use super::pipeline::Pipeline;
use super::projector::Projector;
use super::shared::Shared;
use super::storage::Storage;
use super::view::View;
use crate::platform::establish::finish_recovery;
use crate::platform::project::Project;
use crate::platform::runtime_folders::{RuntimeFolders, Tokens};
use crate::platform::signals::wait_for_stop;
use crate::platform::{project_lock, service, stale_announcements};
use crate::version::WITH_COMMIT;
use crate::{Error, Settings};

/// Maximum number of events that wait for the core. Clients that send more wait at their socket.
const EVENTS: usize = 1_024;

/// The task of the core.
type CoreTask = JoinHandle<Result<(), Error>>;

/// The result of the core, or of its panic.
type CoreResult = Result<Result<(), Error>, JoinError>;

/// Serves the project until a signal to stop, or a failure of the log.
///
/// With `stop_when_idle`, also ends after the time of the settings without an editor or agent.
pub fn run(settings: &Settings, stop_when_idle: bool) -> Result<(), Error> {
    run_on(settings, stop_when_idle, Arc::new(RealDisk))
}

/// Does the same with log, checkpoints, bulk data and audit on another disk. Tests end the daemon there.
pub fn run_on(settings: &Settings, stop_when_idle: bool, disk: Arc<dyn Disk>) -> Result<(), Error> {
    let project = Project::new(&settings.root);
    project.create_home()?;
    let _lock = project_lock::acquire_patiently(&project)?;
    finish_recovery(&*disk, &project)?;
    let id = project.create()?;
    let mut runtime_folders = RuntimeFolders::from_env()?;
    let tokens = runtime_folders.prepare()?;
    let storage = Storage::open(settings, &project, id, disk)?;
    let idle_limit = settings.config.service.idle_limit();
    let idle_limit = idle_limit.filter(|_| stop_when_idle);
    start_runtime()?.block_on(serve(
        (settings, idle_limit),
        &runtime_folders,
        id,
        tokens,
        storage,
    ))
}

/// Threads of the runtime: for the core, and two for the connections.
const THREADS: usize = 3;

fn start_runtime() -> Result<Runtime, Error> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .map_err(|error| Error::thread("tokio", error))
}

async fn serve(
    (settings, idle_limit): (&Settings, Option<Duration>),
    runtime_folders: &RuntimeFolders,
    id: ProjectId,
    tokens: Tokens,
    storage: Storage,
) -> Result<(), Error> {
    let (listener, port) = bind(settings.config.net.port).await?;
    let (to_core, events) = mpsc::channel(EVENTS);
    let (stop, stops) = mpsc::channel(1);
    let (shared, requests) = shared(settings, (id, tokens), &storage, idle_limit, stop);
    let warnings = Arc::clone(&shared.warnings);
    let (boot, epoch) = (storage.boot, storage.epoch);
    let log = (storage.engine, storage.wal);
    let followers = (storage.projector, storage.log_check);
    let core = core(log, followers, &shared, (to_core.clone(), events))?;
    let collector = Collector::start(Arc::clone(&shared), to_core.clone(), requests)
        .map_err(|error| Error::thread("collector", error))?;
    let project = Project::new(&settings.root);
    let booted = move || project.record_epoch(id, epoch);
    // As a task, the core goes on in the thread that has just read a message: it wakes no other one.
    let mut core = tokio::spawn(core.run(boot, booted));
    let max_connections = settings.config.net.max_connections;
    let accepting = listener::accept(listener, shared, to_core.clone(), max_connections);
    let accepting = tokio::spawn(accepting);
    // Listens for signals before the announcement: a client that finds the daemon may stop it at once.
    let stop = stop_reason(wait_for_stop(), stops);
    let announcements = runtime_folders.announce(id, &settings.root, port)?;
    service::ready();
    stale_announcements::remove_unserved_soon(runtime_folders.clone());
    tracing::info!(project_id = %id, port, pid = std::process::id(), version = WITH_COMMIT, "serving {}", settings.root.display());
    let ended = tokio::select! {
        joined = watch_core(&mut core, &to_core) => Some(joined),
        reason = stop => {
            shut_down(&to_core, reason).await;
            None
        }
    };
    service::stopping();
    // Clients must not find this daemon any more.
    drop(announcements);
    accepting.abort();
    // It may wait for the core, which ends last.
    drop(collector);
    let result = match ended {
        Some(joined) => joined,
        None => core.await,
    };
    warnings.log_all();
    core_result(result)
}

/// Waits for a signal or a request to stop. Returns the reason.
async fn stop_reason(
    signal: impl Future<Output = &'static str>,
    mut stops: mpsc::Receiver<String>,
) -> String {
    tokio::select! {
        signal = signal => format!("the daemon was stopped ({signal})"),
        Some(reason) = stops.recv() => reason,
    }
}

/// Creates the core, and the thread that writes the log for it.
fn core(
    (engine, wal): (Engine, Wal),
    (projector, log_check): (Projector, LogCheck),
    shared: &Arc<Shared>,
    (to_core, events): (mpsc::Sender<Event>, mpsc::Receiver<Event>),
) -> Result<Core, Error> {
    let clients = Arc::new(Clients::default());
    let work = Work {
        shared: Arc::clone(shared),
        to_core,
        runtime: Handle::current(),
    };
    let effects = Effects {
        clients: Arc::clone(&clients),
        projector,
        log_check,
        work: work.clone(),
    };
    let pipeline = Pipeline::start(Committer::new(wal, effects))
        .map_err(|error| Error::thread("log", error))?;
    Ok(Core::new(engine, pipeline, clients, work, events))
}

/// Tells the core to end. It may have ended by itself.
async fn shut_down(to_core: &mpsc::Sender<Event>, reason: String) {
    tracing::info!("stopping: {reason}");
    if to_core.send(Event::Shutdown { reason }).await.is_err() {
        tracing::debug!("the core had ended already");
    }
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
    (project, tokens): (ProjectId, Tokens),
    storage: &Storage,
    idle_limit: Option<Duration>,
    stop: mpsc::Sender<String>,
) -> (Arc<Shared>, Requests) {
    let (collector, requests) = ToCollector::new(settings.config.blobs.max_bytes);
    let net = &settings.config.net;
    let head_seq = Arc::new(AtomicU64::new(storage.engine.head_seq()));
    let shared = Shared {
        project,
        token: tokens.user,
        agent_token: tokens.agent,
        blobs: storage.blobs.clone(),
        collector,
        blob_cache: BlobCache::default(),
        patches: Patches::default(),
        audit: Project::new(&settings.root).audit(),
        blender_version: DefaultBlenderVersion::default(),
        view: View::new(storage.log_files.clone(), Arc::clone(&head_seq)),
        previews: Arc::default(),
        head_seq,
        handshake_timeout: Duration::from_millis(net.handshake_timeout_ms),
        heartbeat: Duration::from_millis(net.heartbeat_ms),
        batch_window_ms: settings.config.engine.batch_window_ms,
        warnings: Arc::default(),
        idle_limit,
        stop,
    };
    (Arc::new(shared), requests)
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
