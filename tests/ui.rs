//! What the derives accept, and what rustc says where they do not.
//!
//! The expectations belong to the compiler of `rust-toolchain.toml`. To write them anew:
//! `TRYBUILD=overwrite cargo test --test ui`, and read every one.

#[test]
fn accepted() {
    trybuild::TestCases::new().pass("tests/ui/pass/**/*.rs");
}

#[test]
fn refused() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/**/*.rs");
}
