//! One project of the supervisor: looks at its files and processes, and carries out what the machine decides.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc;
use vibesync_scene::{Code, ProjectId};

use super::child;
use super::machine::{Action, Event, Lock, Machine, Owner};
use super::report::ProjectReport;
use super::wake_listener::{Limits, WakeListener};
use crate::cli::connect::connect;
use crate::error::Error;
use crate::platform::establish::establish;
use crate::platform::project::Project;
use crate::platform::project_lock::{self, Holder};
use crate::platform::runtime_folder::Announcement;
use crate::platform::runtime_folder::Secret;
use crate::platform::runtime_folders::RuntimeFolders;

/// Number of tries to ask a daemon to stop.
const STOP_TRIES: u32 = 3;

/// Number of a project within one run of the supervisor. It never names another project.
pub type Key = u64;

/// An event, with the project that it is about.
pub type Message = (Key, Event);

/// The things that all projects share.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The program of the daemon.
    pub program: PathBuf,
    /// The folders of the discovery files.
    pub runtime: RuntimeFolders,
    /// The folder of the service's log.
    pub log: PathBuf,
    /// Takes the events of listeners and children.
    pub events: mpsc::Sender<Message>,
}

/// One project.
#[derive(Debug)]
pub struct Supervised {
    /// Its number.
    pub key: Key,
    project: Project,
    machine: Machine,
    id: Option<ProjectId>,
    /// The listener and the discovery files, while no daemon serves.
    listening: Option<(WakeListener, Vec<Announcement>)>,
    /// Process of the daemon.
    pid: Option<u32>,
    /// A process that a supervisor has started for this project.
    our_pid: Option<u32>,
}

impl Supervised {
    /// Begins to supervise a folder. `adopted` is the daemon that an earlier supervisor has started there.
    pub fn new(key: Key, root: &Path, adopted: Option<u32>) -> Self {
        Self {
            key,
            project: Project::new(root),
            machine: Machine::new(),
            id: None,
            listening: None,
            pid: None,
            our_pid: adopted,
        }
    }

    /// The folder of the project.
    pub fn root(&self) -> &Path {
        self.project.root()
    }

    /// The decisions so far.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Returns the state for people and for the next supervisor.
    pub fn report(&self) -> ProjectReport {
        let owner = self.machine.owner();
        ProjectReport {
            root: self.root().to_owned(),
            project_id: self.id,
            state: self.machine.name(),
            pid: owner.and(self.pid),
            is_ours: matches!(owner, Some(Owner::Child | Owner::Adopted)),
            error: self.machine.problem().cloned(),
        }
    }

    /// Looks at the project, and does what follows.
    pub async fn look(&mut self, around: &Surroundings, now: Duration) {
        if !self.machine.is_done() {
            let seen = self.see(around);
            self.handle(seen, around, now).await;
        }
    }

    /// Handles an event, and does what follows.
    pub async fn handle(&mut self, event: Event, around: &Surroundings, now: Duration) {
        let before = self.machine.name();
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for action in self.machine.step(event, now) {
                if let Err(error) = self.perform(action, around).await {
                    events.push_back(Event::Unable((&error).into()));
                }
            }
        }
        let after = self.machine.name();
        if before != after {
            let (root, pid) = (self.root().display(), self.pid);
            match self.machine.problem() {
                Some(problem) => tracing::warn!(%root, pid, "{}: {problem}", after.as_str()),
                None => tracing::info!(%root, pid, "{}", after.as_str()),
            }
        }
    }

    fn see(&mut self, around: &Surroundings) -> Event {
        if !self.root().is_dir() {
            return Event::Absent;
        }
        let holder = match project_lock::holder(&self.project) {
            Ok(holder) => holder,
            Err(error) => return Event::Unable((&error).into()),
        };
        let Holder::Taken(pid) = holder else {
            return Event::Seen {
                lock: Lock::Free,
                is_announced: false,
            };
        };
        self.pid = pid;
        if self.id.is_none() {
            self.id = self.project.id().ok().flatten();
        }
        let found = self
            .id
            .and_then(|id| around.runtime.discover(id, Secret::User).ok()?);
        let is_announced =
            found.is_some_and(|(found, _)| !found.asleep && pid.is_none_or(|pid| pid == found.pid));
        Event::Seen {
            lock: Lock::Taken {
                is_ours: pid.is_some() && pid == self.our_pid,
            },
            is_announced,
        }
    }

    async fn perform(&mut self, action: Action, around: &Surroundings) -> Result<(), Error> {
        match action {
            Action::Listen => self.listen(around).await,
            Action::Start => self.start(around),
            Action::Release => {
                self.release();
                Ok(())
            }
            Action::Stop => {
                self.stop();
                Ok(())
            }
        }
    }

    /// Listens and announces. Does neither if a process holds the lock: the next look finds it.
    async fn listen(&mut self, around: &Surroundings) -> Result<(), Error> {
        if self.listening.is_some() {
            return Ok(());
        }
        let id = match establish(&self.project) {
            Err(error) if error.code == Code::ProjectTaken => return Ok(()),
            other => other?,
        };
        self.id = Some(id);
        let (key, root) = (self.key, self.project.root());
        let connected = move || (key, Event::ClientConnected);
        let listener = WakeListener::open(Limits::DEFAULT, around.events.clone(), connected).await;
        let listener =
            listener.map_err(|error| Error::from_source(Code::CannotListen, "", error))?;
        // A daemon that starts must not lose its discovery file to this one.
        let announce = || around.runtime.announce_asleep(id, root, listener.port());
        let announced = project_lock::while_free(&self.project, announce);
        let announced = announced
            .map_err(|error| Error::io(Code::ProjectTaken, root, "look at its lock", error))?;
        if let Some(announcements) = announced.transpose()? {
            self.listening = Some((listener, announcements));
        }
        Ok(())
    }

    fn release(&mut self) {
        let Some((listener, mut announcements)) = self.listening.take() else {
            return;
        };
        let _ = project_lock::while_free(&self.project, || announcements.clear());
        // A daemon has replaced these files, or is about to do so.
        announcements.into_iter().for_each(Announcement::leave);
        drop(listener);
    }

    fn start(&mut self, around: &Surroundings) -> Result<(), Error> {
        let name = self.id.map_or_else(String::new, |id| id.to_string());
        let errors = around.log.join(format!("{name}.err"));
        let (key, events) = (self.key, around.events.clone());
        let ended = move |problem| {
            // The supervisor may have ended before its child.
            let _ = events.blocking_send((key, Event::Ended { problem }));
        };
        let pid = child::start(&around.program, self.root(), &errors, ended);
        let pid = pid.map_err(|error| {
            let message = format!("cannot start the daemon: {error}");
            Error::new(Code::ServiceUnavailable, around.program.display(), message).caused_by(error)
        })?;
        (self.pid, self.our_pid) = (Some(pid), Some(pid));
        Ok(())
    }

    /// Asks the daemon to stop, in another thread. Its end is an event of its own.
    fn stop(&self) {
        let project = self.project.clone();
        let ask = move || {
            for _ in 0..STOP_TRIES {
                let reason = "the daemon was stopped by the service".to_owned();
                match connect(&project).and_then(|mut daemon| daemon.stop(reason)) {
                    Ok(()) => return,
                    Err(error) => {
                        tracing::warn!(root = %project.root().display(), "not stopped: {error}");
                        std::thread::sleep(Duration::from_millis(500));
                    }
                }
            }
        };
        let started = std::thread::Builder::new().name("stop".into()).spawn(ask);
        if let Err(error) = started {
            tracing::warn!("cannot start a thread: {error}");
        }
    }
}
