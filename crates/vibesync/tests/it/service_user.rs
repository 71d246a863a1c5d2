//! A user with several projects and a supervisor. Each process of the user ends with the test.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use vibesync_protocol::auth::Token;
use vibesync_protocol::discovery::Discovery;
use vibesync_protocol::{AckStatus, Intent, SCHEMA_VERSION};
use vibesync_scene::{InstanceId, OperationId, Role, Transform, Uuid};
use vibesync_store::durable;
use vibesync_testkit::{ChildProcess, Client, FakeEditor};

use crate::harness::{TIMEOUT, create};
use crate::project::{AGENTS_WORK, CommandOutput, TestProject};
use crate::shutdown::intend;
use crate::user_processes::Reaper;

/// Longest wait for the end of a supervisor that was asked to stop.
const STOP: Duration = Duration::from_secs(30);

pub struct ServiceUser {
    // Dropped first: its processes use the folders.
    _reaper: Reaper,
    /// The first project; its folder is also the home.
    pub project: TestProject,
    pub home: PathBuf,
}

impl ServiceUser {
    /// Creates a user whose daemons end after so many seconds without a client.
    pub fn new(idle_seconds: f64) -> Self {
        let project = TestProject::new();
        let home = project.root().parent().unwrap().to_owned();
        let minutes = idle_seconds / 60.0;
        let settings = format!("[service]\nidle_minutes = {minutes:?}\n\n{AGENTS_WORK}");
        project.file("../config/vibesync/vibesync.toml", &settings);
        Self {
            _reaper: Reaper::new(&home),
            project,
            home,
        }
    }

    /// Returns the folder of a project; `project` is the first.
    pub fn root(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = self.project.command(args);
        command.current_dir(&self.home).env_remove("XDG_STATE_HOME");
        command
    }

    pub fn run(&self, args: &[&str]) -> CommandOutput {
        CommandOutput::of(&mut self.command(args), &self.home)
    }

    /// Adds a project to the list, and creates its folder.
    pub fn add(&self, name: &str) {
        let root = self.root(name);
        std::fs::create_dir_all(&root).unwrap();
        let added = self.run(&["projects", "add", root.to_str().unwrap()]);
        assert_eq!(added.code, Some(0), "{added:?}");
    }

    /// Starts a supervisor, and waits until it runs.
    pub fn supervise(&self) -> ChildProcess {
        let mut command = self.command(&["service", "run"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = ChildProcess::spawn(&mut command).unwrap();
        let pid = process.id();
        until("the supervisor runs", || {
            assert!(process.try_wait().unwrap().is_none(), "it has ended");
            (self.report()["pid"] == pid).then_some(())
        });
        process
    }

    /// Stops a supervisor cleanly, and waits until it has ended.
    pub fn stop(&self, mut supervisor: ChildProcess) -> ExitStatus {
        #[cfg(unix)]
        supervisor.terminate().unwrap();
        #[cfg(windows)]
        self.ask_to_stop(&supervisor.id().into());
        supervisor.wait(STOP).unwrap()
    }

    /// Asks the supervisor to stop as `vibesync service remove` does.
    pub fn ask_to_stop(&self, pid: &Value) {
        let request = self.home.join("run/service.stop");
        durable::write_private(&request, pid.to_string().as_bytes()).unwrap();
    }

    /// Reads the state that the supervisor has written.
    pub fn report(&self) -> Value {
        let text = std::fs::read(self.home.join("run/service.json")).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Reads the state of one project; null if it is not in the list.
    pub fn state(&self, name: &str) -> Value {
        let (report, root) = (self.report(), self.root(name));
        let projects = report["projects"].as_array().cloned().unwrap_or_default();
        let mut found = projects.into_iter();
        let found = found.find(|it| Path::new(it["root"].as_str().unwrap()) == root);
        found.unwrap_or_default()
    }

    /// Waits for the state of a project, and returns it.
    pub fn until_state(&self, name: &str, state: &str) -> Value {
        until(&format!("{name} is {state}"), || {
            let found = self.state(name);
            (found["state"] == state).then_some(found)
        })
    }

    /// Reads the discovery file of a project.
    pub fn discovery(&self, name: &str) -> Option<Discovery> {
        let project = std::fs::read(self.root(name).join(".vibesync/project.json")).ok()?;
        let project: Value = serde_json::from_slice(&project).ok()?;
        let file = format!("{}.json", project["project_id"].as_str()?);
        serde_json::from_slice(&std::fs::read(self.runtime().join(file)).ok()?).ok()
    }

    /// The runtime folder, in which daemons and supervisor announce themselves.
    pub fn runtime(&self) -> PathBuf {
        self.home.join("run")
    }

    pub fn dial(&self, name: &str) -> Client {
        let discovery = self.discovery(name).unwrap();
        Client::dial(address(&discovery), TIMEOUT).unwrap()
    }

    /// Connects as a client does: whenever its connection is closed, it looks again.
    pub fn join(&self, name: &str, role: Role) -> Client {
        until(&format!("{name} accepts a client"), || {
            self.try_join(name, role).ok()
        })
    }

    /// Tries once to connect.
    pub fn try_join(&self, name: &str, role: Role) -> io::Result<Client> {
        let none = || io::Error::from(ErrorKind::NotFound);
        let discovery = self.discovery(name).ok_or_else(none)?;
        let token = std::fs::read_to_string(&discovery.token_path)?;
        let token = Token::parse(&token).ok_or_else(none)?;
        let mut client = Client::dial(address(&discovery), TIMEOUT)?;
        let instance = InstanceId(Uuid::new_v4());
        let mut editor = FakeEditor::new(role, instance, discovery.project_id);
        client.prove(&token, &mut editor)?;
        Ok(client)
    }

    /// Adds an object; returns its intent, which was acknowledged.
    pub fn edit(&self, name: &str, client: &mut Client) -> Intent {
        let intent = Intent {
            operation_id: OperationId(Uuid::new_v4()),
            project_id: self.discovery(name).unwrap().project_id,
            schema_version: SCHEMA_VERSION,
            base_seq: 0,
            label: "Add".into(),
            dry_run: false,
            changes: vec![create(Uuid::new_v4(), Transform::IDENTITY)],
            request_id: None,
        };
        assert_eq!(intend(client, &intent).0, AckStatus::Accepted);
        intent
    }
}

fn address(discovery: &Discovery) -> SocketAddr {
    SocketAddr::new(discovery.host.parse().unwrap(), discovery.port)
}

/// Waits until `look` finds something.
#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
