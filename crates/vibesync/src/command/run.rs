//! `vibesync run`

use super::{Ended, Exit};
use crate::config::Settings;
use crate::daemon;
use crate::project::Project;
use crate::telemetry;

pub(super) fn run(settings: &Settings, verbose: bool) -> Ended {
    let project = Project::new(&settings.root);
    project.create()?;
    let _telemetry = telemetry::to_files(&project.log(), &settings.config.log, verbose)?;
    daemon::run(settings)?;
    Ok(Exit::Fine)
}
