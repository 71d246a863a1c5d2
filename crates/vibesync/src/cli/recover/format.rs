//! Formats witnesses, and the result of a recovery.

use std::io::{self, Write};

use serde_json::{Value, json};
use vibesync_store::audit::CommitInfo;
use vibesync_store::recover::{Candidate, Loss, Recovered, Source, Survey};

use crate::cli::text::Sanitized;

/// Prints all witnesses, the most advanced first.
pub(super) fn write_survey(
    survey: &Survey,
    best: Option<&Candidate>,
    out: &mut impl Write,
) -> io::Result<()> {
    let highest = survey.highest();
    let mut sorted: Vec<&Candidate> = survey.candidates.iter().collect();
    sorted.sort_by_key(|candidate| std::cmp::Reverse(candidate.tip.seq));
    writeln!(
        out,
        "{:<18} {:>8} {:>9}  would be lost",
        "witness", "sequence", "entities"
    )?;
    for candidate in sorted {
        let loss = best.map(|best| candidate.loss(best, highest));
        writeln!(
            out,
            "{:<18} {:>8} {:>9}  {}",
            candidate.source.to_string(),
            candidate.tip.seq,
            candidate.entities.len(),
            loss_text(loss.unwrap_or_default())
        )?;
        if let Some(why) = &candidate.ends_because {
            writeln!(out, "    not further: {}", Sanitized(why))?;
        }
        if candidate.missing_blobs > 0 {
            let count = candidate.missing_blobs;
            writeln!(
                out,
                "    {count} blobs of its meshes are missing: an editor has to send them again"
            )?;
        }
    }
    for unusable in &survey.unusable {
        let (name, why) = (&unusable.name, Sanitized(&unusable.why));
        writeln!(out, "{name}: not usable: {why}")?;
    }
    writeln!(
        out,
        "editors: asked when they connect; what only an editor still holds then comes back from it"
    )
}

fn loss_text(loss: Loss) -> String {
    if loss == Loss::default() {
        return "nothing".to_owned();
    }
    let mut parts = Vec::new();
    let mut count = |number: u64, one: &str, many: &str| {
        if number > 0 {
            parts.push(format!("{number} {}", if number == 1 { one } else { many }));
        }
    };
    count(loss.records, "record", "records");
    count(loss.missing as u64, "entity", "entities");
    count(
        loss.different as u64,
        "change of an entity",
        "changes of entities",
    );
    count(loss.revived as u64, "deletion", "deletions");
    parts.join(", ")
}

/// Prints the newest commits of the audit.
pub(super) fn write_commits(commits: &[CommitInfo], out: &mut impl Write) -> io::Result<()> {
    if commits.is_empty() {
        return Ok(());
    }
    writeln!(out, "\ncommits of the audit, for --from audit:COMMIT")?;
    for info in commits {
        let CommitInfo {
            commit, seq, label, ..
        } = info;
        let short = commit.get(..8).unwrap_or_default();
        writeln!(out, "{short} {seq:>8}  {}", Sanitized(label))?;
    }
    Ok(())
}

/// Prints the witness that will be used, and the fate of the present files.
pub(super) fn write_choice(chosen: &Candidate, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "\n{} is used, up to sequence {}. The present log, checkpoints and registry are kept in .vibesync/recovered.",
        chosen.source, chosen.tip.seq
    )
}

/// Prints the result.
pub(super) fn write_result(
    chosen: &Candidate,
    recovered: &Recovered,
    out: &mut impl Write,
) -> io::Result<()> {
    let (source, tip) = (&chosen.source, chosen.tip.seq);
    let Recovered { seq, kept, .. } = recovered;
    writeln!(
        out,
        "recovered from {source} up to sequence {tip}; see record {seq}: vibesync log tail"
    )?;
    writeln!(out, "the replaced files are in .vibesync/{kept}")?;
    writeln!(out, "start the daemon now: vibesync run")
}

/// Returns the reason of a recovery for which a person gave none: the damage of the log.
pub(super) fn reason(survey: &Survey) -> String {
    let log = survey.candidates.iter().find(|it| it.source == Source::Log);
    let damage = log.and_then(|log| log.ends_because.clone());
    let unusable = survey.unusable.iter().find(|it| it.name == "log");
    let unusable = unusable.map(|log| log.why.clone());
    let is_lost = (log.is_none() && unusable.is_none()).then(|| "the log is missing".to_owned());
    let ahead = || "the log is behind a witness, or a person chose another one".to_owned();
    damage.or(unusable).or(is_lost).unwrap_or_else(ahead)
}

/// Returns all witnesses as JSON.
pub(super) fn json(survey: &Survey, best: Option<&Candidate>) -> Value {
    let highest = survey.highest();
    let candidates = survey.candidates.iter().map(|candidate| {
        let loss = best.map(|best| candidate.loss(best, highest));
        let loss = loss.unwrap_or_default();
        json!({
            "witness": candidate.source.to_string(),
            "seq": candidate.tip.seq,
            "entities": candidate.entities.len(),
            "tombstones": candidate.tombstones,
            "missing_blobs": candidate.missing_blobs,
            "ends_because": candidate.ends_because,
            "lost": {
                "records": loss.records,
                "entities": loss.missing,
                "changes": loss.different,
                "deletions": loss.revived,
            },
        })
    });
    let unusable = survey.unusable.iter();
    let unusable = unusable.map(|it| json!({"witness": it.name, "why": it.why}));
    json!({
        "best": best.map(|best| best.source.to_string()),
        "highest_seq": highest,
        "witnesses": candidates.collect::<Vec<_>>(),
        "unusable": unusable.collect::<Vec<_>>(),
    })
}
