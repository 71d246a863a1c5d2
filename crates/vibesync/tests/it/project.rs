//! A project in a temporary folder, with a user of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use vibesync_scene::RecordBody;
use vibesync_store::disk::RealDisk;
use vibesync_store::wal::{Options, Wal};

/// The process that the records of [`TestProject::write_log`] claim to be from.
const PROCESS: u32 = 4711;

pub struct TestProject {
    folder: TempDir,
}

impl TestProject {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("project/.vibesync")).unwrap();
        Self { folder }
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// A project with a user of its own that has the same files.
    #[cfg(target_os = "linux")]
    pub fn copied(&self) -> Self {
        let copy = Self::new();
        copy_folder(self.folder.path(), copy.folder.path());
        copy
    }

    pub fn runtime(&self) -> PathBuf {
        self.folder.path().join("run")
    }

    /// Puts a file into the project.
    pub fn file(&self, name: &str, content: &str) {
        let path = self.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        vibesync_store::durable::write(&path, content.as_bytes()).unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vibesync"));
        let user = self.folder.path();
        command
            .args(args)
            .current_dir(self.root())
            .env("VIBESYNC_RUNTIME_DIR", self.runtime())
            .env("XDG_CONFIG_HOME", user.join("config"))
            .env("HOME", user)
            .env("APPDATA", user.join("config"))
            .env("USERPROFILE", user)
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::from(self.command(args).output().unwrap(), self.folder.path())
    }

    /// Appends records to the log, a millisecond apart.
    pub fn write_log(&self, records: &[RecordBody]) {
        self.write_segments(records, u64::MAX);
    }

    /// The same, in segments of this size.
    pub fn write_segments(&self, records: &[RecordBody], segment_bytes: u64) {
        let options = Options {
            process_id: PROCESS,
            segment_bytes,
            ..Options::new(self.root().join(".vibesync/wal"))
        };
        let (mut wal, _) = Wal::open(options, Arc::new(RealDisk), u64::MAX, &mut |_| {}).unwrap();
        for record in records {
            let milliseconds = wal.next_seq();
            let timestamp = format!("2026-01-02T03:04:05.{milliseconds:03}000Z");
            wal.append(std::slice::from_ref(record), &timestamp)
                .unwrap();
            wal.sync().unwrap();
        }
    }

    /// Starts the daemon and waits until it has announced itself.
    pub fn start(&self) -> Daemon {
        let child = self
            .command(&["run"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut daemon = Daemon { child };
        let deadline = Instant::now() + Duration::from_secs(20);
        while !announced(&self.runtime()) {
            assert!(
                daemon.child.try_wait().unwrap().is_none(),
                "the daemon ended early"
            );
            assert!(
                Instant::now() < deadline,
                "the daemon did not announce itself"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        daemon
    }
}

/// Copies a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy_folder(&path, &to),
            false => drop(std::fs::copy(&path, &to).unwrap()),
        }
    }
}

/// Whether a discovery file is in the folder.
pub fn announced(runtime: &Path) -> bool {
    let files = std::fs::read_dir(runtime).into_iter().flatten().flatten();
    let mut names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    names.any(|name| name.ends_with(".json") && !name.starts_with('.'))
}

/// A daemon that ends with the test, however that ends.
pub struct Daemon {
    child: Child,
}

impl Daemon {
    #[cfg(unix)]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// As a service manager stops it; its exit code.
    #[cfg(unix)]
    pub fn stop(mut self) -> Option<i32> {
        let id = self.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }

    /// As a crash ends it.
    pub fn kill(self) {}
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a command printed, with the temporary folder written as `~`.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ran {
    fn from(output: Output, folder: &Path) -> Self {
        let text = |bytes: &[u8]| {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            text.replace(folder.to_str().unwrap(), "~")
                .replace('\\', "/")
        };
        Self {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}
