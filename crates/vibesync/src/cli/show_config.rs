//! `vibesync config show`: prints the settings in force.

use std::io::Write;

use vibesync_scene::Code;

use super::args::ConfigCommand;
use super::result::{CommandResult, ExitStatus};
use crate::config::{DEFAULT, Settings};
use crate::error::Error;

pub(super) fn run(
    settings: &Settings,
    command: &ConfigCommand,
    out: &mut impl Write,
) -> CommandResult {
    let ConfigCommand::Show { default } = command;
    if *default {
        out.write_all(DEFAULT.as_bytes())?;
        return Ok(ExitStatus::Ok);
    }
    writeln!(out, "# project: {}", settings.root.display())?;
    writeln!(out, "# built-in settings, overlaid by:")?;
    if settings.files.is_empty() {
        writeln!(out, "#   no file")?;
    }
    for file in &settings.files {
        writeln!(out, "#   {}", file.display())?;
    }
    let text = toml::to_string(&settings.config)
        .map_err(|error| Error::new(Code::ConfigInvalid, "", error.to_string()))?;
    write!(out, "\n{text}")?;
    Ok(ExitStatus::Ok)
}
