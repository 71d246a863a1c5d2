//! The steps of an installation and of a removal, as data.

use std::path::{Path, PathBuf};

use vibesync_protocol::discovery::Os;

/// The systemd unit, without the path of the program.
const UNIT: &str = include_str!("../../../../config/vibesync.service");

/// The launchd agent, without the path of the program.
const AGENT: &str = include_str!("../../../../config/com.vibesync.service.plist");

/// Name of the unit.
const UNIT_NAME: &str = "vibesync.service";

/// Label of the agent.
const LABEL: &str = "com.vibesync.service";

/// The program and the folders of the user.
#[derive(Clone, Debug)]
pub struct Place {
    /// The system.
    pub os: Os,
    /// The program `vibesync`.
    pub program: PathBuf,
    /// The home folder.
    pub home: PathBuf,
    /// The folder of settings of all programs; used on Linux.
    pub config: PathBuf,
    /// The number of the user; used on macOS.
    pub uid: u32,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Run a command that shows whether the system can do this at all.
    Probe {
        /// Program and arguments.
        command: Vec<String>,
        /// The part that is missing if it fails.
        missing: &'static str,
    },
    /// End the supervisor that runs, with its daemons.
    StopService,
    /// Write a file.
    Write {
        /// The file.
        path: PathBuf,
        /// Its content.
        content: String,
    },
    /// Remove a file, if it is there.
    Remove {
        /// The file.
        path: PathBuf,
    },
    /// Run a command.
    Run {
        /// Program and arguments.
        command: Vec<String>,
        /// It fails if there is nothing to do.
        may_fail: bool,
    },
    /// Write the value of the Run key.
    SetRunKey {
        /// The command line.
        value: String,
    },
    /// Remove the value of the Run key, if it is there.
    RemoveRunKey,
    /// Start a program that goes on.
    Start {
        /// The program.
        program: PathBuf,
    },
}

impl Place {
    /// Returns the file that registers the service; none on Windows.
    pub fn file(&self) -> Option<PathBuf> {
        match self.os {
            Os::Unix => Some(self.config.join("systemd/user").join(UNIT_NAME)),
            Os::MacOs => {
                let name = format!("Library/LaunchAgents/{LABEL}.plist");
                Some(self.home.join(name))
            }
            Os::Windows => None,
        }
    }

    /// Returns the program of Windows that starts the service without a window.
    fn starter(&self) -> PathBuf {
        self.program.with_file_name("vibesync-service.exe")
    }

    fn domain(&self) -> String {
        format!("gui/{}", self.uid)
    }
}

/// Returns the steps that register the service and start it. They may be repeated after an update.
pub fn install(place: &Place) -> Vec<Step> {
    match (place.os, place.file()) {
        (Os::Unix, Some(path)) => vec![
            Step::Probe {
                command: command(&["systemctl", "--user", "show-environment"]),
                missing: "this computer has no systemd that runs services of a user",
            },
            Step::StopService,
            Step::Write {
                path,
                content: UNIT.replace("@PROGRAM@", &quoted_for_systemd(&place.program)),
            },
            run(&["systemctl", "--user", "daemon-reload"]),
            run(&["systemctl", "--user", "enable", UNIT_NAME]),
            run(&["systemctl", "--user", "restart", UNIT_NAME]),
        ],
        (Os::MacOs, Some(path)) => vec![
            Step::StopService,
            Step::Write {
                path: path.clone(),
                content: AGENT.replace("@PROGRAM@", &escaped_for_xml(&place.program)),
            },
            try_to(&[
                "launchctl",
                "bootout",
                &format!("{}/{LABEL}", place.domain()),
            ]),
            run(&[
                "launchctl",
                "bootstrap",
                &place.domain(),
                &path.display().to_string(),
            ]),
        ],
        _ => vec![
            Step::StopService,
            Step::SetRunKey {
                value: format!("\"{}\"", place.starter().display()),
            },
            Step::Start {
                program: place.starter(),
            },
        ],
    }
}

/// Returns the steps that stop the service and take the registration back. They work if nothing is registered, too.
pub fn remove(place: &Place) -> Vec<Step> {
    match (place.os, place.file()) {
        (Os::Unix, Some(path)) => vec![
            try_to(&["systemctl", "--user", "disable", "--now", UNIT_NAME]),
            Step::StopService,
            Step::Remove { path },
            try_to(&["systemctl", "--user", "daemon-reload"]),
        ],
        (Os::MacOs, Some(path)) => vec![
            Step::StopService,
            try_to(&[
                "launchctl",
                "bootout",
                &format!("{}/{LABEL}", place.domain()),
            ]),
            Step::Remove { path },
        ],
        _ => vec![Step::RemoveRunKey, Step::StopService],
    }
}

