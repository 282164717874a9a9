#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| lanchat_fuzz::run("sync", bytes));
