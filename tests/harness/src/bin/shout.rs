//! The smallest program of this kind, to test the lab with: says its input to the network, prints what it hears

use std::io::{self, BufRead, Write};
use std::net::UdpSocket;
use std::process::ExitCode;
use std::{str, thread};

const PORT: u16 = 25_252;
const EVERYONE: &str = "198.18.0.255";

fn main() -> ExitCode {
    match shout() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _written = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn shout() -> io::Result<()> {
    let socket = UdpSocket::bind(("0.0.0.0", PORT))?;
    socket.set_broadcast(true)?;
    let mouth = socket.try_clone()?;
    thread::spawn(move || hear(&socket));
    writeln!(io::stdout(), r#"{{"event":"ready"}}"#)?;
    for line in io::stdin().lock().lines() {
        if let Err(error) = mouth.send_to(line?.as_bytes(), (EVERYONE, PORT)) {
            writeln!(io::stdout(), r#"{{"event":"error","message":"{error}"}}"#)?;
        }
    }
    Ok(())
}

fn hear(socket: &UdpSocket) -> io::Result<()> {
    let mut datagram = [0; 1500];
    loop {
        let (length, from) = socket.recv_from(&mut datagram)?;
        let text = str::from_utf8(&datagram[..length]).unwrap_or("?");
        writeln!(io::stdout(), r#"{{"event":"heard","text":"{text}","from":"{}"}}"#, from.ip())?;
    }
}
