use cqrs::prelude::*;

struct Balance;

async fn used(app: App) {
    let _ = app.view::<Balance>();
}

fn main() {}
