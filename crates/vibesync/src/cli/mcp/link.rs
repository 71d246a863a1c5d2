//! The connection with the daemon: made when it is needed, made again after the daemon was restarted, dropped when idle.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use vibesync_protocol::AgentIdentity;
use vibesync_scene::{AgentName, Code};

use crate::cli::client::Client;
use crate::cli::connect::connect_as_agent;
use crate::error::Error;
use crate::platform::project::Project;

/// Maximum time to wait for an answer. The first question about a large scene takes longest.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Time without a question after which the connection is closed. An open one keeps the daemon of a service awake.
const IDLE: Duration = Duration::from_secs(300);

/// Time between two looks at the pings of the daemon.
const PINGS: Duration = Duration::from_secs(1);

/// The connection with the daemon of a project.
#[derive(Debug)]
pub(super) struct Link {
    project: Project,
    agent: AgentIdentity,
    connection: Mutex<Option<Connection>>,
}

#[derive(Debug)]
struct Connection {
    client: Client,
    used: Instant,
}

impl Link {
    pub fn new(project: Project, name: AgentName) -> Self {
        Self {
            project,
            agent: AgentIdentity {
                name,
                ..AgentIdentity::default()
            },
            connection: Mutex::default(),
        }
    }

    /// Asks the daemon. Connects first if there is no connection; asks a second time if the old one has broken. A question
    /// must therefore have no effect.
    pub fn ask<T>(&self, ask: impl Fn(&mut Client) -> Result<T, Error>) -> Result<T, Error> {
        let mut connection = self.lock();
        if let Some(mut old) = connection.take() {
            match ask(&mut old.client) {
                Ok(answer) => {
                    old.used = Instant::now();
                    *connection = Some(old);
                    return Ok(answer);
                }
                // The daemon has stopped, perhaps another one runs.
                Err(error) if error.code == Code::NoDaemon => {}
                Err(error) => return Err(error),
            }
        }
        let mut client = connect_as_agent(&self.project, &self.agent, TIMEOUT)?;
        let answer = ask(&mut client)?;
        let used = Instant::now();
        *connection = Some(Connection { client, used });
        Ok(answer)
    }

    /// Answers the daemon's pings, or closes the connection if it is idle.
    fn maintain(&self) {
        let mut connection = self.lock();
        let Some(held) = connection.as_mut() else {
            return;
        };
        if held.used.elapsed() > IDLE || held.client.answer_pings().is_err() {
            *connection = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Connection>> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the thread that keeps the connection alive. It ends with the link.
pub(super) fn keep_alive(link: &Arc<Link>) -> Result<(), Error> {
    let link: Weak<Link> = Arc::downgrade(link);
    let keep = move || {
        while let Some(link) = link.upgrade() {
            link.maintain();
            drop(link);
            std::thread::sleep(PINGS);
        }
    };
    let thread = std::thread::Builder::new().name("pings".into());
    let started = thread.spawn(keep);
    started
        .map(drop)
        .map_err(|error| Error::thread("pings", error))
}
