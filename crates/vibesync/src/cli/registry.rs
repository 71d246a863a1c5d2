//! `vibesync registry`: lists the entities by uuid and checks the registry.

mod access;
pub(super) mod compare;
mod tree;

use std::io::Write;

use access::{coded, open, refuse_if_used};
use serde_json::json;
use vibesync_scene::{Code, Row, Uuid};
use vibesync_store::registry::{Position, Registry};

use super::args::RegistryCommand;
use super::client::Client;
use super::connect::connect;
use super::id_prefix::{Candidates, IdPrefix};
use super::log::access as log;
use super::result::{CommandResult, ExitStatus, Failure};
use super::text::{Sanitized, wire_name};
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::project_lock::{self, Holder};
use crate::platform::witnesses::Witnesses;

pub(super) fn run(
    project: &Project,
    command: &RegistryCommand,
    out: &mut impl Write,
) -> CommandResult {
    match command {
        RegistryCommand::List {
            kind,
            name,
            deleted,
            tree,
            json,
        } => {
            if *tree {
                return print_tree(project, out);
            }
            let is_listed = |row: &Row| {
                let found = row.entity.components.name.as_deref().unwrap_or_default();
                row.tombstone == *deleted
                    && kind.is_none_or(|kind| row.entity.kind == kind)
                    && name.as_deref().is_none_or(|name| found.contains(name))
            };
            for_each_row(project, |row| match is_listed(row) {
                true => print(row, *json, out).map_err(Failure::Output),
                false => Ok(()),
            })?;
            Ok(ExitStatus::Ok)
        }
        RegistryCommand::Show { uuid, json } => show(project, uuid, *json, out),
        RegistryCommand::Verify { json } => verify(project, *json, out),
        RegistryCommand::Rebuild => rebuild(project, out),
    }
}

/// Prints the objects below their parents.
fn print_tree(project: &Project, out: &mut impl Write) -> CommandResult {
    let mut rows = Vec::new();
    for_each_row(project, |row| {
        if !row.tombstone {
            rows.push(row.clone());
        }
        Ok(())
    })?;
    for line in tree::lines(&rows) {
        writeln!(out, "{line}")?;
    }
    Ok(ExitStatus::Ok)
}

/// Visits all rows in the order of their uuids. Asks the daemon if it runs, because it has the registry open.
fn for_each_row(
    project: &Project,
    mut visit: impl FnMut(&Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if let Some(mut client) = connect_if_running(project)? {
        let mut after = None;
        loop {
            let (rows, next) = client.rows(after)?;
            rows.iter().try_for_each(&mut visit)?;
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
        visit(&row.map_err(|error| coded(&path, error))?)?;
    }
    Ok(())
}

/// Finds the entity whose uuid begins with these digits. Fails with VS-3001 if there is none.
pub(super) fn resolve(project: &Project, prefix: &IdPrefix) -> Result<Uuid, Failure> {
    if let Some(uuid) = prefix.whole() {
        return Ok(uuid);
    }
    let mut candidates = Candidates::new(prefix);
    for_each_row(project, |row| {
        candidates.add(row.entity.uuid, || {
            let name = row.entity.components.name.as_deref().unwrap_or_default();
            format!("{} \"{}\"", wire_name(&row.entity.kind), Sanitized(name))
        });
        Ok(())
    })?;
    let found = candidates.only()?;
    found.ok_or_else(|| unknown(project, prefix).into())
}

fn unknown(project: &Project, prefix: &IdPrefix) -> Error {
    let message = match prefix.whole() {
        Some(uuid) => format!("no entity has uuid {uuid}"),
        None => format!("no entity's uuid begins with {prefix}"),
    };
    Error::new(Code::UuidUnknown, project.root().display(), message)
        .with_help("List the entities with `vibesync registry list`, deleted ones with --deleted.")
}

fn show(project: &Project, prefix: &IdPrefix, json: bool, out: &mut impl Write) -> CommandResult {
    let uuid = resolve(project, prefix)?;
    let Some(row) = find(project, uuid)? else {
        return Err(unknown(project, prefix).into());
    };
    match json {
        true => writeln!(out, "{}", json!(row))?,
        false => {
            print(&row, false, out)?;
            writeln!(out, "{:#}", json!(row.entity.components))?;
        }
    }
    Ok(ExitStatus::Ok)
}

fn find(project: &Project, uuid: Uuid) -> Result<Option<Row>, Error> {
    if let Some(mut client) = connect_if_running(project)? {
        // The daemon returns the rows after a given uuid.
        let before = uuid.as_u128().checked_sub(1).map(Uuid::from_u128);
        let (rows, _) = client.rows(before)?;
        return Ok(rows.into_iter().find(|row| row.entity.uuid == uuid));
    }
    match open(project)? {
        Some((registry, _lock)) => {
            let path = project.registry();
            registry.get(uuid).map_err(|error| coded(&path, error))
        }
        None => Ok(None),
    }
}

fn verify(project: &Project, json: bool, out: &mut impl Write) -> CommandResult {
    let tip = log::verify(&project.wal())?.tip;
    let comparison = compare::compare(project, tip)?;
    let text = match &comparison {
        None => "there is no registry yet; the next start of the daemon creates it".to_owned(),
        Some(comparison) => comparison.to_string(),
    };
    match json {
        true => {
            let (seq, agrees) = match &comparison {
                None => (None, true),
                Some(comparison) => (Some(comparison.seq), comparison.difference.is_none()),
            };
            let report = json!({"agrees": agrees, "seq": seq, "log_seq": tip.seq, "text": text});
            writeln!(out, "{report}")?;
        }
        false => writeln!(out, "{text}")?,
    }
    match comparison.and_then(|comparison| comparison.difference) {
        Some(_) => Ok(ExitStatus::ProblemFound),
        None => Ok(ExitStatus::Ok),
    }
}

fn rebuild(project: &Project, out: &mut impl Write) -> CommandResult {
    refuse_if_used(project)?;
    let _lock = project_lock::acquire(project)?;
    let tip = log::verify(&project.wal())?.tip;
    let state = compare::replay(project, tip)?;
    if let Some(id) = project.id()? {
        // The registry may be the only copy of what the log has lost.
        Witnesses::new(project, id)?.check(&project.wal(), tip, &state)?;
    }
    let path = project.registry();
    let rebuilt = Registry::rebuild(&path, state.scene.rows(), Position::from_state(&state, tip));
    let summary = rebuilt.map_err(|error| coded(&path, error))?.summary();
    writeln!(out, "made from the log: {summary}")?;
    Ok(ExitStatus::Ok)
}

fn print(row: &Row, json: bool, out: &mut impl Write) -> std::io::Result<()> {
    if json {
        return writeln!(out, "{}", json!(row));
    }
    let name = row.entity.components.name.as_deref().unwrap_or_default();
    let deleted = if row.tombstone { " deleted" } else { "" };
    writeln!(
        out,
        "{:<8} {} version {:>6} \"{}\"{deleted}",
        wire_name(&row.entity.kind),
        row.entity.uuid,
        row.version,
        Sanitized(name)
    )
}

/// Connects to the daemon; returns none if no daemon runs.
fn connect_if_running(project: &Project) -> Result<Option<Client>, Error> {
    match project_lock::holder(project)? {
        Holder::Free => Ok(None),
        Holder::Taken(_) => connect(project).map(Some),
    }
}
