//! `vibesync registry`: the index of all entities, and whether it is what the log gives.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use vibesync_scene::{Code, Replay, Row, Scene, Uuid};
use vibesync_store::boot;
use vibesync_store::disk::RealDisk;
use vibesync_store::registry::{Position, Registry, RegistryError, Summary};
use vibesync_store::wal::Tip;

use super::{Ended, Exit, Failure, log, status};
use crate::args::RegistryCommand;
use crate::client::Client;
use crate::error::Error;
use crate::project::{Holder, Project, ProjectLock};
use crate::runtime::RuntimeFolder;
use crate::story::{Plain, plain};

/// Most entities that are named where two states differ.
const NAMED: usize = 10;

pub(super) fn perform(project: &Project, command: &RegistryCommand, out: &mut impl Write) -> Ended {
    match command {
        RegistryCommand::List {
            kind,
            name,
            deleted,
            json,
        } => {
            let wants = |row: &Row| {
                let found = row.entity.components.name.as_deref().unwrap_or_default();
                row.tombstone == *deleted
                    && kind.is_none_or(|kind| row.entity.kind == kind)
                    && name.as_deref().is_none_or(|name| found.contains(name))
            };
            let list = |row: &Row, out: &mut dyn Write| match wants(row) {
                true => print(row, *json, out),
                false => Ok(()),
            };
            each_row(project, |row| list(row, out).map_err(Failure::Output))?;
            Ok(Exit::Fine)
        }
        RegistryCommand::Show { uuid, json } => show(project, *uuid, *json, out),
        RegistryCommand::Verify { json } => verify(project, *json, out),
        RegistryCommand::Rebuild => rebuild(project, out),
    }
}

/// Gives every row, by uuid: the daemon's where it runs, since nobody else may open its registry.
fn each_row(
    project: &Project,
    mut take: impl FnMut(&Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if let Some(mut client) = daemon(project)? {
        let mut after = None;
        loop {
            let (rows, next) = client.rows(after)?;
            rows.iter().try_for_each(&mut take)?;
            match next {
                Some(_) => after = next,
                None => return Ok(()),
            }
        }
    }
    let path = project.registry();
    let Some((registry, _lock)) = open(project)? else {
        return Ok(());
    };
    for row in registry.iter() {
        take(&row.map_err(|error| coded(&path, &error))?)?;
    }
    Ok(())
}

fn show(project: &Project, uuid: Uuid, json: bool, out: &mut impl Write) -> Ended {
    let row = match daemon(project)? {
        Some(mut client) => {
            // Rows come by uuid, and from the one after a given one on.
            let before = uuid.as_u128().checked_sub(1).map(Uuid::from_u128);
            let (rows, _) = client.rows(before)?;
            rows.into_iter().find(|row| row.entity.uuid == uuid)
        }
        None => match open(project)? {
            Some((registry, _lock)) => {
                let path = project.registry();
                registry.get(uuid).map_err(|error| coded(&path, &error))?
            }
            None => None,
        },
    };
    let Some(row) = row else {
        let message = format!("no entity has uuid {uuid}");
        return Err(Error::new(Code::UuidUnknown, project.root().display(), message).into());
    };
    match json {
        true => writeln!(out, "{}", json!(row))?,
        false => {
            print(&row, false, out)?;
            writeln!(out, "{:#}", json!(row.entity.components))?;
        }
    }
    Ok(Exit::Fine)
}

fn verify(project: &Project, json: bool, out: &mut impl Write) -> Ended {
    let tip = log::check(&project.wal())?.tip;
    let found = compare(project, tip)?;
    let text = match &found {
        None => "there is no registry yet: the next start of the daemon makes it".to_owned(),
        Some(compared) => compared.to_string(),
    };
    match json {
        true => {
            let (seq, agrees) = match &found {
                None => (None, true),
                Some(compared) => (Some(compared.seq), compared.differs.is_none()),
            };
            let said = json!({"agrees": agrees, "seq": seq, "log_seq": tip.seq, "text": text});
            writeln!(out, "{said}")?;
        }
        false => writeln!(out, "{text}")?,
    }
    match found.and_then(|found| found.differs) {
        Some(_) => Ok(Exit::Problem),
        None => Ok(Exit::Fine),
    }
}

fn rebuild(project: &Project, out: &mut impl Write) -> Ended {
    refuse_if_used(project)?;
    let _lock = project.lock()?;
    let tip = log::check(&project.wal())?.tip;
    let state = replay(project, tip)?;
    let path = project.registry();
    let rebuilt = Registry::rebuild(&path, state.scene.rows(), Position::from_state(&state, tip));
    let summary = rebuilt.map_err(|error| coded(&path, &error))?.summary();
    writeln!(out, "made from the log: {summary}")?;
    Ok(Exit::Fine)
}

/// How the registry compares with the log.
pub(super) struct Compared {
    /// Up to which sequence the registry has followed the log.
    pub seq: u64,
    /// Where the log is.
    head: u64,
    /// What is wrong with it, if anything.
    pub differs: Option<String>,
    summary: Summary,
}

impl std::fmt::Display for Compared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Summary { rows, root, .. } = self.summary;
        match (&self.differs, self.head.saturating_sub(self.seq)) {
            (Some(why), _) => write!(f, "differs from the log: {why}"),
            (None, 0) => write!(f, "agrees with the log: {rows} rows, root {root}"),
            (None, behind) => write!(
                f,
                "agrees with the log up to sequence {}: {rows} rows, root {root}; the next start follows the {behind} \
                 records after it",
                self.seq
            ),
        }
    }
}

