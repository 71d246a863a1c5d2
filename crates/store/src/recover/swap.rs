//! Replaces the files of a project by those of a recovery, so that a crash at any point loses neither.
//!
//! New folders are written under a temporary name: `wal.recovering` becomes `wal`. The file `recovery.json` then decides:
//! without it, nothing has happened, and the temporary folders are leftovers. With it, [`finish`] does all that is left
//! to do, however often it is called. Replaced files are moved to `recovered/<time>`. Nothing is deleted.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::error::RecoverError;
use crate::disk::{Access, Disk, DiskError, FileReader, WithContext};
use crate::durable;
use crate::wal::timestamp;

const PLAN: &str = "recovery.json";
const PLAN_VERSION: u32 = 1;
/// Suffix of a folder that is not in place yet.
const STAGED: &str = ".recovering";
/// The folder that keeps replaced files.
const KEPT: &str = "recovered";
const PROJECT_FILE: &str = "project.json";

/// The folder names that a recovery may replace: all that is derived from the log or is the log.
const REPLACED: [&str; 4] = ["wal", "checkpoints", "registry", "registry.damaged"];

/// A recovery that has been decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    schema_version: u32,
    /// The folder below the project's that keeps the replaced files, such as `recovered/20260102-030405`.
    pub kept: String,
    /// The names of the new folders.
    staged: Vec<String>,
    /// The new content of `project.json`.
    project_file: String,
}

/// A recovery that is being prepared.
#[derive(Debug)]
pub struct Swap<'a> {
    disk: &'a dyn Disk,
    /// The folder `.vibesync`.
    home: &'a Path,
    kept: String,
    staged: Vec<String>,
}

impl<'a> Swap<'a> {
    /// Begins to prepare a recovery. An unfinished one must have been finished.
    pub fn begin(
        disk: &'a dyn Disk,
        home: &'a Path,
        now: SystemTime,
    ) -> Result<Self, RecoverError> {
        clear(disk, home)?;
        let digits = timestamp(now)
            .replace(['-', ':', 'Z'], "")
            .replace('T', "-");
        let time = digits.split('.').next().unwrap_or_default().to_owned();
        let mut kept = format!("{KEPT}/{time}");
        for number in 2.. {
            let path = home.join(&kept);
            if !disk.exists(&path).with_context("look for", &path)? {
                break;
            }
            kept = format!("{KEPT}/{time}-{number}");
        }
        let staged = Vec::new();
        Ok(Self {
            disk,
            home,
            kept,
            staged,
        })
    }

    /// The folder that will keep the replaced files, relative to the project's own.
    pub fn kept(&self) -> &str {
        &self.kept
    }

    /// The temporary path of the folder that will have this name.
    pub fn staged(&self, name: &str) -> PathBuf {
        self.home.join(format!("{name}{STAGED}"))
    }

    /// Creates a folder that will replace the one of this name.
    pub fn stage(&mut self, name: &str) -> Result<PathBuf, RecoverError> {
        let dir = self.staged(name);
        self.disk
            .create_dir(&dir)
            .with_context("create folder", &dir)?;
        self.staged.push(name.to_owned());
        Ok(dir)
    }

    /// Replaces the files. All staged folders must be durable.
    pub fn commit(self, project_file: &str) -> Result<Plan, RecoverError> {
        let kept = self.home.join(&self.kept);
        self.disk
            .create_dir(&kept)
            .with_context("create folder", &kept)?;
        let present = self.home.join(PROJECT_FILE);
        if self
            .disk
            .exists(&present)
            .with_context("look for", &present)?
        {
            let bytes = read(self.disk, &present)?;
            durable::write_on(self.disk, &kept.join(PROJECT_FILE), &bytes, Access::Default)?;
        }
        let plan = Plan {
            schema_version: PLAN_VERSION,
            kept: self.kept,
            staged: self.staged,
            project_file: project_file.to_owned(),
        };
        let path = self.home.join(PLAN);
        let json = serde_json::to_vec_pretty(&plan);
        let json = json.map_err(|error| RecoverError::Plan(path.display().to_string(), error))?;
        durable::write_on(self.disk, &path, &json, Access::Default)?;
        carry_out(self.disk, self.home, &plan)?;
        Ok(plan)
    }
}

/// Finishes a recovery that was interrupted, and removes what an undecided one has left. Returns the finished one.
pub fn finish(disk: &dyn Disk, home: &Path) -> Result<Option<Plan>, RecoverError> {
    let plan = unfinished(disk, home)?;
    match &plan {
        Some(plan) => carry_out(disk, home, plan)?,
        None => clear(disk, home)?,
    }
    Ok(plan)
}

/// Returns the recovery that was interrupted after it was decided. Changes nothing.
pub fn unfinished(disk: &dyn Disk, home: &Path) -> Result<Option<Plan>, RecoverError> {
    let path = home.join(PLAN);
    if !disk.exists(&path).with_context("look for", &path)? {
        return Ok(None);
    }
    let plan = serde_json::from_slice(&read(disk, &path)?);
    plan.map(Some)
        .map_err(|error| RecoverError::Plan(path.display().to_string(), error))
}

fn carry_out(disk: &dyn Disk, home: &Path, plan: &Plan) -> Result<(), RecoverError> {
    let kept = home.join(&plan.kept);
    let exists = |path: &Path| disk.exists(path).with_context("look for", path);
    for name in REPLACED {
        let (present, aside) = (home.join(name), kept.join(name));
        let staged = home.join(format!("{name}{STAGED}"));
        let is_replaced = plan.staged.iter().any(|other| other == name);
        let is_old = match is_replaced {
            // Once the new folder has its name, the folder of this name is no longer the old one.
            true => exists(&staged)?,
            false => !exists(&aside)?,
        };
        if is_old && exists(&present)? {
            durable::rename(disk, &present, &aside)?;
        }
        if is_replaced && exists(&staged)? {
            durable::rename(disk, &staged, &present)?;
        }
    }
    let project_file = plan.project_file.as_bytes();
    durable::write_on(
        disk,
        &home.join(PROJECT_FILE),
        project_file,
        Access::Default,
    )?;
    let path = home.join(PLAN);
    disk.remove(&path).with_context("remove", &path)?;
    Ok(disk.sync_dir(home).with_context("make durable", home)?)
}

/// Removes the temporary folders of a recovery that was not decided.
fn clear(disk: &dyn Disk, home: &Path) -> Result<(), RecoverError> {
    durable::sweep(disk, home)?;
    for name in REPLACED {
        let staged = home.join(format!("{name}{STAGED}"));
        if !disk.exists(&staged).with_context("look for", &staged)? {
            continue;
        }
        for file in disk.list(&staged).with_context("list", &staged)? {
            let path = staged.join(file);
            disk.remove(&path).with_context("remove", &path)?;
        }
        disk.remove_dir(&staged).with_context("remove", &staged)?;
        disk.sync_dir(home).with_context("make durable", home)?;
    }
    Ok(())
}

fn read(disk: &dyn Disk, path: &Path) -> Result<Vec<u8>, DiskError> {
    let mut bytes = Vec::new();
    let file = disk.open(path).with_context("open", path)?;
    std::io::Read::read_to_end(&mut FileReader::new(file), &mut bytes)
        .with_context("read", path)?;
    Ok(bytes)
}
