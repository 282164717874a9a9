//! Whatever lies in a file: what comes of it is said in one sentence, and nobody's key is written over

use std::fs;

use lanchat::{
    cli::Globals,
    profile::Profile,
    rooms::joined,
    settings::{Login, Settings},
};

use super::assert_sentence;
use crate::{draw::Draw, home};

/// The config file
pub(crate) fn config(bytes: &[u8]) {
    let home = home::directory();
    let path = home.path().join("config.toml");
    home::write(&path, bytes);
    let globals = Globals { config: Some(path.clone()), ..Globals::default() };
    match Settings::resolve(globals, &Login::default()) {
        Err(error) => assert_sentence(&error.to_string()),
        Ok(settings) => {
            assert!(settings.port > 0 && settings.plain_udp.port != Some(0));
            assert!((100..=100_000).contains(&settings.retention.entries));
        }
    }
    assert_eq!(fs::read(&path).ok().as_deref(), Some(bytes), "the file was changed");
}

/// The files of a profile: the first byte says which, the rest is in it
pub(crate) fn profile(bytes: &[u8]) {
    const FILES: [&str; 5] = ["key", "incarnation", "lock", "history.run", "rooms"];
    let mut draw = Draw::new(bytes);
    let file = FILES[draw.below(FILES.len())];
    let content = draw.rest();
    let home = home::directory();
    let globals = Globals { data_dir: Some(home.path().to_owned()), ..Globals::default() };
    let settings = match Settings::resolve(globals, &Login::default()) {
        Ok(settings) => settings,
        Err(error) => panic!("{error}"),
    };
    let directory = home.path().join("default");
    home::make(&directory);
    let path = directory.join(file);
    home::write(&path, content);
    for joined in joined::read(&directory) {
        if let Err(error) = joined.entrance(&directory) {
            assert_sentence(&error.to_string());
        }
    }
    let mut latest = None;
    for _ in 0..2 {
        match Profile::open(&settings) {
            Err(error) => {
                assert_sentence(&error.to_string());
                assert!(file == "key" && content.len() != 32, "{file} keeps a profile from being used");
            }
            Ok(profile) => {
                assert!(file != "key" || profile.secret() == content, "another key than there was");
                let start = profile.count_start().ok();
                assert!(latest < start, "the same start twice");
                latest = start;
            }
        }
        assert!(file != "key" || fs::read(&path).ok().as_deref() == Some(content), "the key was changed");
    }
}
