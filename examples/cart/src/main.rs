//! Wiring only: arguments, logs, and one line on the terminal for whatever goes wrong.

mod cli;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter);
    let logs = logs.with_ansi(std::io::stderr().is_terminal());
    let logs = logs.with_span_events(FmtSpan::CLOSE);
    logs.with_writer(std::io::stderr).init();

    let runtime = tokio::runtime::Runtime::new().map_err(anyhow::Error::from);
    match runtime.and_then(|runtime| runtime.block_on(arguments.run())) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", cli::one_line(&error));
            ExitCode::FAILURE
        }
    }
}
