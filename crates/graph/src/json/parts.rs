//! Reads the small parts of a graph: sockets of the interface, items, ends of links, values.

use super::fields::{Fields, SyntaxErrors, expect_text};
use super::tree::{Json, Kind, Member};
use crate::model::{End, Item, Setting, Socket, Value};

const SOCKET_KEYS: &[&str] = &["name", "type", "default", "min", "max", "description"];
const ITEM_KEYS: &[&str] = &["name", "type", "collection"];
/// Most values of a list: a matrix has 16.
const MAX_COMPONENTS: usize = 16;

/// Reads a socket of the interface.
pub(super) fn read_socket(mut fields: Fields, errors: &mut SyntaxErrors) -> Option<Socket> {
    let at = fields.at;
    let name = fields.require_text("name", errors);
    let idname = fields.require_text("type", errors);
    let socket = Socket {
        default: take_value(&mut fields, "default", errors),
        min: take_value(&mut fields, "min", errors),
        max: take_value(&mut fields, "max", errors),
        description: fields.take_text("description", errors),
        name: name?,
        idname: idname?,
        at: Some(at),
    };
    fields.reject_rest(SOCKET_KEYS, errors);
    Some(socket)
}

/// Reads an item of a dynamic node.
pub(super) fn read_item(mut fields: Fields, errors: &mut SyntaxErrors) -> Option<Item> {
    let at = fields.at;
    let name = fields.take_text("name", errors).unwrap_or_default();
    let item = Item {
        idname: fields.take_text("type", errors),
        collection: fields.take_text("collection", errors),
        name,
        at: Some(at),
    };
    fields.reject_rest(ITEM_KEYS, errors);
    Some(item)
}

/// Reads both ends of a link. The sockets are `from_socket` and `to_socket`, or the key `socket` twice: first the
/// output, then the input.
pub(super) fn read_ends(
    fields: &mut Fields,
    errors: &mut SyntaxErrors,
) -> (Option<End>, Option<End>) {
    let from = fields.require_text("from", errors);
    let to = fields.require_text("to", errors);
    let repeated = fields.take_all("socket");
    let (from_socket, to_socket) = match repeated.len() {
        0 => {
            let output = fields.require_text("from_socket", errors);
            (output, fields.require_text("to_socket", errors))
        }
        2 => {
            let path = fields.child_path("socket");
            let mut texts = repeated
                .into_iter()
                .map(|member| expect_text(member.value, || path.clone(), errors));
            (texts.next().flatten(), texts.next().flatten())
        }
        count => {
            let message = format!("found \"socket\" {count} times, expected twice");
            errors.add(fields.at, &fields.path.clone(), message);
            errors.suggest("write from_socket and to_socket");
            (None, None)
        }
    };
    let end = |node: Option<String>, socket: Option<String>| {
        let (node, socket) = (node?, socket?);
        Some(End { node, socket })
    };
    (end(from, from_socket), end(to, to_socket))
}

/// Reads one setting of a node.
pub(super) fn read_setting(
    member: Member,
    path: &str,
    errors: &mut SyntaxErrors,
) -> Option<Setting> {
    let key = member.key.into_owned();
    let value = read_value(member.value, || format!("{path}.{key}"), errors)?;
    let at = Some(member.at);
    Some(Setting { key, value, at })
}

fn take_value(fields: &mut Fields, key: &str, errors: &mut SyntaxErrors) -> Option<Value> {
    let json = fields.take(key, errors)?;
    read_value(json, || fields.child_path(key), errors)
}

/// Reads a scalar or a list of scalars.
fn read_value(
    json: Json,
    path: impl FnOnce() -> String,
    errors: &mut SyntaxErrors,
) -> Option<Value> {
    let at = json.at;
    match json.kind {
        Kind::List(values) if values.len() > MAX_COMPONENTS => {
            errors.add(at, &path(), format!("more than {MAX_COMPONENTS} elements"));
            None
        }
        Kind::List(values) => {
            let count = values.len();
            let scalars: Vec<Value> = values
                .into_iter()
                .filter_map(|it| scalar(it).ok())
                .collect();
            if scalars.len() < count {
                errors.add(
                    at,
                    &path(),
                    "a list can only hold numbers, texts and booleans",
                );
                return None;
            }
            Some(Value::List(scalars))
        }
        _ => match scalar(json) {
            Ok(value) => Some(value),
            Err(found) => {
                errors.add(at, &path(), format!("expected a value, found {found}"));
                None
            }
        },
    }
}

fn scalar(json: Json) -> Result<Value, &'static str> {
    match json.kind {
        Kind::Null => Ok(Value::Null),
        Kind::Bool(value) => Ok(Value::Bool(value)),
        Kind::Int(value) => Ok(Value::Int(value)),
        Kind::Float(value) => Ok(Value::Float(value)),
        Kind::Text(value) => Ok(Value::Text(value.into_owned())),
        Kind::List(_) | Kind::Object(_) => Err(json.describe()),
    }
}
