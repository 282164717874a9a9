//! Plain datagrams between lanchat and the programs that it replaces, each a process of its own on the loopback

use std::{
    env, fs,
    io::{self, Write},
    net::UdpSocket,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use lanchat_harness::{Ended, Loopback, OrFail, Program, SOON, Value, is_udp_port_free, json};

const LANCHAT: &str = env!("CARGO_BIN_EXE_lanchat");

#[test]
fn a_gbk_script_and_lanchat_talk_while_both_keep_receiving() {
    let Some(lan) = lan_with("python3") else { return };
    let mut script = script(&lan, "chat.py", &[&peer_port(&lan), "gbk"]);
    script.expect_line("bound", SOON);
    let mut ann = talk(&lan, &["--encoding", "gbk", "--to", &peer(&lan)]);
    let me = listens_at(&mut ann);
    ann.say("你好，世界");
    let sent = ann.expect(json!({"event": "datagram", "own": true, "text": "你好，世界"}), SOON);
    assert_eq!((&sent["encoding"], &sent["bytes"]), (&json!("gbk"), &json!(10)));
    script.expect_line(&format!("{me} says 你好，世界"), SOON);
    script.say(&format!("{} 吃了吗？", port_of(&me)));
    let heard = ann.expect(json!({"event": "datagram", "text": "吃了吗？"}), SOON);
    assert_eq!(heard["from"], json!(peer(&lan)));
    assert_eq!(heard["encoding"], "gbk");
    for (mine, theirs) in [("一", "二"), ("三", "四"), ("五", "六")] {
        ann.say(mine);
        script.say(&format!("{} {theirs}", port_of(&me)));
        script.expect_line(&format!("says {mine}"), SOON);
        ann.expect(json!({"event": "datagram", "text": theirs}), SOON);
    }
}

#[test]
fn a_script_that_was_heard_is_answered_in_its_encoding() {
    let Some(lan) = lan_with("python3") else { return };
    let mut ann = talk(&lan, &[]);
    let me = listens_at(&mut ann);
    let mut asking = script(&lan, "ask.py", &[port_of(&me), "几点了？"]);
    ann.expect(json!({"event": "datagram", "text": "几点了？", "encoding": "gbk"}), SOON);
    ann.say("/reply 三点");
    asking.expect_line("answer: 三点", SOON);
    asking.wait().assert_code(0);
}

#[test]
fn a_menu_that_blocks_gets_its_lines_when_it_looks() {
    let Some(lan) = lan_with("python3") else { return };
    let mut menu = script(&lan, "menu.py", &[&peer_port(&lan)]);
    menu.expect_line("0 quit", SOON);
    let mut ann = talk(&lan, &["--encoding", "gbk", "--to", &peer(&lan)]);
    let me = listens_at(&mut ann);
    ann.say("第一");
    ann.expect(json!({"own": true}), SOON);
    menu.say("1\n127.0.0.1");
    menu.say(&format!("{}\n菜单说", port_of(&me)));
    ann.expect(json!({"event": "datagram", "text": "菜单说"}), SOON);
    menu.say("2");
    menu.expect_line("received 第一 from 127.0.0.1", SOON);
    menu.say("0");
    menu.wait().assert_code(0);
}

#[test]
fn the_two_lines_of_the_readme_work() {
    let Some(lan) = lan_with("python3") else { return };
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let code = readme.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(code.lines().count(), 2);
    let mut ann = talk(&lan, &["--encoding", "gbk"]);
    let me = listens_at(&mut ann);
    let mut program = Program::start("python", python(&lan, &["-c", &code.replace("8899", port_of(&me))]));
    ann.expect(json!({"event": "datagram", "text": "你好", "encoding": "gbk"}), SOON);
    ann.say("/reply 你也好");
    program.expect_line("你也好", SOON);
    program.wait().assert_code(0);
}

#[test]
fn netcat_speaks_utf8_with_auto_while_both_keep_receiving() {
    let Some(lan) = lan_with("nc") else { return };
    let mut ann = talk(&lan, &["--crlf"]);
    let me = listens_at(&mut ann);
    let mut netcat = Program::start("nc", other(&lan, "nc", &["-u", "127.0.0.1", port_of(&me)]));
    netcat.say("你好 🙂");
    ann.expect(json!({"event": "datagram", "text": "你好 🙂\n", "encoding": "utf-8"}), SOON);
    ann.say("/reply");
    for (mine, theirs) in [("我很好 👍", "那就好"), ("你呢", "也好")] {
        ann.say(mine);
        netcat.say(theirs);
        netcat.expect_line(mine, SOON);
        ann.expect(json!({"event": "datagram", "text": format!("{theirs}\n")}), SOON);
    }
}

#[test]
fn socat_gets_the_longest_datagram_and_sends_one_back() {
    let Some(lan) = lan_with("socat") else { return };
    let mut ann = talk(&lan, &["--to", &peer(&lan)]);
    let me = listens_at(&mut ann);
    let file = lan.scratch().join("arrived");
    let from = format!("UDP4-RECVFROM:{},bind=127.0.0.1", peer_port(&lan));
    let to = format!("SYSTEM:cat >{0}; cat {0}", file.display());
    let _echo = Program::start("socat", other(&lan, "socat", &["-b", "65535", &from, &to]));
    until_bound(&lan);
    let longest = format!("{}!", "好".repeat(65_507 / 3));
    assert_eq!(longest.len(), 65_506);
    ann.say(&format!("{longest}!"));
    ann.expect(json!({"own": true, "bytes": 65_507}), SOON);
    let back = ann.expect(json!({"event": "datagram", "from": peer(&lan)}), SOON);
    assert!(fs::read_to_string(file).unwrap().starts_with("好好") && back.text("text").starts_with("好好"));
    let script = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
    script.send_to(format!("{longest}?").as_bytes(), &me).unwrap();
    let heard =
        ann.expect(json!({"event": "datagram", "from": script.local_addr().unwrap().to_string()}), SOON);
    assert_eq!((heard.text("text"), &heard["bytes"]), (format!("{longest}?").as_str(), &json!(65_507)));
    ann.say(&format!("{longest}!!"));
    let refused = ann.expect(json!({"event": "error", "code": "not_sent"}), SOON);
    assert!(refused.text("message").contains("at most 65507"), "{refused:?}");
}

#[test]
fn what_gbk_lacks_is_sent_as_a_question_mark_and_told() {
    let lan = Loopback::new(LANCHAT);
    let script = UdpSocket::bind(("127.0.0.1", lan.port())).unwrap();
    let mut ann = talk(&lan, &["--encoding", "gbk", "--to", &script.local_addr().unwrap().to_string()]);
    ann.say("好🙂吗");
    ann.expect(json!({"own": true, "text": "好🙂吗", "replaced": true}), SOON);
    let told = ann.expect(json!({"event": "error", "code": "replaced"}), SOON);
    assert!(told.text("message").contains("🙂"), "{told:?}");
    assert_eq!(arrived(&script), b"\xba\xc3?\xc2\xf0");
    ann.say("/encoding gb18030");
    ann.expect(json!({"event": "raw", "encoding": "gb18030"}), SOON);
    ann.say("🙂");
    assert_eq!(arrived(&script), b"\x950\x852");
}

#[test]
fn what_is_no_text_and_what_is_nothing_is_shown() {
    let lan = Loopback::new(LANCHAT);
    let script = UdpSocket::bind(("127.0.0.1", lan.port())).unwrap();
    let mut ann = talk(&lan, &["--encoding", "gbk"]);
    let me = listens_at(&mut ann);
    ann.say("/hex");
    ann.expect(json!({"event": "raw", "hex": true}), SOON);
    script.send_to(b"ok \xff\xff", &me).unwrap();
    let heard = ann.expect(json!({"event": "datagram", "replaced": true, "hex": "6f6b20ffff"}), SOON);
    assert!(heard.text("text").starts_with("ok \u{FFFD}"), "{heard:?}");
    script.send_to(b"", &me).unwrap();
    ann.expect(json!({"event": "datagram", "text": "", "bytes": 0}), SOON);
}

#[test]
fn people_see_lines_without_control_characters() {
    let lan = Loopback::new(LANCHAT);
    let script = UdpSocket::bind(("127.0.0.1", lan.port())).unwrap();
    let from = script.local_addr().unwrap();
    let (mut ann, me) = talk_plainly(&lan, &["--to", &from.to_string()]);
    script.send_to(b"\xc4\xe3\x1b[2J", &me).unwrap();
    ann.expect_line(&format!(" {from}: 你\u{FFFD}[2J"), SOON);
    script.send_to(b"", &me).unwrap();
    ann.expect_line(&format!(" {from} sent an empty datagram"), SOON);
    ann.say("在");
    ann.expect_line(&format!(" to {from}: 在"), SOON);
    ann.say("/quit");
    ann.wait().assert_code(0);
}

#[test]
fn without_a_target_a_line_is_explained_and_all_reaches_everybody_but_oneself() {
    let lan = Loopback::new(LANCHAT);
    let port = lan.port().to_string();
    let everywhere = ["--bind", &format!("0.0.0.0:{port}"), "--json"];
    let mut bob = Program::start("bob", raw(&lan, &everywhere));
    listens_at(&mut bob);
    let mut ann = talk(&lan, &[]);
    let me = listens_at(&mut ann);
    ann.say("hello?");
    let told = ann.expect(json!({"event": "error", "code": "invalid_command"}), SOON);
    assert!(told.text("message").contains("/to IP:PORT"), "{told:?}");
    ann.say(&format!("/all {port} 大家好"));
    ann.expect(json!({"own": true, "to": format!("127.255.255.255:{port}")}), SOON);
    bob.expect(json!({"event": "datagram", "from": me, "text": "大家好"}), SOON);
    bob.say("/all me too");
    bob.expect(json!({"own": true, "text": "me too"}), SOON);
    bob.say("/reply hello ann");
    ann.expect(json!({"event": "datagram", "text": "hello ann"}), SOON);
    ann.say(&format!("/all {port} bye"));
    bob.expect(json!({"event": "datagram", "text": "bye"}), SOON);
    bob.assert_never(|event: &Value| event["text"] == "me too" && event["own"].is_null());
}

#[test]
fn one_shot_sends_and_ends() {
    let lan = Loopback::new(LANCHAT);
    let script = UdpSocket::bind(("127.0.0.1", lan.port())).unwrap();
    let to = script.local_addr().unwrap().to_string();
    let run = |arguments: &[&str]| ended(raw(&lan, arguments));
    run(&["--bind", "127.0.0.1:0", "--encoding", "gbk", "--crlf", "--to", &to, "你好", "a"]).assert_code(0);
    assert_eq!(arrived(&script), b"\xc4\xe3\xba\xc3 a\r\n");
    run(&["--bind", "127.0.0.1:0", "--to", &to, ""]).assert_code(0);
    assert_eq!(arrived(&script), b"");
    run(&["--to", "198.19.255.254:9", "hi"]).assert_code(1).assert_one_sentence(&["198.19.255.254:9", "lo"]);
    run(&["--to", "nowhere", "hi"]).assert_code(2).assert_one_sentence(&["nowhere"]);
    run(&["--encoding", "klingon", "--to", &to, "hi"])
        .assert_code(2)
        .assert_one_sentence(&["klingon", "gbk"]);
    run(&["hi"]).assert_code(2).assert_one_sentence(&["--to"]);
    let too_long = "x".repeat(65_508);
    run(&["--to", &to, &too_long]).assert_code(2).assert_one_sentence(&["65507"]);
    run(&["--bind", &to]).assert_code(1).assert_one_sentence(&[&lan.port().to_string(), "--bind"]);
}

#[test]
fn piped_lines_leave_a_moment_for_their_answers() {
    let lan = Loopback::new(LANCHAT);
    let script = UdpSocket::bind(("127.0.0.1", lan.port())).unwrap();
    let mut ann = talk(&lan, &["--to", &script.local_addr().unwrap().to_string()]);
    let me = listens_at(&mut ann);
    ann.say("status?");
    ann.expect(json!({"own": true}), SOON);
    ann.close_input();
    assert_eq!(arrived(&script), b"status?");
    for answer in ["on", "and warm"] {
        thread::sleep(Duration::from_millis(100));
        script.send_to(answer.as_bytes(), &me).unwrap();
        ann.expect(json!({"event": "datagram", "text": answer}), SOON);
    }
    ann.wait().assert_code(0);
}

#[test]
fn listening_only_ends_with_a_signal_and_not_with_its_input() {
    let lan = Loopback::new(LANCHAT);
    let script = UdpSocket::bind(("127.0.0.1", lan.port())).unwrap();
    let mut ann = talk(&lan, &["--listen-only"]);
    let me = listens_at(&mut ann);
    ann.close_input();
    script.send_to(b"still there?", &me).unwrap();
    ann.expect(json!({"event": "datagram", "text": "still there?"}), SOON);
    ann.terminate();
    ann.wait().assert_code(0);
}

#[test]
fn a_flood_neither_grows_memory_nor_blocks_typing() {
    let lan = Loopback::new(LANCHAT);
    let script = UdpSocket::bind(("127.0.0.1", lan.port())).unwrap();
    let mut ann = talk(&lan, &["--to", &script.local_addr().unwrap().to_string()]);
    let me = listens_at(&mut ann);
    let stop = Arc::new(AtomicBool::new(false));
    let flood = thread::spawn({
        let stop = Arc::clone(&stop);
        move || flood(&me, &stop)
    });
    for _ in 0..3 {
        ann.forget();
        ann.expect(|event: &Value| event["event"] == "datagram" && event["own"].is_null(), SOON);
        ann.say("still typing");
        assert_eq!(arrived(&script), b"still typing");
        thread::sleep(Duration::from_millis(700));
    }
    stop.store(true, Ordering::Relaxed);
    assert!(flood.join().unwrap() > 10_000);
    if let Ok(status) = fs::read_to_string(format!("/proc/{}/status", ann.pid())) {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kibibytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(kibibytes < 64 << 10, "{kibibytes} KiB");
    }
    ann.say("/quit");
    ann.wait().assert_code(0);
}

/// Twenty datagrams of junk each millisecond until it is to stop, and how many that were
fn flood(to: &str, stop: &AtomicBool) -> u64 {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).or_fail("no port to flood from");
    let (start, mut sent) = (Instant::now(), 0);
    while !stop.load(Ordering::Relaxed) {
        let due = u64::try_from(start.elapsed().as_millis()).or_fail("a short time") * 20;
        while sent < due {
            let junk: Vec<u8> = (0..200_u64).map(|byte| (byte * 7 + sent).to_le_bytes()[0]).collect();
            // What does not fit the buffers is lost, as in any flood.
            let _ = socket.send_to(&junk, to);
            sent += 1;
        }
        thread::sleep(Duration::from_micros(500));
    }
    sent
}

