//! `vibesync config show`

use std::io::Write;

use vibesync_scene::Code;

use super::{Ended, Exit};
use crate::args::ConfigCommand;
use crate::config::{DEFAULT, Settings};
use crate::error::Error;

pub(super) fn show(settings: &Settings, command: &ConfigCommand, out: &mut impl Write) -> Ended {
    let ConfigCommand::Show { default } = command;
    if *default {
        out.write_all(DEFAULT.as_bytes())?;
        return Ok(Exit::Fine);
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
    Ok(Exit::Fine)
}
