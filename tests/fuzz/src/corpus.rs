//! The committed inputs

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where the inputs of a target are
pub fn corpus_directory(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

/// The inputs of a target, in the order of their names
///
/// # Panics
/// If they cannot be read
pub fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let directory = corpus_directory(target);
    let files = match fs::read_dir(&directory) {
        Ok(files) => files.filter_map(Result::ok),
        Err(error) => panic!("{} cannot be read: {error}", directory.display()),
    };
    let mut paths: Vec<_> = files.map(|file| file.path()).collect();
    paths.sort_unstable();
    let read = |path: PathBuf| match fs::read(&path) {
        Ok(bytes) => (path, bytes),
        Err(error) => panic!("{} cannot be read: {error}", path.display()),
    };
    paths.into_iter().map(read).collect()
}
