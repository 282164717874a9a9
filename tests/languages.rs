//! Who has chosen Chinese reads nothing else, and how it is chosen

use std::{fs, process::Command};

use lanchat_harness::{Ended, Loopback, Person, Program, SOON, ready};
use serde_json::json;
use unicode_width::UnicodeWidthStr;

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

/// Words that are the same in all languages: what is typed, names of things, and what stands in examples
const COMMON: &str = "lanchat lobby attic alice bob peers send listen history doctor raw daemon systemctl user enable now contrib service id help netcat msg auto abcd key default sent
    delivered en zh CN UDP UTF IP ID JSON IPv GBK gbk gb big shift jis euc kr windows utf ms true false room name private
    code file weak port interface peer profile data dir relay encoding ephemeral json plain config lang verbose version
    timeout to wait count past notify typing completions man shell bash zsh fish powershell elvish exec CMD SHELL COMMAND jq text festival tts tail log share syslog var local completion bin desktop bell off search with limit bind listen only crlf jsonl MiB LANCHAT TYPING ROOM PRIVATE CODE FILE WEAK NAME
    PORT INTERFACE PEER PROFILE DATA DIR RAW RELAY ENCODING EPHEMERAL PLAIN CONFIG LANG VERBOSE WAYS NOTIFY";

#[test]
fn the_help_of_all_commands_is_in_chinese_and_fits_on_a_terminal() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person_with("ann", &[]);
    for command in ["", "peers", "send", "listen", "history", "doctor", "raw", "daemon", "id"] {
        let arguments = [command, "--lang", "zh-CN", "--help"];
        let ended = run(&ann, arguments.iter().filter(|word| !word.is_empty()), &[]);
        assert_chinese(&ended.assert_code(0).stdout);
        assert!(ended.stdout.contains(&format!("\n用法：lanchat {command}")), "{ended:?}");
        let widest = ended.stdout.lines().max_by_key(|line| line.width()).unwrap_or_default();
        assert!(widest.width() <= 80, "{widest}");
    }
    let help = run(&ann, ["--lang", "zh", "help", "send"], &[]);
    assert_eq!(help.stdout, run(&ann, ["--lang", "zh-CN", "send", "-h"], &[]).stdout);
    assert_chinese(&run(&ann, ["--lang", "zh", "help", "help"], &[]).stdout);
}

#[test]
fn what_is_wrong_is_told_in_chinese() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person_with("ann", &[]);
    for line in [
        "dance",
        "perrs",
        "--rooom x",
        "-x",
        "--port 0",
        "--port x",
        "--port 99999999999999999999",
        "--port",
        "send",
        "send --wait x hi",
        "send --wait snt hi",
        "listen --count 0",
        "history --limit x",
        "--json --json",
        "raw --to x",
        "raw --listen-only --to 198.18.0.2 hi",
        "raw --listen-only hi",
        "raw --encoding klingon",
        "--verbose=3",
        "peers --timeout soon",
        "--json --plain id",
        "--room lobby --private id",
        "--profile ../x id",
        "--peer bob id",
        "--raw-relay id",
        "--raw-encoding klingon id",
        "--room \u{200b} id",
        "--config /nowhere id",
        "--ephemeral history",
        "--profile nobody history",
        "--data-dir /dev/null id",
        "send --wait delivered hi",
        "-- peers",
        "--room x --private peers",
        "--room x --room-code-file /nowhere peers",
    ] {
        let ended =
            run(&ann, ["--lang", "zh-CN", "--interface", "lo"].into_iter().chain(line.split(' ')), &[]);
        assert_ne!(ended.status.code(), Some(0), "{line}");
        let typed = |word: &str| line.contains(word);
        ended.assert_one_sentence(&[]);
        assert_chinese_but(&ended.stderr, typed);
    }
}

#[test]
fn a_chat_and_what_is_typed_in_it_are_in_chinese() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").start(&["--lang", "zh-CN"]);
    ann.expect_line("-- 你是 ann，在 lobby", SOON);
    let mut bob = lan.person("bob").chat_ready();
    ann.expect_line("-- bob 来了（127.0.0.1）", SOON);
    bob.say("hi");
    ann.expect_line(" bob：hi", SOON);
    bob.say("/msg ann psst");
    ann.expect_line(" bob 悄悄说：psst", SOON);
    for (line, answer) in [
        ("/dance", "!! 没有命令 /dance：/help 列出全部命令"),
        ("/msg bob", "!! 命令不完整：请输入 /msg 名字 文字"),
        ("/msg cleo hi", "!! 这里没有叫 cleo 的人：/peers 列出在线的人"),
        ("/peers", "-- 另有 1 人在线"),
        ("/blocked", "-- 没有屏蔽任何人"),
        ("/help", "/verify 名字      你和对方要念出来对照的词"),
        ("/msg bob hi", "-- 给 bob 的悄悄话：已送达"),
    ] {
        ann.say(line);
        ann.expect_line(answer, SOON);
    }
    bob.close_input();
    ann.expect_line("-- bob 离开了", SOON);
}

#[test]
fn what_scripts_read_has_the_same_codes_in_all_languages() {
    let lan = Loopback::new(LANCHAT);
    let mut ann = lan.person("ann").start(&["--json", "--lang", "zh-CN"]);
    ann.expect(ready(), SOON);
    ann.say("/dance");
    let error = ann.expect(json!({"event": "error", "code": "invalid_command"}), SOON);
    assert_chinese_but(error.text("message"), |word| word == "dance");
}

