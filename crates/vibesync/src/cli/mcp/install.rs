//! `vibesync mcp install`: adds the server to the settings of a client, or takes it out.
//!
//! Shows the change before it writes. `clients` knows the files, `edit` changes a text; this file does the reading, the
//! asking and the writing.

pub mod clients;
mod edit;
mod entry;
mod json;
mod toml;

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clients::Places;
use entry::{Entry, Malformed};
use similar::TextDiff;
use vibesync_protocol::discovery::Os;
use vibesync_scene::Code;
use vibesync_store::durable;

use crate::cli::args::Args;
use crate::cli::mcp_args::InstallArgs;
use crate::cli::person;
use crate::cli::result::{CommandResult, ExitStatus};
use crate::cli::text::Sanitized;
use crate::error::Error;
use crate::platform::{private_access, project};

/// Largest file that is changed, bytes. Claude Code keeps more than servers in its own.
const MAX_BYTES: u64 = 64 << 20;

/// Adds the server to a client, or takes it out.
pub fn run(args: &Args, install: &InstallArgs, out: &mut impl Write) -> CommandResult {
    let file = Target::find(install)?;
    let entry = match install.remove {
        true => None,
        false => Some(entry(&args.root()?)?),
    };
    let before = file.read()?;
    let old = before.as_deref().unwrap_or_default();
    let new = edit::edit(install.client, old, &install.name, entry.as_ref());
    let new = new.map_err(|malformed| file.malformed(malformed))?;
    let place = file.path.display();
    if new == old {
        writeln!(out, "{place} is as it should be; nothing was changed")?;
        return Ok(ExitStatus::Ok);
    }
    write_diff(out, old, &new, &place.to_string())?;
    if !install.yes && !person::confirm(&format!("This changes {place}"), out)? {
        return Ok(ExitStatus::ProblemFound);
    }
    let backup = file.replace(before.as_deref(), &new)?;
    writeln!(out, "{place} was changed")?;
    if let Some(backup) = backup {
        writeln!(out, "the file before: {}", backup.display())?;
    }
    writeln!(out, "next: {}", install.client.next_step())?;
    Ok(ExitStatus::Ok)
}

fn write_diff(out: &mut impl Write, old: &str, new: &str, place: &str) -> std::io::Result<()> {
    let diff = TextDiff::from_lines(old, new);
    let text = diff.unified_diff().header(place, place).to_string();
    for line in text.lines() {
        // The file is of other programs: its texts must not steer the terminal.
        writeln!(out, "{}", Sanitized(&line.replace('\t', "    ")))?;
    }
    Ok(())
}

/// Returns the entry that starts this program for a project.
fn entry(root: &Path) -> Result<Entry, Error> {
    let program = program().map_err(|error| {
        Error::from_source(Code::InternalError, "the path of this program", error)
    })?;
    let text = |path: &Path| {
        let text = path.to_str().map(str::to_owned);
        let why = "the path has characters that no settings file can hold";
        text.ok_or_else(|| Error::new(Code::ConfigInvalid, path.display(), why))
    };
    Ok(Entry {
        command: text(&program)?,
        args: vec!["mcp".into(), "--project".into(), text(root)?],
    })
}

/// Returns the path of this program. Prefers the one by which a shell finds it: that stays when a new version comes.
fn program() -> std::io::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let target = own.canonicalize()?;
    let name = own.file_name().unwrap_or_default();
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut named = std::env::split_paths(&folders)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name));
    let found = named.find(|path| path.canonicalize().is_ok_and(|it| it == target));
    project::absolute(&found.unwrap_or(own))
}

/// The file of a client.
struct Target {
    path: PathBuf,
}

impl Target {
    /// Finds the file, behind links: the link itself stays.
    fn find(install: &InstallArgs) -> Result<Self, Error> {
        let named = match &install.file {
            Some(file) => Some(file.clone()),
            None => install.client.file(&Places {
                os: Os::CURRENT,
                env: &|name| std::env::var(name).ok(),
                packages: &packages(),
            }),
        };
        let named = named.ok_or_else(|| {
            let why = "the environment names no home folder, so there is no place for settings";
            Error::new(Code::ConfigInvalid, "", why).with_help("Name the file with --file.")
        })?;
        let failed = |error| Error::io(Code::ConfigInvalid, &named, "find it", error);
        let path = match named.canonicalize() {
            Ok(path) => project::absolute(&path),
            Err(error) if error.kind() == ErrorKind::NotFound => project::absolute(&named),
            Err(error) => Err(error),
        };
        path.map(|path| Self { path }).map_err(failed)
    }

    /// Reads the text; none if there is no file.
    fn read(&self) -> Result<Option<String>, Error> {
        let failed = |error| Error::io(Code::ConfigInvalid, &self.path, "read it", error);
        let length = match std::fs::metadata(&self.path) {
            Ok(found) => found.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if length > MAX_BYTES {
            let why = format!("{length} bytes are more than settings can have");
            return Err(Error::new(Code::ConfigInvalid, self.path.display(), why));
        }
        std::fs::read_to_string(&self.path)
            .map(Some)
            .map_err(failed)
    }

    fn malformed(&self, malformed: Malformed) -> Error {
        let path = self.path.display();
        let location = match malformed.place {
            Some((line, column)) => format!("{path}:{line}:{column}"),
            None => path.to_string(),
        };
        let help = "Nothing was changed. Correct the file, or add the server in the client itself.";
        Error::new(Code::ConfigInvalid, location, malformed.message).with_help(help)
    }

    /// Replaces the file in one step, and keeps the one before beside it. Fails if it has changed since it was read.
    fn replace(&self, before: Option<&str>, new: &str) -> Result<Option<PathBuf>, Error> {
        if self.read()?.as_deref() != before {
            let why = "another program has changed it meanwhile";
            let error = Error::new(Code::ConfigInvalid, self.path.display(), why);
            return Err(error.with_help("Nothing was changed. Close the client and try again."));
        }
        let Some(before) = before else {
            if let Some(folder) = self.path.parent() {
                std::fs::create_dir_all(folder)
                    .map_err(|error| Error::io(Code::ConfigInvalid, folder, "make it", error))?;
            }
            write(&self.path, new, false)?;
            return Ok(None);
        };
        let failed = |error| Error::io(Code::ConfigInvalid, &self.path, "keep its rights", error);
        let rights = std::fs::metadata(&self.path).map_err(failed)?.permissions();
        // The file can hold secrets of other servers, so it is never open to more people than before.
        let is_private = cfg!(unix) || private_access::check_secret(&self.path).is_ok();
        let mut backup = self.path.clone().into_os_string();
        backup.push(".before-vibesync");
        let backup = PathBuf::from(backup);
        for (path, text) in [(&backup, before), (&self.path, new)] {
            write(path, text, is_private)?;
            std::fs::set_permissions(path, rights.clone()).map_err(failed)?;
        }
        Ok(Some(backup))
    }
}

fn write(path: &Path, text: &str, is_private: bool) -> Result<(), Error> {
    let written = match is_private {
        true => durable::write_private(path, text.as_bytes()),
        false => durable::write(path, text.as_bytes()),
    };
    written.map_err(|error| Error::disk(Code::ConfigInvalid, error))
}

/// Returns the names of the packaged programs of this user, in order; none outside of Windows.
fn packages() -> Vec<String> {
    let folder = std::env::var_os("LOCALAPPDATA").filter(|_| cfg!(windows));
    let entries = folder.and_then(|it| std::fs::read_dir(Path::new(&it).join("Packages")).ok());
    let names = entries.into_iter().flatten().flatten();
    let mut names: Vec<_> = names
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}
