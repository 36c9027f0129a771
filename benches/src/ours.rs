//! This framework, used as an application uses it.

pub(crate) mod catch_up;
pub(crate) mod commands;
pub(crate) mod load;
pub(crate) mod log;
pub(crate) mod visible;
