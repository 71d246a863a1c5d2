//! `vibesync service install|remove|status`, with a `systemctl` that behaves as systemd's does.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use vibesync_store::durable;

use crate::project::CommandOutput;
use crate::service_user::{ServiceUser, until};
use crate::user_processes::is_running;

/// Notes each call. Starts and stops the program of the unit, and refuses what systemd refuses.
const SYSTEMCTL: &str = r#"#!/bin/sh
echo "$*" >> "$HOME/calls"
unit="$XDG_CONFIG_HOME/systemd/user/vibesync.service"
stop() { [ -f "$HOME/main" ] && kill "$(cat "$HOME/main")" 2>/dev/null && rm "$HOME/main"; }
case "$*" in
"--user show-environment"|"--user daemon-reload") ;;
"--user enable vibesync.service") [ -f "$unit" ] || { echo "no such unit" >&2; exit 1; } ;;
"--user restart vibesync.service")
  stop
  eval "$(sed -n 's/^ExecStart=//p' "$unit") >/dev/null 2>&1 &"
  echo $! > "$HOME/main" ;;
"--user disable --now vibesync.service") [ -f "$unit" ] || { echo "no such unit" >&2; exit 1; }; stop ;;
*) echo "unknown: $*" >&2; exit 1 ;;
esac
"#;

struct Machine {
    user: ServiceUser,
}

impl Machine {
    /// Creates a machine with this `systemctl`; with none if it is empty.
    fn new(systemctl: &str) -> Self {
        let user = ServiceUser::new(600.0);
        let programs = user.root("bin");
        std::fs::create_dir_all(&programs).unwrap();
        if !systemctl.is_empty() {
            let path = programs.join("systemctl");
            durable::write(&path, systemctl.as_bytes()).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Self { user }
    }

    fn run(&self, args: &[&str], system_path: bool) -> CommandOutput {
        let mut path = OsString::from(self.user.root("bin"));
        if system_path {
            path.push(":/usr/bin:/bin");
        }
        // Without the wrapper that ends a child with its parent: it must be found in this PATH too.
        let mut command = Command::new(env!("CARGO_BIN_EXE_vibesync"));
        let named = self.user.command(args);
        for (name, value) in named.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.args(args).env("PATH", path);
        command.current_dir(&self.user.home);
        CommandOutput::of(&mut command, &self.user.home)
    }

    fn service(&self, args: &[&str]) -> CommandOutput {
        self.run(&[&["service"], args].concat(), true)
    }

    fn unit(&self) -> PathBuf {
        self.user
            .root("config")
            .join("systemd/user/vibesync.service")
    }

    fn calls(&self) -> String {
        std::fs::read_to_string(self.user.root("calls")).unwrap_or_default()
    }
}

#[test]
fn dry_run_prints_everything_and_changes_nothing() {
    let machine = Machine::new(SYSTEMCTL);
    let printed = machine.service(&["install", "--dry-run"]);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    for part in [
        "run systemctl --user show-environment\n",
        "write ~/config/systemd/user/vibesync.service\n",
        "Type=notify\n",
        "KillMode=process\n",
        "run systemctl --user enable vibesync.service\n",
    ] {
        assert!(printed.out.contains(part), "{part} in {printed:?}");
    }
    let printed = machine.service(&["remove", "--dry-run"]);
    assert!(
        printed.out.contains("remove ~/config/systemd"),
        "{printed:?}"
    );
    assert!(!machine.unit().exists());
    assert_eq!(machine.calls(), "");
}

#[test]
fn installed_service_runs_until_it_is_removed() {
    let machine = Machine::new(SYSTEMCTL);
    machine.user.add("project");
    assert_eq!(machine.service(&["status"]).code, Some(1));
    let installed = machine.service(&["install"]);
    assert_eq!(installed.code, Some(0), "{installed:?}");
    machine.user.until_state("project", "asleep");
    let status = machine.service(&["status"]);
    assert_eq!(status.code, Some(0), "{status:?}");
    for part in [
        "installed  ~/config/systemd",
        "runs       process",
        "asleep",
    ] {
        assert!(status.out.contains(part), "{part} in {status:?}");
    }
    let checked = machine.user.project.run(&["doctor"]).out;
    let line = checked.lines().find(|line| line.contains(" service "));
    let line = line.unwrap();
    assert!(line.starts_with("ok ") && line.contains("installed, runs"));
    assert!(line.ends_with("this project is in its list"), "{line}");
    let first = machine.user.report()["pid"].clone();
    assert_eq!(
        machine.service(&["install"]).code,
        Some(0),
        "as after an update"
    );
    until("another process", || {
        let pid = machine.user.report()["pid"].clone();
        (pid != first && !is_running(&first)).then_some(())
    });
    let pid = machine.user.report()["pid"].clone();
    let removed = machine.service(&["remove"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert!(!machine.unit().exists() && !is_running(&pid));
    assert_eq!(machine.service(&["status"]).code, Some(1));
    let calls = machine.calls();
    assert!(calls.ends_with("--user daemon-reload\n"), "{calls}");
    assert_eq!(machine.service(&["remove"]).code, Some(0), "also twice");
}

#[test]
fn installation_without_systemd_says_what_to_do() {
    let broken = "#!/bin/sh\necho 'Failed to connect to bus: No medium found' >&2\nexit 1\n";
    for (systemctl, words) in [("", "cannot be run"), (broken, "No medium found")] {
        let machine = Machine::new(systemctl);
        let refused = machine.run(&["service", "install"], !systemctl.is_empty());
        assert_eq!(refused.code, Some(1), "{refused:?}");
        for part in ["VS-6007", "no systemd", words, "vibesync service run"] {
            assert!(refused.err.contains(part), "{part} in {refused:?}");
        }
        assert!(!machine.unit().exists());
    }
}

#[test]
fn removal_stops_a_service_that_was_started_by_hand() {
    let machine = Machine::new(SYSTEMCTL);
    let mut supervisor = machine.user.supervise();
    let removed = machine.service(&["remove"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    let ended = supervisor.wait(Duration::from_secs(10)).unwrap();
    assert!(ended.success());
    assert!(!machine.user.root("run/service.stop").exists());
}

#[test]
fn unit_passes_the_check_of_systemd() {
    let machine = Machine::new(SYSTEMCTL);
    assert_eq!(machine.service(&["install"]).code, Some(0));
    let mut verify = Command::new("systemd-analyze");
    let verify = verify
        .args(["verify", "--user"])
        .arg(machine.unit())
        .env("XDG_RUNTIME_DIR", machine.user.root("run"))
        .output();
    let Ok(verified) = verify else {
        return;
    };
    let said = String::from_utf8_lossy(&verified.stderr);
    // Keys that only a newer systemd knows.
    let newer = ["RestartSteps", "RestartMaxDelaySec"];
    let complaints = said
        .lines()
        .filter(|line| line.contains("vibesync.service"))
        .filter(|line| !newer.iter().any(|key| line.contains(key)));
    assert_eq!(complaints.collect::<Vec<_>>(), Vec::<&str>::new(), "{said}");
}
