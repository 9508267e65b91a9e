//! A new migration is a new file, which nothing else would notice.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