/// A place with this program, or nothing after saying why the test is skipped; under `CI=true` it must be there
fn lan_with(program: &str) -> Option<Loopback> {
    let found =
        Command::new("sh").args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return Some(Loopback::new(LANCHAT));
    }
    assert!(env::var("CI").as_deref() != Ok("true"), "{program} must be there under CI=true");
    let test = thread::current().name().unwrap_or_default().to_owned();
    let _written = writeln!(io::stderr(), "skipped: {test}: there is no {program} here");
    None
}

/// `lanchat raw` on a free port of the loopback, where Chinese is spoken
fn talk(lan: &Loopback, arguments: &[&str]) -> Program {
    Program::start("lanchat", raw(lan, &[&["--bind", "127.0.0.1:0", "--json"], arguments].concat()))
}

/// The same as people see it, and its address
fn talk_plainly(lan: &Loopback, arguments: &[&str]) -> (Program, String) {
    let mut program = Program::start("lanchat", raw(lan, &[&["--bind", "127.0.0.1:0"], arguments].concat()));
    let status = program.expect_line("-- plain text on ", SOON);
    let address = status.split(' ').nth(4).unwrap_or_default().to_owned();
    (program, address)
}

fn raw(lan: &Loopback, arguments: &[&str]) -> Command {
    let mut command = other(lan, LANCHAT, &["raw", "--interface", "lo"]);
    command.env("LC_ALL", "zh_CN.UTF-8").args(arguments);
    command
}

