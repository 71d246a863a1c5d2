//! The harness of a section: a folder on a real disk, the real daemon, and editors connected to it.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use uuid::Uuid;
use vibesync_protocol::DaemonMessage;
use vibesync_scene::{InstanceId, OperationId, Role};
use vibesync_testkit::{Daemon, EditorSession, FakeEditor};

/// Any error breaks the section off.
pub type Fallible<T = ()> = Result<T, Box<dyn Error>>;

/// Time after which a missing answer breaks the section off.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The shortest batch window that the settings allow, so that samples wait least.
pub const WINDOW: Duration = Duration::from_millis(250);

/// The harness of all sections.
pub struct Harness {
    /// The daemon's program.
    pub program: PathBuf,
}

impl Harness {
    /// Makes a folder beside the program: the system's temporary folder may be in memory, where durability is free.
    pub fn folder(&self) -> io::Result<TempDir> {
        let beside = self.program.parent().unwrap_or(Path::new("."));
        tempfile::Builder::new()
            .prefix("vibesync-bench-")
            .tempdir_in(beside)
    }

    /// Starts a daemon on `folder/project` with default settings, except for the window and `settings`.
    pub fn daemon(&self, folder: &Path, settings: &str) -> io::Result<Daemon> {
        self.daemon_in(folder, settings, &[])
    }

    /// Does the same with additional environment variables.
    pub fn daemon_in(
        &self,
        folder: &Path,
        settings: &str,
        environment: &[(&str, PathBuf)],
    ) -> io::Result<Daemon> {
        let own = folder.join("project/.vibesync");
        fs::create_dir_all(&own)?;
        let window = WINDOW.as_millis();
        let text = format!("[engine]\nbatch_window_ms = {window}\n{settings}");
        vibesync_store::durable::write(&own.join("vibesync.toml"), text.as_bytes())
            .map_err(io::Error::other)?;
        Daemon::start_in(&self.program, folder, environment)
    }
}

/// Makes an editor with an empty scene.
pub fn editor(daemon: &Daemon, role: Role) -> FakeEditor {
    let instance = InstanceId(Uuid::new_v4());
    FakeEditor::new(role, instance, daemon.discovery().project_id)
}

/// Connects an editor with an empty scene.
pub fn join(daemon: &Daemon, role: Role) -> io::Result<EditorSession> {
    EditorSession::join(daemon, editor(daemon, role), PATIENCE)
}

/// An `apply` frame that reached editor B: its operations, and the time of arrival.
struct Arrival {
    operations: Vec<OperationId>,
    at: Instant,
}

/// Editor B in a thread of its own; in real life it is a process of its own.
pub struct Receiving {
    arrivals: Receiver<Arrival>,
    thread: JoinHandle<()>,
}

impl Receiving {
    /// Lets the editor receive and answer until the daemon ends.
    pub fn start(mut session: EditorSession) -> Self {
        // The channel holds more than the batches of any section, so the editor never waits for the measurement.
        let (tell, arrivals) = mpsc::sync_channel(10_000);
        let thread = std::thread::spawn(move || {
            // A waiting receiver notices the end.
            while let Ok(heard) = session.hear() {
                if let DaemonMessage::Apply { operations, .. } = heard.message {
                    let at = heard.at;
                    let _ = tell.try_send(Arrival { operations, at });
                }
            }
        });
        Self { arrivals, thread }
    }

    /// Returns the time when the operation arrived.
    pub fn arrival(&self, operation: OperationId) -> Fallible<Instant> {
        loop {
            let arrival = self.arrivals.recv_timeout(PATIENCE)?;
            if arrival.operations.contains(&operation) {
                return Ok(arrival.at);
            }
        }
    }

    /// Waits for the end of the thread, after the daemon's.
    pub fn end(self) -> Fallible {
        self.thread.join().map_err(|_| "editor B panicked".into())
    }
}
