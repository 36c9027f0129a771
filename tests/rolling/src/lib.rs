//! One program in two builds: the newer one has an event more.
//!
//! It takes orders on standard input, one a line, and answers each with a line: `append NAME` with the
//! event's position, `show POSITION` with the row once the view is there, `state` with what its worker
//! does.

/// The program, with these events.
#[macro_export]
macro_rules! desk {
    ($($event:ident),+) => {
        use ::std::time::Duration;

        use ::cqrs::prelude::*;
        use ::cqrs::projection::{ProjectionOptions, ProjectionState};
        use ::cqrs::store::Append;
        use ::cqrs::{Expected, Position, StreamId};

        #[derive(Id)]
        struct TicketId(String);

        #[derive(Event, Serialize, Deserialize, Clone, Debug)]
        #[event(prefix = "ticket", id = TicketId)]
        enum TicketEvent {
            $($event {}),+
        }

        #[derive(Projection, Clone, Debug)]
        #[projection(name = "tickets", events(TicketEvent))]
        struct Ticket {
            ticket: TicketId,
            events: String,
        }

        impl Project<TicketEvent> for Ticket {
            fn project(event: &Recorded<TicketEvent>, rows: &mut Rows<Self>) {
                let name = match event.data {
                    $(TicketEvent::$event {} => stringify!($event)),+
                };
                rows.upsert(&event.id, |row| row.events.push_str(name));
            }
        }

        type Failure = Box<dyn ::std::error::Error>;

        async fn append(app: &App, name: &str) -> Result<String, Failure> {
            let event = match name {
                $(stringify!($event) => TicketEvent::$event {},)+
                other => return Err(format!("this build has no event `{other}`").into()),
            };
            let append = Append::new("write");
            let stream = StreamId::new("ticket", "a")?;
            let append = append.events(stream, Expected::Any, &[event])?;
            Ok(app.append_all(append).await?.position.to_string())
        }

        async fn show(app: &App, position: &str) -> Result<String, Failure> {
            app.wait_for::<Ticket>(Position::new(position.parse()?)).await?;
            let row = app.view::<Ticket>().get(&"a".into()).await?;
            Ok(row.map(|row| row.events).unwrap_or_default())
        }

        fn state(app: &App) -> String {
            let states = app.projections().into_iter().map(|status| status.state);
            let states = states.map(|state| match state {
                ProjectionState::Outdated { events } => format!("outdated {}", events.join(" ")),
                ProjectionState::Live => "live".to_owned(),
                other => format!("{other:?}"),
            });
            states.collect()
        }

        async fn answer(app: &App, order: &str) -> Result<String, Failure> {
            match order.split_once(' ') {
                Some(("append", name)) => append(app, name).await,
                Some(("show", position)) => show(app, position).await,
                _ => Ok(state(app)),
            }
        }

        fn main() -> Result<(), Failure> {
            let url = ::std::env::args().nth(1).ok_or("name a store")?;
            let runtime = ::tokio::runtime::Runtime::new()?;
            let options = ProjectionOptions::default().lease(Duration::from_millis(300));
            let app = App::open(url).project_with::<Ticket>(options).into_future();
            let app = runtime.block_on(app)?;
            println!("ready");
            for order in ::std::io::stdin().lines() {
                println!("{}", runtime.block_on(answer(&app, &order?))?);
            }
            Ok(())
        }
    };
}
