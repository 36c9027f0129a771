//! The build that is running when the newer one starts.

rolling::desk!(Opened, Closed);
