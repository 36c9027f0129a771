//! Commands through `app.execute`.

use anyhow::Result;
use cqrs::{App, Open as _};

use super::log;
use crate::paths::commands::Shape;
use crate::session::Session;

/// An application without views that takes commands.
pub(crate) struct Commands {
    app: App,
    shape: Shape,
    pub(crate) session: Session,
}

impl Commands {
    /// Fills the store and sends commands to it.
    pub(crate) async fn open(shape: Shape, url: &str) -> Result<Self> {
        let app = App::open(url).await?;
        log::append(&app, shape.before()).await?;
        Ok(Self::of(app, shape))
    }

    /// Sends commands to a store that is filled.
    pub(crate) async fn open_filled(shape: Shape, url: &str) -> Result<Self> {
        Ok(Self::of(App::open(url).await?, shape))
    }

    fn of(app: App, shape: Shape) -> Self {
        let session = Session::new(shape.tasks, {
            let app = app.clone();
            move |number| {
                let (app, command) = (app.clone(), shape.command(number));
                async move {
                    std::hint::black_box(app.execute(command).await?);
                    Ok(())
                }
            }
        });
        Self {
            app,
            shape,
            session,
        }
    }

    pub(crate) async fn verify(self) -> Result<()> {
        let stored = log::read_tally(&self.app).await?;
        self.app.shutdown().await;
        self.shape.verify(self.session.operations(), stored)
    }

    /// The same as `verify`, where the store is found at another address.
    pub(crate) async fn verify_at(self, url: &str) -> Result<()> {
        self.app.shutdown().await;
        let app = App::open(url).await?;
        Self { app, ..self }.verify().await
    }
}
