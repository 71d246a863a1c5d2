//! `vibesync graph query`: what types of nodes there are.

use std::io::Write;

use vibesync_graph::catalogue::{Input, NodeType, Output, Property};
use vibesync_graph::{Catalogue, Lookup, lookup, search, suggest_types};

use super::{Ended, Exit};

/// The type of a name, with all that the catalogue says of it.
pub(super) fn node(catalogue: &Catalogue, name: &str, json: bool, out: &mut impl Write) -> Ended {
    match lookup(catalogue, name) {
        Lookup::One(kind) => {
            match json {
                true => line(kind, out)?,
                false => all(kind, out)?,
            }
            Ok(Exit::Fine)
        }
        Lookup::Several(kinds) => {
            let version = catalogue.version();
            writeln!(
                std::io::stderr(),
                "{name:?} is the name of several types in Blender {version}:"
            )?;
            list(&kinds, json, out)?;
            Ok(Exit::Problem)
        }
        Lookup::None => {
            let near = suggest_types(catalogue, name);
            nothing(catalogue, name, &near)?;
            Ok(Exit::Problem)
        }
    }
}

/// The types that a term finds.
pub(super) fn search_for(
    catalogue: &Catalogue,
    term: &str,
    most: usize,
    json: bool,
    out: &mut impl Write,
) -> Ended {
    let found = search(catalogue, term, most);
    if found.is_empty() {
        nothing(catalogue, term, &suggest_types(catalogue, term))?;
        return Ok(Exit::Problem);
    }
    list(&found, json, out)?;
    Ok(Exit::Fine)
}

fn nothing(catalogue: &Catalogue, name: &str, near: &[String]) -> std::io::Result<()> {
    let version = catalogue.version();
    let mut err = std::io::stderr();
    writeln!(err, "Blender {version} has no type of node for {name:?}")?;
    match near {
        [] => Ok(()),
        near => writeln!(err, "near names: {}", near.join(", ")),
    }
}

fn list(kinds: &[&NodeType], json: bool, out: &mut impl Write) -> std::io::Result<()> {
    for kind in kinds {
        match json {
            true => line(kind, out)?,
            false => writeln!(
                out,
                "{:<42} {:<28} {}",
                kind.identifier, kind.label, kind.category
            )?,
        }
    }
    Ok(())
}

fn line(kind: &NodeType, out: &mut impl Write) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, kind)?;
    writeln!(out)
}

/// Everything about a type, for people.
fn all(kind: &NodeType, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(
        out,
        "{}: {} ({})",
        kind.identifier, kind.label, kind.category
    )?;
    if !kind.description.is_empty() {
        writeln!(out, "  {}", kind.description)?;
    }
    if let Some(variants) = &kind.variants {
        writeln!(out, "  sockets depend on: {}", variants.by.join(", "))?;
    }
    if let Some(zone) = &kind.zone {
        writeln!(out, "  half of a zone with {}", zone.partner)?;
    }
    for collection in &kind.items {
        writeln!(out, "  items: {}", collection.collection)?;
    }
    kind.properties
        .iter()
        .try_for_each(|it| property(it, out))?;
    kind.inputs.iter().try_for_each(|it| input(it, out))?;
    kind.outputs.iter().try_for_each(|it| output(it, out))
}

fn property(property: &Property, out: &mut impl Write) -> std::io::Result<()> {
    let default = property
        .default
        .as_ref()
        .map(|value| format!(" = {}", value.token()));
    let items = match property.items.is_empty() {
        true => String::new(),
        false => format!("  of {}", property.items.join(" ")),
    };
    let default = default.unwrap_or_default();
    writeln!(out, "  property {}{default}{items}", property.identifier)
}

fn input(input: &Input, out: &mut impl Write) -> std::io::Result<()> {
    let default = input
        .default
        .as_ref()
        .map(|value| format!(" = {}", value.token()));
    let facts = [
        (input.required, "required"),
        (input.multi_input, "any number of links"),
        (!input.supports_field, "no field"),
    ];
    let default = default.unwrap_or_default();
    let facts = said(&facts);
    writeln!(
        out,
        "  input {} ({}){default}{facts}",
        name(&input.name, &input.identifier),
        input.idname
    )
}

fn output(output: &Output, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(
        out,
        "  output {} ({})",
        name(&output.name, &output.identifier),
        output.idname
    )
}

fn name(name: &str, identifier: &str) -> String {
    match name == identifier {
        true => name.to_owned(),
        false => format!("{name} [{identifier}]"),
    }
}

fn said(facts: &[(bool, &str)]) -> String {
    let said: Vec<&str> = facts
        .iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, fact)| *fact)
        .collect();
    match said.is_empty() {
        true => String::new(),
        false => format!("  {}", said.join(", ")),
    }
}
