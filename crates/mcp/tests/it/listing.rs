//! Snapshots of everything that a client lists.

use serde_json::{Value, json};

use crate::client::{Client, Era};
use crate::fake::Fake;

async fn lists(era: Era) -> Value {
    let (mut client, about) = Client::open(Fake::new(), era).await;
    json!({
        "about": about,
        "tools": client.request("tools/list", json!({})).await,
        "resources": client.request("resources/list", json!({})).await,
        "templates": client.request("resources/templates/list", json!({})).await,
        "prompts": client.request("prompts/list", json!({})).await,
    })
}

#[tokio::test]
async fn lists_of_the_legacy_era() {
    insta::assert_snapshot!(format!("{:#}", lists(Era::Legacy).await));
}

#[tokio::test]
async fn lists_of_the_modern_era() {
    insta::assert_snapshot!(format!("{:#}", lists(Era::Modern).await));
}

#[tokio::test]
async fn both_eras_list_the_same_tools() {
    let (legacy, modern) = (lists(Era::Legacy).await, lists(Era::Modern).await);
    assert_eq!(legacy["tools"]["tools"], modern["tools"]["tools"]);
    assert_eq!(
        legacy["about"]["instructions"],
        modern["about"]["instructions"]
    );
}
