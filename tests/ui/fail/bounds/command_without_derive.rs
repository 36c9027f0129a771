use cqrs::prelude::*;

#[derive(Clone)]
struct Close;

async fn used(app: App) {
    let _ = app.execute(Close).await;
}

fn main() {}
