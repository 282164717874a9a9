//! How much memory something asks for

use std::alloc::System;

use alloc_tracker::{Allocator, Session};

#[global_allocator]
static ALLOCATOR: Allocator<System> = Allocator::system();

/// Checks that reading bytes allocates no more than `most`, freed or not; what came of it
pub(crate) fn within<T>(most: u64, read: impl FnOnce() -> T) -> T {
    let session = Session::new().no_stdout().no_file();
    let value = {
        let operation = session.operation("read");
        let _span = operation.measure_thread().iterations(1);
        read()
    };
    let report = session.to_report();
    let bytes: u64 = report.operations().map(|(_, operation)| operation.total_bytes_allocated()).sum();
    assert!(bytes <= most, "reading allocated {bytes} bytes");
    value
}
