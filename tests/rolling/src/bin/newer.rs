//! The build with an event more.

rolling::desk!(Opened, Closed, Reopened);
