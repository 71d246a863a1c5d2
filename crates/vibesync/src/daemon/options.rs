//! Translates the settings into options of engine and store.

use std::time::Duration;

use vibesync_engine::{AgentOptions, Options, Rate, Thresholds};
use vibesync_protocol::auth::GrantKey;
use vibesync_protocol::{MAX_BATCH_CHANGES, MAX_CHANGES};
use vibesync_scene::{EpochId, ProjectId, Uuid};
use vibesync_store::retention::Policy;

use crate::Settings;
use crate::config::{Agents, Governance};

/// Maximum number of changes in open transactions. Beyond it the oldest transactions no longer wait for a slow editor.
const MAX_OPEN: usize = 100_000;

/// Maximum number of changes in one batch. A small change waits for at most one batch, so a batch must be short.
const MAX_BATCH: usize = 2_000;
/// Maximum number of changes in one batch for an editor that is far behind. An editor does work for its whole scene after
/// each batch, so few large batches arrive sooner. Editors refuse more changes than an intent may have.
const MAX_CATCH_UP_BATCH: usize = MAX_CHANGES;
/// Maximum number of bulk bytes in one batch.
const MAX_BATCH_BYTES: u64 = 16 << 20;

/// Returns the options of the engine.
pub(super) fn engine_options(
    settings: &Settings,
    project_id: ProjectId,
    grant_key: GrantKey,
) -> Options {
    let engine = &settings.config.engine;
    let governance = &settings.config.governance;
    Options {
        project_id,
        epoch: EpochId(Uuid::now_v7()),
        batch_window_ms: engine.batch_window_ms,
        apply_timeout_ms: engine.apply_timeout_ms,
        heartbeat_ms: settings.config.net.heartbeat_ms,
        idle_ms: engine.idle_ms,
        max_open: MAX_OPEN,
        max_batch: MAX_BATCH,
        max_catch_up_batch: MAX_CATCH_UP_BATCH,
        max_large_batch: MAX_BATCH_CHANGES,
        max_batch_bytes: MAX_BATCH_BYTES,
        rate: Rate {
            changes_per_s: governance.changes_per_s,
            burst: governance.burst,
        },
        grant_key,
        thresholds: thresholds(governance),
        agents: agents(&settings.config.agents),
    }
}

fn agents(settings: &Agents) -> AgentOptions {
    AgentOptions {
        enabled: settings.enabled,
        mode: settings.mode,
        approve_in: settings.approve_in,
        many: settings.many,
        created_per_day: settings.created_per_day,
    }
}

fn thresholds(governance: &Governance) -> Thresholds {
    Thresholds {
        identical: Thresholds::default().identical,
        entity: governance.entity,
        operation: governance.operation,
        automation: governance.automation,
        safe_mode: governance.safe_mode,
        crashes: governance.crashes,
        permanent: governance.known_bad,
        steady_after_ms: governance.steady_after_ms,
    }
}

/// Returns the retention policy of the log.
pub(super) fn retention(settings: &Settings) -> Policy {
    let days = settings.config.wal.keep_days;
    Policy {
        compress: settings.config.wal.compress,
        keep: (days > 0).then(|| Duration::from_secs(days * 24 * 3_600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, DEFAULT};

    #[test]
    fn built_in_thresholds_are_those_of_the_engine() {
        let config: Config = toml::from_str(DEFAULT).unwrap();
        assert_eq!(thresholds(&config.governance), Thresholds::default());
        let (rate, given) = (Rate::default(), config.governance);
        assert_eq!(
            (rate.changes_per_s, rate.burst),
            (given.changes_per_s, given.burst)
        );
        assert_eq!(agents(&config.agents), AgentOptions::default());
    }
}
