//! Budgets.

use super::*;

const DAY_MS: u64 = 86_400_000;

#[test]
fn agent_creates_a_limited_number_of_entities_a_day() {
    let mut harness = harness(AgentOptions {
        mode: AgentMode::Work,
        created_per_day: 2,
        ..AgentOptions::default()
    });
    let agent = connect(&mut harness);
    for number in 10..12 {
        let operation = create(&mut harness, &agent, Uuid::from_u128(number));
        assert_eq!(answer(&harness, operation), Some(ACCEPTED));
        harness.settle();
    }
    let late = create(&mut harness, &agent, B);
    assert_eq!(answer(&harness, late), Some(refused(Code::BudgetUsedUp)));
    let said = harness
        .received
        .iter()
        .rev()
        .find_map(|message| match message {
            DaemonMessage::Ack { error, .. } => error.clone(),
            _ => None,
        });
    assert!(
        said.unwrap()
            .message
            .contains("within a day; try again in 86")
    );
    let head = harness.engine.head_seq();
    let change = agent.ask(&mut harness, head, vec![moved(A, 1.0)]);
    assert_eq!(
        answer(&harness, change),
        Some(ACCEPTED),
        "a change creates nothing"
    );
    harness.settle();
    let other = Agent::connect_as(&mut harness, Some("other"));
    let operation = create(&mut harness, &other, B);
    assert_eq!(
        answer(&harness, operation),
        Some(ACCEPTED),
        "each has its own"
    );
    harness.settle();
    harness.now += DAY_MS;
    let operation = create(&mut harness, &agent, C);
    assert_eq!(answer(&harness, operation), Some(ACCEPTED));
}