fn ended(command: Command) -> Ended {
    let mut program = Program::start("lanchat", command);
    program.close_input();
    program.wait()
}

/// The address that a talk says it has
fn listens_at(program: &mut Program) -> String {
    program.expect(json!({"event": "raw"}), SOON).text("bind").to_owned()
}

fn port_of(address: &str) -> &str {
    address.rsplit(':').next().unwrap_or_default()
}

/// Where the script of a test is
fn peer(lan: &Loopback) -> String {
    format!("127.0.0.1:{}", lan.port())
}

fn peer_port(lan: &Loopback) -> String {
    lan.port().to_string()
}

fn script(lan: &Loopback, name: &str, arguments: &[&str]) -> Program {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts").join(name);
    Program::start(name, python(lan, &[&[path.to_str().or_fail("a path of text")], arguments].concat()))
}

fn python(lan: &Loopback, arguments: &[&str]) -> Command {
    let mut command = other(lan, "python3", arguments);
    command.env("PYTHONUTF8", "1").env("PYTHONUNBUFFERED", "1");
    command
}

fn other(lan: &Loopback, program: &str, arguments: &[&str]) -> Command {
    let mut command = lan.person("ann").command(program);
    command.args(arguments);
    command
}

/// Waits until another program has taken the port of the script
fn until_bound(lan: &Loopback) {
    let deadline = Instant::now() + SOON;
    while is_udp_port_free(lan.port()) {
        assert!(Instant::now() < deadline, "nobody has taken the port");
        thread::sleep(Duration::from_millis(5));
    }
}

fn arrived(script: &UdpSocket) -> Vec<u8> {
    script.set_read_timeout(Some(SOON)).or_fail("no time limit");
    let mut buffer = vec![0; 70_000];
    let len = script.recv(&mut buffer).or_fail("nothing has arrived");
    buffer.truncate(len);
    buffer
}