/// Compares the registry with what the log gives at the sequence that the registry has come to. None where there is no
/// registry; VS-6002 while a daemon has it.
pub(super) fn compare(project: &Project, tip: Tip) -> Result<Option<Compared>, Error> {
    refuse_if_used(project)?;
    let path = project.registry();
    let Some((registry, _lock)) = open(project)? else {
        return Ok(None);
    };
    let summary = registry.summary();
    let mut compared = Compared {
        seq: summary.seq,
        head: tip.seq,
        differs: None,
        summary,
    };
    if summary.seq > tip.seq {
        let why = format!(
            "it is at sequence {}, the log ends at {}",
            summary.seq, tip.seq
        );
        compared.differs = Some(why);
        return Ok(Some(compared));
    }
    let then = Tip {
        seq: summary.seq,
        ..tip
    };
    let state = replay(project, then)?;
    compared.differs = difference(&registry, &state.scene, &path)?;
    Ok(Some(compared))
}

/// Up to which sequence the registry has followed the log; none where there is none.
pub(super) fn seq(project: &Project) -> Result<Option<u64>, Error> {
    refuse_if_used(project)?;
    let opened = open(project)?;
    Ok(opened.map(|(registry, _lock)| registry.summary().seq))
}

/// How the registry differs from the state at its sequence, if it does.
pub(super) fn differs(project: &Project, state: &Replay) -> Result<Option<String>, Error> {
    refuse_if_used(project)?;
    let path = project.registry();
    match open(project)? {
        Some((registry, _lock)) if registry.summary().seq == state.last_seq => {
            difference(&registry, &state.scene, &path)
        }
        _ => Err(Error::new(
            Code::ProjectTaken,
            path.display(),
            "a daemon has changed it meanwhile",
        )),
    }
}

fn difference(registry: &Registry, scene: &Scene, path: &Path) -> Result<Option<String>, Error> {
    let expected = Summary::from_rows(scene.rows(), registry.summary().seq);
    let expected = expected
        .map_err(|error| Error::new(Code::LogDamaged, path.display(), error.to_string()))?;
    match registry.verify(&expected) {
        Ok(()) => Ok(None),
        Err(RegistryError::Disagrees(why)) => {
            let rows = registry.iter().collect::<Result<Vec<_>, _>>();
            let rows = rows.map_err(|error| coded(path, &error))?;
            Ok(Some(format!("{why}; {}", differing(scene, rows.iter()))))
        }
        Err(error @ RegistryError::Row { .. }) => Ok(Some(error.to_string())),
        Err(error) => Err(coded(path, &error)),
    }
}

/// Names the entities whose rows are not those of the scene.
pub(super) fn differing<'a>(scene: &Scene, held: impl Iterator<Item = &'a Row>) -> String {
    let mut unseen: BTreeSet<Uuid> = scene.rows().map(|row| row.entity.uuid).collect();
    let mut differing = BTreeSet::new();
    for row in held {
        let uuid = row.entity.uuid;
        unseen.remove(&uuid);
        if scene.row(uuid) != Some(row) {
            differing.insert(uuid);
        }
    }
    differing.extend(unseen);
    let named: Vec<String> = differing.iter().take(NAMED).map(Uuid::to_string).collect();
    let named = named.join(", ");
    match differing.len().saturating_sub(NAMED) {
        0 => format!("different entities: {named}"),
        more => format!("different entities: {named} and {more} more"),
    }
}

fn print(row: &Row, json: bool, out: &mut (impl Write + ?Sized)) -> std::io::Result<()> {
    if json {
        return writeln!(out, "{}", json!(row));
    }
    let name = row.entity.components.name.as_deref().unwrap_or_default();
    let deleted = if row.tombstone { " deleted" } else { "" };
    writeln!(
        out,
        "{:<8} {} version {:>6} \"{}\"{deleted}",
        plain(&row.entity.kind),
        row.entity.uuid,
        row.version,
        Plain(name)
    )
}

/// A session with the daemon, where one runs.
fn daemon(project: &Project) -> Result<Option<Client>, Error> {
    match project.holder()? {
        Holder::Free => Ok(None),
        Holder::Taken(_) => status::connect(project, &RuntimeFolder::from_env()?).map(Some),
    }
}

/// The registry, and the lock that keeps a daemon from opening it too.
fn open(project: &Project) -> Result<Option<(Registry, ProjectLock)>, Error> {
    let path = project.registry();
    if !path.exists() {
        return Ok(None);
    }
    let lock = project.lock()?;
    let registry = Registry::read(&path).map_err(|error| coded(&path, &error))?;
    Ok(registry.map(|registry| (registry, lock)))
}

fn refuse_if_used(project: &Project) -> Result<(), Error> {
    match project.holder()? {
        Holder::Free => Ok(()),
        Holder::Taken(_) => Err(Error::new(
            Code::ProjectTaken,
            project.registry().display(),
            "the running daemon has the registry",
        )),
    }
}

fn replay(project: &Project, tip: Tip) -> Result<Replay, Error> {
    let wal = project.wal();
    boot::replay(Arc::new(RealDisk), &wal, tip).map_err(|error| log::coded(&wal, &error))
}

fn coded(path: &Path, error: &RegistryError) -> Error {
    Error::new(error.code(), path.display(), error.to_string())
}
