//! The questions that people read. Names and labels come from agents and files, so they are made harmless.

use vibesync_scene::{AgentName, ApprovalKind, Change, Scene, Uuid};

use crate::intake::names::display_name;

/// Most entities that a line names.
const MAX_NAMED: usize = 5;
/// Most characters of a label or name.
const MAX_CHARS: usize = 80;

/// Returns the question for the most important kind.
pub(crate) fn sentence(
    agent: &AgentName,
    kind: &ApprovalKind,
    changes: &[Change],
    label: &str,
) -> String {
    let wish = match kind {
        ApprovalKind::Work => "wants to change this scene".to_owned(),
        ApprovalKind::Many => format!("wants to change {} things at once", changes.len()),
        ApprovalKind::Delete => "wants to delete what it did not make".to_owned(),
        ApprovalKind::Restore => "wants to restore an earlier state".to_owned(),
        ApprovalKind::Undo => "wants to take back what others did".to_owned(),
        ApprovalKind::Call(addon) => format!("wants to use the add-on {}", plain(addon)),
    };
    match plain(label) {
        label if label.is_empty() => format!("{agent} {wish}"),
        label => format!("{agent} {wish}: {label}"),
    }
}

/// Lists what the changes do: a line for each kind of change that there is.
pub(crate) fn details(scene: &Scene, changes: &[Change]) -> Vec<String> {
    let of = |is_meant: fn(&Change) -> bool| changes.iter().filter(move |it| is_meant(it));
    let deleted: Vec<&Change> = of(|it| matches!(it, Change::Delete { .. })).collect();
    let updated: Vec<&Change> = of(|it| matches!(it, Change::Update { .. })).collect();
    let created: Vec<&Change> = of(|it| matches!(it, Change::Create { .. })).collect();
    let groups = [
        ("Delete", deleted),
        ("Change", updated),
        ("Create", created),
    ];
    let groups = groups.into_iter().filter(|(_, group)| !group.is_empty());
    groups
        .map(|(verb, group)| line(scene, verb, &group))
        .collect()
}

fn line(scene: &Scene, verb: &str, changes: &[&Change]) -> String {
    let name = |change: &&&Change| {
        let given = change.components().and_then(|it| it.name.as_deref());
        let known = || display_name(scene, change.uuid());
        given.map_or_else(known, |name| format!("\"{name}\""))
    };
    let named = changes.iter().take(MAX_NAMED);
    let named: Vec<String> = named.map(|it| plain(&name(&it))).collect();
    let more = match changes.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{verb} {}{more}", named.join(", "))
}

/// Returns a text on one line, without signs that hide or turn text, cut to a fixed length.
pub(crate) fn plain(text: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
            || matches!(c, '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
    };
    let clean = |c: char| if is_hidden(c) { ' ' } else { c };
    let text: String = text.chars().map(clean).take(MAX_CHARS + 1).collect();
    match text.char_indices().nth(MAX_CHARS) {
        None => text.trim().to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim()),
    }
}

/// Returns the entities that changes are about.
pub(crate) fn uuids(changes: &[Change], most: usize) -> Vec<Uuid> {
    changes.iter().map(Change::uuid).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_agents_cannot_hide_or_turn_the_question() {
        let label = "tidy\n[Allow]\u{202E}evil\u{200B}";
        let agent = AgentName::default();
        let sentence = sentence(&agent, &ApprovalKind::Work, &[], label);
        assert_eq!(
            sentence,
            "agent wants to change this scene: tidy [Allow] evil"
        );
        assert_eq!(plain(&"ä".repeat(81)).chars().count(), MAX_CHARS + 1);
        assert_eq!(plain(&"ä".repeat(80)), "ä".repeat(80));
    }
}