#[test]
fn plain_datagrams_are_told_of_in_chinese() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person_with("ann", &[]);
    let mut command = ann.command(LANCHAT);
    command.args([
        "--lang",
        "zh-CN",
        "--interface",
        "lo",
        "raw",
        "--bind",
        "127.0.0.1:0",
        "--encoding",
        "utf-8",
    ]);
    let mut raw = Program::start("ann", command);
    let status = raw.expect_line("-- 在 127.0.0.1:", SOON);
    assert_chinese(&status);
    for (line, answer) in [
        ("hi", "!! 还没有发送对象"),
        ("/to", "!! 命令不完整：请输入 /to IP:端口"),
        ("/to bob", "!! bob 不是带端口的 IPv4 地址"),
        ("/help", "/encoding 名称"),
    ] {
        raw.say(line);
        raw.expect_line(answer, SOON);
    }
}

#[test]
fn a_config_file_that_makes_no_sense_is_named_in_chinese() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person_with("ann", &[]);
    let file = lan.scratch().join("file");
    for text in
        ["room = 'attic'\nnmae = 'ann'", "port = 0", "name = [1", "interface = 3", "[retention]\ndays = 0"]
    {
        fs::write(&file, format!("lang = 'zh-CN'\n{text}\n")).unwrap();
        let ended = run(&ann, ["--config", file.to_str().unwrap(), "--lang=zh-CN", "id"], &[]);
        ended.assert_code(2).assert_one_sentence(&["行"]);
        let typed = |word: &str| text.contains(word) || file.to_str().unwrap().contains(word);
        assert_chinese_but(&ended.stderr, typed);
    }
}

#[test]
fn the_flag_goes_before_the_variable_the_variable_before_the_file_and_the_file_before_the_locale() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person_with("ann", &[]);
    let [chinese, english] = ["zh-CN", "en"].map(|tag| {
        let file = lan.scratch().join(tag);
        fs::write(&file, format!("lang = '{tag}'\n")).unwrap();
        file.to_str().unwrap().to_owned()
    });
    let (chinese, english) = (chinese.as_str(), english.as_str());
    let file = "LANCHAT_CONFIG";
    for (arguments, variables, is_chinese) in [
        (&["--lang", "zh-CN"][..], &[("LANCHAT_LANG", "en")][..], true),
        (&["--lang=en"], &[("LANCHAT_LANG", "zh-CN"), (file, chinese)], false),
        (&["--lang", "en", "--config", chinese], &[], false),
        (&[], &[("LANCHAT_LANG", "zh-CN"), (file, english)], true),
        (&["--config", chinese], &[("LANCHAT_LANG", "en")], false),
        (&["--config", english], &[(file, chinese), ("LANG", "zh_CN.UTF-8")], false),
        (&[], &[(file, chinese), ("LC_ALL", "C")], true),
        (&[], &[(file, chinese), ("LANCHAT_LANG", "")], true),
        (&[], &[("LANG", "zh_CN.UTF-8")], true),
        (&[], &[("LANG", "en_US.UTF-8"), ("LC_MESSAGES", "zh_CN")], true),
        (&[], &[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")], false),
        (&[], &[("LANG", "zh_CN.UTF-8"), ("LC_ALL", ""), ("LC_MESSAGES", "POSIX")], false),
        (&[], &[("LANG", "fr_FR.UTF-8")], false),
        (&[], &[], false),
    ] {
        let ended = run(&ann, ["dance"].iter().chain(arguments), variables);
        let expected =
            if is_chinese { "没有“dance”这个命令" } else { "unrecognized subcommand 'dance'" };
        ended.assert_code(2).assert_one_sentence(&[expected]);
    }
}

#[test]
fn a_language_that_is_not_there_is_refused_by_its_name() {
    let lan = Loopback::new(LANCHAT);
    let ann = lan.person_with("ann", &[]);
    let file = lan.scratch().join("file");
    fs::write(&file, "lang = 'klingon'\n").unwrap();
    let named = ["--config", file.to_str().unwrap(), "id"];
    for ended in [
        run(&ann, ["--lang", "klingon", "id"], &[]),
        run(&ann, ["id"], &[("LANCHAT_LANG", "klingon")]),
        run(&ann, named, &[]),
    ] {
        ended.assert_code(2).assert_one_sentence(&["--lang", "klingon", "zh-CN"]);
    }
}

/// Runs it to its end in a locale of which nothing is known but these variables
fn run(
    person: &Person,
    arguments: impl IntoIterator<Item = impl AsRef<str>>,
    variables: &[(&str, &str)],
) -> Ended {
    let mut command: Command = person.command(LANCHAT);
    for variable in ["LANCHAT_LANG", "LC_ALL", "LC_MESSAGES", "LANG"] {
        command.env_remove(variable);
    }
    command.envs(variables.iter().copied());
    command.args(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
    let mut program = Program::start(person.home().to_str().unwrap_or_default(), command);
    program.close_input();
    program.wait()
}

#[track_caller]
fn assert_chinese(text: &str) {
    assert_chinese_but(text, |_| false);
}

/// Fails if there is an English word, or none of the text is Chinese
#[track_caller]
fn assert_chinese_but(text: &str, is_typed: impl Fn(&str) -> bool) {
    let words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 1);
    let common: Vec<&str> = COMMON.split_whitespace().collect();
    let english: Vec<&str> = words.filter(|word| !common.contains(word) && !is_typed(word)).collect();
    assert!(english.is_empty(), "{english:?} in {text}");
    assert!(text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{text}");
}
