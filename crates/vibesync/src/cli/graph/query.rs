//! `vibesync graph query`: looks up types of nodes.

use std::io::Write;

use vibesync_graph::catalogue::{Input, NodeType, Output, Property};
use vibesync_graph::{Catalogue, Lookup, lookup, search, suggest_types};

use crate::cli::result::{CommandResult, ExitStatus};

/// Prints the type with this name, with everything that the catalogue has about it.
pub(super) fn by_name(
    catalogue: &Catalogue,
    name: &str,
    json: bool,
    out: &mut impl Write,
) -> CommandResult {
    match lookup(catalogue, name) {
        Lookup::One(kind) => {
            match json {
                true => print_json(kind, out)?,
                false => print_all(kind, out)?,
            }
            Ok(ExitStatus::Ok)
        }
        Lookup::Several(kinds) => {
            let version = catalogue.version();
            writeln!(
                std::io::stderr(),
                "{name:?} is the name of several types in Blender {version}:"
            )?;
            print_list(&kinds, json, out)?;
            Ok(ExitStatus::ProblemFound)
        }
        Lookup::None => {
            let suggest_types = suggest_types(catalogue, name);
            report_no_match(catalogue, name, &suggest_types)?;
            Ok(ExitStatus::ProblemFound)
        }
    }
}

/// Prints the types that match a term.
pub(super) fn by_term(
    catalogue: &Catalogue,
    term: &str,
    most: usize,
    json: bool,
    out: &mut impl Write,
) -> CommandResult {
    let found = search(catalogue, term, most);
    if found.is_empty() {
        report_no_match(catalogue, term, &suggest_types(catalogue, term))?;
        return Ok(ExitStatus::ProblemFound);
    }
    print_list(&found, json, out)?;
    Ok(ExitStatus::Ok)
}

fn report_no_match(
    catalogue: &Catalogue,
    name: &str,
    suggest_types: &[String],
) -> std::io::Result<()> {
    let version = catalogue.version();
    let mut err = std::io::stderr();
    writeln!(err, "Blender {version} has no type of node for {name:?}")?;
    match suggest_types {
        [] => Ok(()),
        suggest_types => writeln!(err, "similar names: {}", suggest_types.join(", ")),
    }
}

fn print_list(kinds: &[&NodeType], json: bool, out: &mut impl Write) -> std::io::Result<()> {
    for kind in kinds {
        match json {
            true => print_json(kind, out)?,
            false => writeln!(
                out,
                "{:<42} {:<28} {}",
                kind.identifier, kind.label, kind.category
            )?,
        }
    }
    Ok(())
}

fn print_json(kind: &NodeType, out: &mut impl Write) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, kind)?;
    writeln!(out)
}

/// Prints everything about a type, for people.
fn print_all(kind: &NodeType, out: &mut impl Write) -> std::io::Result<()> {
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
        .try_for_each(|it| print_property(it, out))?;
    kind.inputs.iter().try_for_each(|it| print_input(it, out))?;
    kind.outputs.iter().try_for_each(|it| print_output(it, out))
}

fn print_property(property: &Property, out: &mut impl Write) -> std::io::Result<()> {
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

fn print_input(input: &Input, out: &mut impl Write) -> std::io::Result<()> {
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
    let facts = joined_facts(&facts);
    writeln!(
        out,
        "  input {} ({}){default}{facts}",
        name(&input.name, &input.identifier),
        input.idname
    )
}

fn print_output(output: &Output, out: &mut impl Write) -> std::io::Result<()> {
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

fn joined_facts(facts: &[(bool, &str)]) -> String {
    let true_facts: Vec<&str> = facts
        .iter()
        .filter(|(is_true, _)| *is_true)
        .map(|(_, fact)| *fact)
        .collect();
    match true_facts.is_empty() {
        true => String::new(),
        false => format!("  {}", true_facts.join(", ")),
    }
}
