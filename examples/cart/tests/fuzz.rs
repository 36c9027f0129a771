//! A file may hold anything: it is read to the last line or refused with a reason.

#![allow(clippy::unwrap_used)]

mod common;

use cart::import::read;
use common::{Folder, HEADER};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const LINES: &str = "\
536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
536365,71053,\"WHITE, METAL LANTERN\",6,2010-12-01 08:26:00,3.39,17850,United Kingdom
C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527,United Kingdom
536414,22139,,56,2010-12-01 11:52:00,0,,United Kingdom
";

#[test]
fn a_spoilt_file_is_refused_with_a_reason() {
    let folder = Folder::new();
    let path = folder.path("invoices.csv");
    let sound = format!("{HEADER}{LINES}").into_bytes();
    std::fs::write(&path, &sound).unwrap();
    assert_eq!(read(&path).unwrap().lines, 4);
    let bytes = prop::collection::vec(any::<u8>(), 0..12);
    let spoilt =
        (any::<prop::sample::Index>(), 0..40_usize, bytes).prop_map(|(at, gone, bytes)| {
            let begin = at.index(sound.len());
            let end = (begin + gone).min(sound.len());
            let mut spoilt = sound.clone();
            spoilt.splice(begin..end, bytes).for_each(drop);
            spoilt
        });
    let mut runner = TestRunner::new(ProptestConfig::with_cases(1000));
    let checked = runner.run(&spoilt, |spoilt| {
        std::fs::write(&path, &spoilt).unwrap();
        match read(&path) {
            Ok(file) => prop_assert!(file.lines > 0 && !file.invoices.is_empty()),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
        Ok(())
    });
    checked.unwrap();
}
