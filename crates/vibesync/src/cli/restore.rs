//! `vibesync restore`: replaces the files of the project by those of a backup.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use vibesync_scene::Code;
use vibesync_store::backup::{Archive, BackupError};
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::recover::{self, Recovered, Request, Survey};

use super::person;
use super::recover::steps::{coded, finish_interrupted, folders, lock, new_epoch};
use super::recovery_args::RestoreArgs;
use super::result::{CommandResult, ExitStatus};
use crate::error::Error;
use crate::platform::project::Project;

pub(super) fn run(project: &Project, args: &RestoreArgs, out: &mut impl Write) -> CommandResult {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let archive = open(&disk, &args.file)?;
    let manifest = archive.manifest();
    if let Some(id) = project.id()?.filter(|id| *id != manifest.project_id) {
        let why = format!(
            "this folder belongs to project {id}, the backup to {}",
            manifest.project_id
        );
        return Err(Error::new(Code::WrongProject, project.root().display(), why).into());
    }
    let _lock = lock(project)?;
    finish_interrupted(&disk, project, out)?;
    let folders = folders(project)?;
    let survey = Survey::take(&disk, &folders, None).map_err(|error| coded(project, error))?;
    writeln!(
        out,
        "backup of {}: sequence {}, {} entities, whole",
        manifest.created, manifest.seq, manifest.entities
    )?;
    write_present(&survey, manifest.seq, out)?;
    let effect = "The backup replaces the log, checkpoints and registry of this project";
    if !args.yes && !person::confirm(effect, out)? {
        return Ok(ExitStatus::ProblemFound);
    }
    let epoch = new_epoch();
    let request = Request {
        home: &project.home(),
        who: &person::name(args.who.as_deref()),
        why: args.why.as_deref().unwrap_or("no reason was given"),
        source: format!("backup {}", args.file.display()),
        epoch,
        project_file: &project.identity_json(manifest.project_id, Some(epoch))?,
        now: SystemTime::now(),
    };
    let restored = recover::restore(&disk, &request, &survey, &folders, &archive);
    let Recovered { seq, kept, .. } = restored.map_err(|error| coded(project, error))?;
    writeln!(
        out,
        "restored up to sequence {}; see record {seq}: vibesync log tail",
        manifest.seq
    )?;
    writeln!(out, "the replaced files are in .vibesync/{kept}")?;
    writeln!(out, "start the daemon now: vibesync run")?;
    Ok(ExitStatus::Ok)
}

/// Opens a backup and checks all of it.
fn open(disk: &Arc<dyn Disk>, file: &Path) -> Result<Archive, Error> {
    let coded = |error: BackupError| Error::from_source(error.code(), file.display(), error);
    let archive = Archive::open(Arc::clone(disk), file).map_err(coded)?;
    archive.verify().map_err(coded)?;
    Ok(archive)
}

/// Prints the witnesses that know more than the backup.
fn write_present(survey: &Survey, seq: u64, out: &mut impl Write) -> std::io::Result<()> {
    let highest = survey.highest();
    match highest {
        0 => writeln!(out, "the project holds nothing yet"),
        _ if highest <= seq => writeln!(
            out,
            "the project holds nothing newer: it ends at sequence {highest}"
        ),
        _ => writeln!(
            out,
            "the project knows records up to sequence {highest}, {} more than the backup; `vibesync recover --list` shows \
             them. What only an editor still holds comes back when it connects.",
            highest - seq
        ),
    }
}
