//! The list of servers in a TOML file, with its comments and its layout.

use toml_edit::{Array, DocumentMut, Item, Table, TableLike, value};

use super::entry::{Entry, Malformed};

/// Adds or replaces an entry in the table `list`, or removes it for none.
pub fn edit(
    list: &str,
    text: &str,
    name: &str,
    entry: Option<&Entry>,
) -> Result<String, Malformed> {
    let mut document = parse(text)?;
    let Some(entry) = entry else {
        if let Some(found) = document.get_mut(list) {
            table(found, list)?.remove(name);
        }
        return Ok(document.to_string());
    };
    let servers = document.entry(list).or_insert_with(|| {
        let mut servers = Table::new();
        servers.set_implicit(true);
        Item::Table(servers)
    });
    let servers = table(servers, list)?;
    let server = servers.entry(name).or_insert(toml_edit::table());
    let server = table(server, name)?;
    if server.contains_key("url") {
        return Err(Malformed::remote(name));
    }
    server.insert("command", value(&entry.command));
    server.insert("args", value(Array::from_iter(&entry.args)));
    Ok(document.to_string())
}

fn table<'a>(item: &'a mut Item, key: &str) -> Result<&'a mut dyn TableLike, Malformed> {
    let table = item.as_table_like_mut();
    table.ok_or_else(|| Malformed::shape(key, "a table"))
}

fn parse(text: &str) -> Result<DocumentMut, Malformed> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .map_or(0, |it| it.chars().count())
            + 1;
        Malformed {
            place: Some((line, column)),
            message: error.message().to_owned(),
        }
    })
}
