//! `list_capabilities`: the add-ons, and whether they can be used.

use serde_json::{Value, json};
use vibesync_protocol::Capability;

use super::tool::{CURSOR, Call, Hints, Tool, field, limit};
use crate::answer::take_rows;
use crate::capabilities::ready;
use crate::daemon::Fault;
use crate::schema::Kind;
use crate::schema::Shape::{Integer, Objects, Text};

pub(super) const TOOL: Tool = Tool {
    name: "list_capabilities",
    title: "List add-ons",
    about: "Add-ons whose tools you may call, and why others cannot be used. A person allows them in an editor.",
    hints: Hints::READ,
    input: &[
        field("search", Kind::Text(100), "Part of an id, name or tool"),
        field("editor", Kind::Word(&["blender", "unity"]), ""),
        limit(100),
        CURSOR,
    ],
    output: &[("total", Integer), ("rows", Objects), ("next", Text)],
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let addons = call.daemon.capabilities()?;
    let editor = call.arguments.text("editor");
    let search = call.arguments.text("search").map(str::to_lowercase);
    let rows: Vec<Value> = addons
        .iter()
        .filter(|it| editor.is_none_or(|editor| it.editor.as_str() == editor))
        .map(row)
        .filter(|row| {
            let words = row.to_string().to_lowercase();
            search.as_ref().is_none_or(|search| words.contains(search))
        })
        .collect();
    let (total, first) = (rows.len(), call.position::<usize>()?.unwrap_or(0));
    let page = rows.into_iter().skip(first).take(call.limit(30) as usize);
    let (rows, _) = take_rows(page);
    let end = first + rows.len();
    let next = (end < total).then(|| call.cursors.write(end));
    Ok(json!({"total": total, "rows": rows, "next": next}))
}

/// Describes an add-on: one that a person allowed with its tools, another one by id, state and reason.
fn row(capability: &Capability) -> Value {
    let mut row = json!({
        "addon_id": capability.addon_id,
        "editor": capability.editor.as_str(),
        "state": capability.state.as_str(),
    });
    let Some(fields) = row.as_object_mut() else {
        return row;
    };
    if !capability.why.is_empty() {
        fields.insert("why".into(), capability.why.as_str().into());
    }
    if let Some(code) = capability.code {
        fields.insert("code".into(), code.as_str().into());
    }
    let one = std::slice::from_ref(capability);
    if let Some(addon) = ready(one).first() {
        let info = &addon.manifest.addon_info;
        fields.insert("name".into(), info.name.as_str().into());
        fields.insert("version".into(), info.version.to_string().into());
        let tools = addon.tools().map(|tool| {
            let description: String = tool.description.chars().take(200).collect();
            json!({"name": tool.name, "description": description})
        });
        fields.insert("tools".into(), tools.collect());
    }
    row
}
