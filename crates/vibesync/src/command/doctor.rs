//! `vibesync doctor`: one line a check. The checks go from what everything needs to what needs the others.

mod disk;
mod running;
mod stored;

use std::fmt;
use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};
use vibesync_scene::Code;

use super::{Ended, Exit};
use crate::config::Settings;
use crate::error::Error;
use crate::project::Project;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Ok,
    Warn,
    Fail,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warn => "warn",
            State::Fail => "fail",
        }
    }
}

/// What one check found.
struct Finding {
    state: State,
    name: &'static str,
    text: String,
}

impl Finding {
    fn ok(name: &'static str, text: impl Into<String>) -> Self {
        let state = State::Ok;
        Self {
            state,
            name,
            text: text.into(),
        }
    }

    fn warn(name: &'static str, code: Code, text: impl fmt::Display) -> Self {
        let text = format!("{code}: {text}. {}", code.help());
        Self {
            state: State::Warn,
            name,
            text,
        }
    }

    fn fail(name: &'static str, error: &Error) -> Self {
        let text = format!("{error}. {}", error.code.help());
        Self {
            state: State::Fail,
            name,
            text,
        }
    }

    fn json(&self) -> Value {
        json!({"check": self.name, "state": self.state.as_str(), "text": self.text})
    }

    fn of(name: &'static str, result: Result<Self, Error>) -> Self {
        result.unwrap_or_else(|error| Self::fail(name, &error))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { state, name, text } = self;
        write!(f, "{:<5} {name:<11} {text}", state.as_str())
    }
}

/// Checks everything that a program can see. Exit code 1 where a check fails; warnings do not count.
pub fn examine(root: PathBuf, json: bool, out: &mut impl Write) -> Ended {
    let project = Project::new(&root);
    let mut worst = State::Ok;
    let mut tell = |finding: Finding| {
        worst = worst.max(finding.state);
        match json {
            true => writeln!(out, "{}", finding.json()),
            false => writeln!(out, "{finding}"),
        }
    };
    tell(Finding::of("settings", settings(root)))?;
    tell(Finding::of("project", identity(&project)))?;
    tell(Finding::of("runtime", running::folder()))?;
    tell(Finding::of("token", running::token()))?;
    tell(Finding::of("lock", running::lock(&project)))?;
    tell(Finding::of("daemon", running::daemon(&project)))?;
    let (stored, last_written) = stored::examine(&project);
    stored.into_iter().try_for_each(&mut tell)?;
    tell(Finding::of("space", disk::space(&project)))?;
    tell(disk::clock(last_written))?;
    match worst {
        State::Fail => Ok(Exit::Problem),
        State::Ok | State::Warn => Ok(Exit::Fine),
    }
}

fn settings(root: PathBuf) -> Result<Finding, Error> {
    let files = Settings::load(root)?.files;
    let files: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let text = match files.as_slice() {
        [] => "built-in".to_owned(),
        files => format!("built-in, {}", files.join(", ")),
    };
    Ok(Finding::ok("settings", text))
}

fn identity(project: &Project) -> Result<Finding, Error> {
    let text = match project.id()? {
        Some(id) => format!("{id} in {}", project.root().display()),
        None => format!(
            "none yet in {}; the first run makes it",
            project.root().display()
        ),
    };
    Ok(Finding::ok("project", text))
}
