//! The loop of the supervisor: follows the list, looks at each project, writes the state, and stops cleanly.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use vibesync_scene::Code;

use super::machine::Event;
use super::problem::Problem;
use super::report::{REPORT_VERSION, Report, ServiceFiles};
use super::supervised::{Key, Message, Supervised, Surroundings};
use crate::config::Settings;
use crate::error::Error;
use crate::platform::project_list::ProjectList;
use crate::platform::runtime_folders::RuntimeFolders;
use crate::platform::signals::wait_for_stop;
use crate::platform::stale_announcements;
use crate::platform::{service, telemetry, user_folders};

/// Time between two looks at everything.
const SLOW: Duration = Duration::from_secs(1);

/// Time between two looks while a daemon starts or stops.
const FAST: Duration = Duration::from_millis(50);

/// Maximum number of events that wait. Children wait for room, connections of clients do not.
const EVENTS: usize = 1_024;

/// The supervisor of one user.
struct Supervisor {
    around: Surroundings,
    list: ProjectList,
    files: ServiceFiles,
    projects: Vec<Supervised>,
    /// Processes that the earlier supervisor has started.
    adopted: Vec<(PathBuf, u32)>,
    list_error: Option<Problem>,
    /// The state as the file has it; none before the first write, and after a failed one.
    written: Option<Report>,
    is_write_failing: bool,
    next_key: Key,
    started: Instant,
    last_look: Instant,
}

/// Supervises the projects of the user until a signal or a request to stop. Fails with VS-6007 if another process does.
pub fn run(is_verbose: bool) -> Result<(), Error> {
    let settings = Settings::of_user()?;
    let log = user_folders::log()?;
    let _telemetry = telemetry::to_files(&log, &settings, is_verbose, false)?;
    let mut folders = RuntimeFolders::from_env()?;
    folders.first().create()?;
    let files = ServiceFiles::new(folders.first().path());
    let _lock = files.acquire()?;
    // Clients read the token before they connect and wake the first daemon.
    folders.prepare()?;
    stale_announcements::remove_asleep(&folders);
    stale_announcements::remove_unserved_soon(folders.clone());
    let (events, mut received) = mpsc::channel(EVENTS);
    let program = std::env::current_exe().map_err(|error| {
        let message = format!("the path of the program is not known: {error}");
        Error::new(Code::ServiceUnavailable, "", message)
    })?;
    let around = Surroundings {
        program,
        runtime: folders,
        log,
        events,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::thread("tokio", error))?;
    runtime.block_on(async {
        let mut supervisor = Supervisor::new(around, ProjectList::of_user()?, files);
        supervisor.serve(&mut received).await;
        Ok(())
    })
}

impl Supervisor {
    fn new(around: Surroundings, list: ProjectList, files: ServiceFiles) -> Self {
        let earlier = files.read().unwrap_or_else(|error| {
            tracing::warn!("the state of the earlier supervisor is not used: {error}");
            None
        });
        let earlier = earlier.into_iter().flat_map(|report| report.projects);
        let ours = earlier.filter(|project| project.is_ours);
        Self {
            adopted: ours
                .filter_map(|project| Some((project.root, project.pid?)))
                .collect(),
            around,
            list,
            files,
            projects: Vec::new(),
            list_error: None,
            written: None,
            is_write_failing: false,
            next_key: 0,
            started: Instant::now(),
            last_look: Instant::now(),
        }
    }

    async fn serve(&mut self, events: &mut mpsc::Receiver<Message>) {
        let mut stop = pin!(wait_for_stop());
        self.forget_stop_request();
        self.follow_list().await;
        self.look().await;
        service::ready();
        tracing::info!(
            pid = std::process::id(),
            "supervising {} projects",
            self.projects.len()
        );
        let mut last_list = Instant::now();
        loop {
            tokio::select! {
                event = events.recv() => self.take(event).await,
                signal = &mut stop => break tracing::info!("stopping: {signal}"),
                () = self.pause() => self.look().await,
            }
            if last_list.elapsed() >= SLOW {
                last_list = Instant::now();
                service::watchdog();
                if self.is_asked_to_stop() {
                    break tracing::info!("stopping: vibesync service remove");
                }
                self.follow_list().await;
            }
            self.write_report();
        }
        service::stopping();
        self.stop(events).await;
        self.forget_stop_request();
    }