fn command(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn run(words: &[&str]) -> Step {
    Step::Run {
        command: command(words),
        may_fail: false,
    }
}

fn try_to(words: &[&str]) -> Step {
    Step::Run {
        command: command(words),
        may_fail: true,
    }
}

/// Writes a path as one word of `ExecStart`: in quotes, with its specifiers (`%`) doubled.
fn quoted_for_systemd(path: &Path) -> String {
    let text = path.display().to_string();
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    let text = text.replace('\n', "\\n");
    format!("\"{}\"", text.replace('%', "%%"))
}

fn escaped_for_xml(path: &Path) -> String {
    let text = path.display().to_string();
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(os: Os) -> Place {
        Place {
            os,
            program: "/opt/R & D/100%/vibesync".into(),
            home: "/home/ada".into(),
            config: "/home/ada/.config".into(),
            uid: 501,
        }
    }

    /// Reads an agent with Python's library; none without Python.
    fn parse_with_python(agent: &str) -> Option<String> {
        const SCRIPT: &str = "import plistlib, sys; agent = plistlib.loads(sys.argv[1].encode()); \
             assert agent['RunAtLoad'] and agent['AbandonProcessGroup'] and agent['Umask'] == 0o077; \
             assert agent['KeepAlive'] == {'SuccessfulExit': False}; \
             assert agent['Label'] == 'com.vibesync.service'; \
             print('|'.join(agent['ProgramArguments']), end='')";
        let mut python = std::process::Command::new("python3");
        let output = python.args(["-c", SCRIPT, agent]).output().ok()?;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{errors}");
        Some(String::from_utf8(output.stdout).unwrap())
    }

    fn content(steps: &[Step]) -> &str {
        let mut contents = steps.iter().filter_map(|step| match step {
            Step::Write { content, .. } => Some(content.as_str()),
            _ => None,
        });
        contents.next().unwrap()
    }

    #[test]
    fn unit_has_the_keys_that_the_service_needs() {
        let steps = install(&place(Os::Unix));
        let unit = content(&steps);
        for line in [
            "Type=notify",
            "NotifyAccess=main",
            "ExecStart=\"/opt/R & D/100%%/vibesync\" service run",
            "Restart=on-failure",
            "KillMode=process",
            "UMask=0077",
            "NoNewPrivileges=yes",
            "WantedBy=default.target",
        ] {
            assert!(unit.lines().any(|it| it == line), "{line} in {unit}");
        }
    }

    #[test]
    fn agent_names_the_program_and_is_restarted() {
        let steps = install(&place(Os::MacOs));
        let agent = content(&steps);
        assert!(agent.contains("<string>/opt/R &amp; D/100%/vibesync</string>"));
        assert!(agent.contains("<key>SuccessfulExit</key>"));
        if let Some(arguments) = parse_with_python(agent) {
            let program = "/opt/R & D/100%/vibesync";
            assert_eq!(arguments, format!("{program}|service|run"));
        }
        let bootstrap = place(Os::MacOs).file().unwrap().display().to_string();
        assert!(bootstrap.ends_with("com.vibesync.service.plist"));
        let expected = run(&["launchctl", "bootstrap", "gui/501", &bootstrap]);
        assert_eq!(steps.last(), Some(&expected));
    }

    #[test]
    fn run_key_names_the_starter_in_quotes() {
        let mut place = place(Os::Windows);
        place.program = "C:/Users/Ada L/vibesync.exe".into();
        let steps = install(&place);
        let starter = place.program.with_file_name("vibesync-service.exe");
        let value = format!("\"{}\"", starter.display());
        assert!(steps.contains(&Step::SetRunKey { value }), "{steps:?}");
        assert_eq!(remove(&place), [Step::RemoveRunKey, Step::StopService]);
    }

    #[test]
    fn removal_takes_back_the_file_of_the_installation() {
        for os in [Os::Unix, Os::MacOs] {
            let place = place(os);
            let path = place.file().unwrap();
            assert!(remove(&place).contains(&Step::Remove { path }));
        }
    }
}
