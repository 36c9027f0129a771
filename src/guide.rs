#![doc = include_str!("guide/links.md")]
#![doc = include_str!("../docs/guide/README.md")]

/// A page. The definitions at its end lead to files, as a code host needs it; those of `links.md` lead to
/// modules, and of two the first one counts. A test that fails is named by its module, and its line
/// counts the lines of `links.md` too.
macro_rules! page {
    ($name:ident, $file:literal) => {
        #[doc = include_str!("guide/links.md")]
        #[doc = include_str!(concat!("../docs/guide/", $file, ".md"))]
        pub mod $name {}
    };
}

page!(your_first_application, "your-first-application");
page!(coming_from_crud, "coming-from-crud");
page!(commands_and_rejections, "commands-and-rejections");
page!(changing_events, "changing-events");
page!(uniqueness, "uniqueness");
page!(hooks, "hooks");
page!(snapshots_and_time_travel, "snapshots-and-time-travel");
page!(projections_and_queries, "projections-and-queries");
page!(
    read_your_writes_and_live_pages,
    "read-your-writes-and-live-pages"
);
page!(search, "search");
page!(rebuilding_views, "rebuilding-views");
page!(partitions, "partitions");
page!(dead_letters, "dead-letters");
page!(subscriptions, "subscriptions");
page!(testing, "testing");
page!(running_it, "running-it");
#[cfg(all(feature = "postgres", feature = "sqlite"))]
page!(events_on_postgres, "events-on-postgres");
/// Its code is compiled, and shown here, with the features `postgres` and `sqlite`.
#[cfg(not(all(feature = "postgres", feature = "sqlite")))]
pub mod events_on_postgres {}
page!(moving_to_postgres, "moving-to-postgres");
page!(deploying, "deploying");
page!(errors, "errors");
page!(comparison, "comparison");
