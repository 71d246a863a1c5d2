//! The list of servers in a JSON file, with its comments and its layout.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstObjectProp, CstRootNode};
use serde::de::IgnoredAny;

use super::clients::Client;
use super::entry::{Entry, Malformed};

/// Adds or replaces an entry, or removes it for none.
pub fn edit(
    client: Client,
    has_comments: bool,
    text: &str,
    name: &str,
    entry: Option<&Entry>,
) -> Result<String, Malformed> {
    let is_new = text.trim().is_empty();
    let root = parse(if is_new { "" } else { text }, has_comments)?;
    let Some(entry) = entry else {
        return remove(client, &root, text, name);
    };
    let object = root.object_value_or_create().ok_or_else(no_object)?;
    let list = child(&object, client.list())?;
    let server = child(&list, name)?;
    if property(&server, "url")?.is_some() {
        return Err(Malformed::remote(name));
    }
    if client.has_type() {
        set(&server, "type", "stdio".into())?;
    }
    set(&server, "command", entry.command.as_str().into())?;
    let args = entry.args.iter().map(|arg| arg.as_str().into()).collect();
    set(&server, "args", CstInputValue::Array(args))?;
    let end = if is_new { "\n" } else { "" };
    Ok(format!("{root}{end}"))
}

fn remove(client: Client, root: &CstRootNode, text: &str, name: &str) -> Result<String, Malformed> {
    let Some(value) = root.value() else {
        return Ok(text.to_owned());
    };
    let object = value.as_object().ok_or_else(no_object)?;
    let Some(list) = property(&object, client.list())? else {
        return Ok(text.to_owned());
    };
    let list = list.object_value();
    let list = list.ok_or_else(|| Malformed::shape(client.list(), "an object"))?;
    if let Some(server) = property(&list, name)? {
        server.remove();
    }
    Ok(root.to_string())
}

fn parse(text: &str, has_comments: bool) -> Result<CstRootNode, Malformed> {
    if !has_comments && !text.is_empty() {
        serde_json::from_str::<IgnoredAny>(text).map_err(|error| Malformed {
            place: Some((error.line(), error.column())),
            message: error.to_string(),
        })?;
    }
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    CstRootNode::parse(text, &options).map_err(|error| Malformed {
        place: Some((error.line_display(), error.column_display())),
        message: error.kind().to_string(),
    })
}

fn no_object() -> Malformed {
    Malformed::shape("the file", "an object")
}

/// Returns a property. Fails if the object has it twice: clients differ in which one they read.
fn property(object: &CstObject, key: &str) -> Result<Option<CstObjectProp>, Malformed> {
    let properties = object.properties().into_iter();
    let mut found = properties.filter(|it| it.decoded_name().as_deref() == Some(key));
    let first = found.next();
    match found.next() {
        Some(_) => Err(Malformed::shape(key, "there just once")),
        None => Ok(first),
    }
}

/// Returns the object at a key. Creates it if it is missing.
fn child(object: &CstObject, key: &str) -> Result<CstObject, Malformed> {
    let found = match property(object, key)? {
        Some(property) => property.object_value(),
        None => object
            .append(key, CstInputValue::Object(Vec::new()))
            .object_value(),
    };
    found.ok_or_else(|| Malformed::shape(key, "an object"))
}

fn set(object: &CstObject, key: &str, value: CstInputValue) -> Result<(), Malformed> {
    match property(object, key)? {
        Some(property) => property.set_value(value),
        None => drop(object.append(key, value)),
    }
    Ok(())
}
