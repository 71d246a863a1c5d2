//! The real daemon as a process, on a project and for a user of its own.

use std::fs::{self, File};
use std::io::{self, Error, ErrorKind};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::ExitStatus;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use vibesync_protocol::auth::Token;
use vibesync_protocol::discovery::Discovery;

/// How long a daemon may take until it has announced itself.
const START: Duration = Duration::from_secs(120);

/// How long it is waited for when it was asked to stop.
#[cfg(unix)]
const STOP: Duration = Duration::from_secs(60);

/// A running daemon; it is killed when this is dropped, as a crash would end it.
#[derive(Debug)]
pub struct Daemon {
    process: Process,
    discovery: Discovery,
    token: Token,
}

impl Daemon {
    /// Starts `program` on `folder/project`, with the runtime folder and the home inside `folder` too, and waits until
    /// it has announced itself. Settings go into `folder/project/.vibesync/vibesync.toml` before.
    pub fn start(program: &Path, folder: &Path) -> io::Result<Self> {
        Self::start_in(program, folder, &[])
    }

    /// As [`Daemon::start`], with more in its environment.
    pub fn start_in(
        program: &Path,
        folder: &Path,
        environment: &[(&str, PathBuf)],
    ) -> io::Result<Self> {
        let (project, runtime) = (folder.join("project"), folder.join("run"));
        fs::create_dir_all(&project)?;
        let errors = folder.join("daemon.err");
        let child = Command::new(program)
            .arg("run")
            .arg("--project")
            .arg(&project)
            .env("VIBESYNC_RUNTIME_DIR", &runtime)
            .env("HOME", folder)
            .env("XDG_CONFIG_HOME", folder.join("config"))
            .env_remove("NOTIFY_SOCKET")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&errors)?)
            .spawn()?;
        let mut process = Process(child);
        let discovery = process.announced(&runtime, &errors)?;
        let secret = fs::read_to_string(&discovery.token_path)?;
        let token = Token::parse(&secret).ok_or_else(|| Error::other("the token is no token"))?;
        Ok(Self {
            process,
            discovery,
            token,
        })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// Asks it to stop, as a service manager does, and waits until it has; it has a minute.
    #[cfg(unix)]
    pub fn stop(self) -> io::Result<ExitStatus> {
        let pid = self.pid().to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        self.wait()
    }

    /// Waits until it ends by itself; it has a minute.
    #[cfg(unix)]
    pub fn wait(mut self) -> io::Result<ExitStatus> {
        let deadline = Instant::now() + STOP;
        loop {
            match self.process.0.try_wait()? {
                Some(status) => return Ok(status),
                None if Instant::now() >= deadline => return Err(ErrorKind::TimedOut.into()),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// What it announced.
    pub fn discovery(&self) -> &Discovery {
        &self.discovery
    }

    /// The user's secret.
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        let host = self.discovery.host.parse().map_err(Error::other)?;
        Ok(SocketAddr::new(host, self.discovery.port))
    }
}

/// A process that does not outlive this value.
#[derive(Debug)]
struct Process(Child);

impl Process {
    fn announced(&mut self, runtime: &Path, errors: &Path) -> io::Result<Discovery> {
        let deadline = Instant::now() + START;
        loop {
            // A file that a killed predecessor left behind names another process.
            let pid = self.0.id();
            if let Some(found) = discoveries(runtime)?.find(|found| found.pid == pid) {
                return Ok(found);
            }
            if self.0.try_wait()?.is_some() || Instant::now() >= deadline {
                let said = fs::read_to_string(errors).unwrap_or_default();
                return Err(Error::other(format!("the daemon did not start: {said}")));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The discovery files that are there and whole.
fn discoveries(runtime: &Path) -> io::Result<impl Iterator<Item = Discovery>> {
    let entries = match fs::read_dir(runtime) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        entries => Some(entries?),
    };
    let paths = entries.into_iter().flatten().flatten().map(|it| it.path());
    let files = paths.filter(|path| path.extension().is_some_and(|it| it == "json"));
    Ok(files.filter_map(|path| serde_json::from_slice(&fs::read(path).ok()?).ok()))
}