    /// Stops all daemons that a supervisor has started. The machines bound the time.
    async fn stop(&mut self, events: &mut mpsc::Receiver<Message>) {
        let now = self.now();
        for project in &mut self.projects {
            project.handle(Event::Retire, &self.around, now).await;
        }
        self.write_report();
        while !self.projects.is_empty() {
            tokio::select! {
                event = events.recv() => self.take(event).await,
                () = self.pause() => self.look().await,
            }
            self.write_report();
        }
    }

    /// Waits for the next look. Events in between do not delay it.
    async fn pause(&self) {
        let is_changing = self.projects.iter().any(|it| it.machine().is_changing());
        let pause = if is_changing { FAST } else { SLOW };
        tokio::time::sleep_until(self.last_look + pause).await;
    }

    async fn take(&mut self, message: Option<Message>) {
        let now = self.now();
        let Some((key, event)) = message else {
            return;
        };
        if let Some(project) = self.projects.iter_mut().find(|it| it.key == key) {
            project.handle(event, &self.around, now).await;
        }
        self.drop_done();
    }

    async fn look(&mut self) {
        self.last_look = Instant::now();
        let now = self.now();
        for project in &mut self.projects {
            project.look(&self.around, now).await;
        }
        self.drop_done();
    }

    fn drop_done(&mut self) {
        self.projects.retain(|project| !project.machine().is_done());
    }

    /// Reads the list, and follows its changes. A list that cannot be read changes nothing.
    async fn follow_list(&mut self) {
        let roots = match self.list.read() {
            Ok(roots) => roots,
            Err(error) => {
                let problem = Problem::from(&error);
                if self.list_error.as_ref() != Some(&problem) {
                    tracing::error!(error_code = %error.code, "the list of projects stays as it was: {problem}");
                    self.list_error = Some(problem);
                }
                return;
            }
        };
        self.list_error = None;
        let now = self.now();
        for project in &mut self.projects {
            if !roots.iter().any(|root| root == project.root()) {
                project.handle(Event::Retire, &self.around, now).await;
            }
        }
        self.drop_done();
        for root in &roots {
            // A project that was removed and added again waits for the end of its daemon.
            if !self.projects.iter().any(|it| it.root() == root) {
                self.add(root);
                let Some(project) = self.projects.last_mut() else {
                    continue;
                };
                project.look(&self.around, now).await;
            }
        }
    }

    fn add(&mut self, root: &Path) {
        let adopted = self.adopted.iter().find(|(earlier, _)| earlier == root);
        let adopted = adopted.map(|(_, pid)| *pid);
        self.projects
            .push(Supervised::new(self.next_key, root, adopted));
        self.next_key += 1;
    }

    /// Writes the state if it has changed.
    fn write_report(&mut self) {
        let report = Report {
            schema_version: REPORT_VERSION,
            pid: std::process::id(),
            program: self.around.program.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            list_error: self.list_error.clone(),
            projects: self.projects.iter().map(Supervised::report).collect(),
        };
        if self.written.as_ref() == Some(&report) {
            return;
        }
        self.written = match self.files.write(&report) {
            Ok(()) => {
                self.is_write_failing = false;
                Some(report)
            }
            Err(error) => {
                // Tried again at the next look, and told once.
                if !std::mem::replace(&mut self.is_write_failing, true) {
                    tracing::warn!("the state is not written: {error}");
                }
                None
            }
        };
    }

    fn is_asked_to_stop(&self) -> bool {
        let text = std::fs::read_to_string(self.files.stop_path()).unwrap_or_default();
        text.trim() == std::process::id().to_string()
    }

    fn forget_stop_request(&self) {
        // Usually there is none.
        let _ = std::fs::remove_file(self.files.stop_path());
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }
}
