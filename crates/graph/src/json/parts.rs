//! The small parts of a graph: sockets of the interface, items, ends of links, values.

use super::fields::{Faults, Fields, text};
use super::tree::{Json, Kind, Member};
use crate::model::{End, Item, Setting, Socket, Value};

const SOCKET: &[&str] = &["name", "type", "default", "min", "max", "description"];
const ITEM: &[&str] = &["name", "type", "collection"];
/// Values of a list, which are numbers of a vector or a matrix.
const COMPONENTS: usize = 16;

/// A socket of the interface.
pub(super) fn socket(mut fields: Fields, faults: &mut Faults) -> Option<Socket> {
    let at = fields.at;
    let name = fields.need_text("name", faults);
    let idname = fields.need_text("type", faults);
    let socket = Socket {
        default: optional(&mut fields, "default", faults),
        min: optional(&mut fields, "min", faults),
        max: optional(&mut fields, "max", faults),
        description: fields.text("description", faults),
        name: name?,
        idname: idname?,
        at: Some(at),
    };
    fields.end(SOCKET, faults);
    Some(socket)
}

/// An item of a dynamic node.
pub(super) fn item(mut fields: Fields, faults: &mut Faults) -> Option<Item> {
    let at = fields.at;
    let name = fields.text("name", faults).unwrap_or_default();
    let item = Item {
        idname: fields.text("type", faults),
        collection: fields.text("collection", faults),
        name,
        at: Some(at),
    };
    fields.end(ITEM, faults);
    Some(item)
}

/// Both ends of a link. The sockets are `from_socket` and `to_socket`, or the key `socket` twice: first the output, then
/// the input.
pub(super) fn pair_of_ends(fields: &mut Fields, faults: &mut Faults) -> (Option<End>, Option<End>) {
    let from = fields.need_text("from", faults);
    let to = fields.need_text("to", faults);
    let repeated = fields.all("socket");
    let (from_socket, to_socket) = match repeated.len() {
        0 => {
            let output = fields.need_text("from_socket", faults);
            (output, fields.need_text("to_socket", faults))
        }
        2 => {
            let path = fields.below("socket");
            let mut texts = repeated
                .into_iter()
                .map(|member| text(member.value, || path.clone(), faults));
            (texts.next().flatten(), texts.next().flatten())
        }
        count => {
            let message = format!("\"socket\" stands here {count} times, not twice");
            faults.add(fields.at, &fields.path.clone(), message);
            faults.suggest("give from_socket and to_socket");
            (None, None)
        }
    };
    let end = |node: Option<String>, socket: Option<String>| {
        let (node, socket) = (node?, socket?);
        Some(End { node, socket })
    };
    (end(from, from_socket), end(to, to_socket))
}

/// One value that is set on a node.
pub(super) fn setting(member: Member, path: &str, faults: &mut Faults) -> Option<Setting> {
    let key = member.key.into_owned();
    let value = value(member.value, || format!("{path}.{key}"), faults)?;
    let at = Some(member.at);
    Some(Setting { key, value, at })
}

fn optional(fields: &mut Fields, key: &str, faults: &mut Faults) -> Option<Value> {
    let json = fields.take(key, faults)?;
    value(json, || fields.below(key), faults)
}

/// A value: a scalar, or a list of scalars.
fn value(json: Json, path: impl FnOnce() -> String, faults: &mut Faults) -> Option<Value> {
    let at = json.at;
    match json.kind {
        Kind::List(values) if values.len() > COMPONENTS => {
            faults.add(at, &path(), format!("a list of more than {COMPONENTS}"));
            None
        }
        Kind::List(values) => {
            let count = values.len();
            let scalars: Vec<Value> = values
                .into_iter()
                .filter_map(|it| scalar(it).ok())
                .collect();
            if scalars.len() < count {
                faults.add(at, &path(), "a list holds numbers, texts or booleans");
                return None;
            }
            Some(Value::List(scalars))
        }
        _ => match scalar(json) {
            Ok(value) => Some(value),
            Err(what) => {
                faults.add(at, &path(), format!("expected a value, found {what}"));
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
        Kind::List(_) | Kind::Object(_) => Err(json.what()),
    }
}
