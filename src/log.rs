//! What goes on, on standard error, for whoever asks with `-v`

use std::io;

use tracing_subscriber::EnvFilter;

/// Starts to log as much as asked for: 0 is nothing, 3 and more is everything
pub fn start(verbosity: u8) {
    let level = match verbosity {
        0 => return,
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::new(format!("warn,lanchat={level}"));
    // A program that embeds the library may log already.
    let _ =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_ansi(false).try_init();
}
