#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| idds_fuzz::check("request", bytes));
