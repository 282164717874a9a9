//! The list of hostile inputs and faults names tests that exist

#![cfg(test)]

use std::{
    fs,
    path::{Path, PathBuf},
};

#[test]
fn each_of_the_25_has_its_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = fs::read_to_string(root.join("tests/HOSTILE.md")).unwrap();
    let code: String =
        ["protocol", "src", "tests"].iter().flat_map(|folder| sources(&root.join(folder))).collect();
    let rows: Vec<&str> = list.lines().filter(|line| line.starts_with('|')).skip(2).collect();
    assert_eq!(rows.len(), 25);
    for (row, number) in rows.iter().zip(1..) {
        let cells: Vec<&str> = row.split(" | ").collect();
        assert_eq!(cells[0], format!("| {number}"));
        let tests: Vec<&str> = cells[3].split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "row {number} names no test");
        for test in tests {
            assert!(code.contains(&format!("test]\nfn {test}(")), "row {number}: there is no test {test}");
        }
    }
}

/// What is in each Rust file under a folder, without what goes before the lines
fn sources(folder: &Path) -> Vec<String> {
    let mut folders = vec![folder.to_owned()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(path).unwrap();
                sources.extend(
                    text.lines().map(|line| format!("{}\n", line.trim_start().trim_start_matches("async "))),
                );
            }
        }
    }
    sources
}
