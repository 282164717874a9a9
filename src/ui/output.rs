//! A writer thread with a bounded queue, so that a blocked standard output never holds up the node

use std::{
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use tokio::sync::{Notify, watch};

/// Where the lines go: blocks until they are written
pub type Sink = Box<dyn FnMut(&str) -> io::Result<()> + Send>;

/// A sink for standard output
pub fn stdout() -> Sink {
    Box::new(|lines| {
        let mut stdout = io::stdout().lock();
        stdout.write_all(lines.as_bytes())?;
        stdout.flush()
    })
}

/// The front of the queue
#[derive(Debug)]
pub struct Output {
    queue: Arc<Queue>,
    fate: watch::Receiver<Fate>,
}

/// How far the writer is
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Writing,
    Written,
    Failed(io::ErrorKind),
}

impl Output {
    /// Starts the writer; `notice` words how many lines had to be left out
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(sink: Sink, notice: fn(u64) -> String) -> io::Result<Self> {
        let queue = Arc::<Queue>::default();
        let (ended, fate) = watch::channel(Fate::Writing);
        let theirs = Arc::clone(&queue);
        thread::Builder::new()
            .name("output".to_owned())
            .spawn(move || ended.send_replace(theirs.write_to(sink, notice)))?;
        Ok(Self { queue, fate })
    }

    /// Queues lines, each with its line break; never blocks
    pub fn print(&self, lines: &str) {
        if lines.is_empty() {
            return;
        }
        let mut state = self.queue.lock();
        if state.lines.len() >= QUEUE_BYTES {
            state.dropped += 1;
        } else {
            state.lines.push_str(lines);
            self.queue.changed.notify_one();
        }
    }

    /// Waits until nothing waits to be written any more, forever if that never comes; cancel-safe
    pub async fn written(&self) {
        loop {
            let written = self.queue.written.notified();
            if self.queue.is_written() {
                return;
            }
            written.await;
        }
    }

    /// Waits until writing has failed, forever if it never does; cancel-safe
    pub async fn failed(&self) -> io::ErrorKind {
        match self.fate.clone().wait_for(|fate| matches!(fate, Fate::Failed(_))).await.map(|fate| *fate) {
            Ok(Fate::Failed(kind)) => kind,
            Ok(Fate::Writing | Fate::Written) | Err(_) => std::future::pending().await,
        }
    }

    /// Waits for the queue to be written, for as long as the reader takes
    ///
    /// # Errors
    /// When it could not be written. That the reader has gone away is none.
    pub async fn finish(mut self) -> io::Result<()> {
        self.queue.lock().closed = true;
        self.queue.changed.notify_one();
        let fate = self.fate.wait_for(|fate| *fate != Fate::Writing).await.map(|fate| *fate);
        match fate {
            Ok(Fate::Failed(kind)) if kind != io::ErrorKind::BrokenPipe => Err(kind.into()),
            Ok(_) => Ok(()),
            Err(_) => Err(io::ErrorKind::Other.into()),
        }
    }
}

/// What may wait to be written before lines are left out, in bytes; another as much may be with the sink
const QUEUE_BYTES: usize = 4 << 20;

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    written: Notify,
}

#[derive(Debug, Default)]
struct State {
    lines: String,
    dropped: u64,
    /// Whether the sink has some of them
    is_writing: bool,
    closed: bool,
}

impl Queue {
    fn write_to(&self, mut sink: Sink, notice: fn(u64) -> String) -> Fate {
        while let Some(lines) = self.take(notice) {
            if let Err(error) = sink(&lines) {
                return Fate::Failed(error.kind());
            }
            self.lock().is_writing = false;
            self.written.notify_one();
        }
        Fate::Written
    }

    fn take(&self, notice: fn(u64) -> String) -> Option<String> {
        let mut state = self.lock();
        while state.lines.is_empty() && !state.closed {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let mut lines = std::mem::take(&mut state.lines);
        let dropped = std::mem::take(&mut state.dropped);
        if dropped > 0 {
            lines += &notice(dropped);
        }
        state.is_writing = !lines.is_empty();
        (!lines.is_empty()).then_some(lines)
    }

    fn is_written(&self) -> bool {
        let state = self.lock();
        state.lines.is_empty() && !state.is_writing
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, sync::mpsc, time::Duration};

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn everything_is_written_in_order_before_the_end() {
        let (sender, written) = mpsc::channel();
        let output = Output::start(collect(sender), notice).unwrap();
        (0..1000).for_each(|number| output.print(&format!("{number}\n")));
        output.finish().await.unwrap();
        let expected: String = (0..1000).map(|number| format!("{number}\n")).collect();
        assert_eq!(written.iter().collect::<String>(), expected);
    }

    #[tokio::test]
    async fn a_blocked_sink_costs_lines_and_says_how_many_but_holds_nobody_up() {
        let (entered, blocked) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let (sender, written) = mpsc::channel();
        let mut collect = collect(sender);
        let sink: Sink = Box::new(move |lines| {
            let _ = entered.send(());
            let _ = released.recv();
            collect(lines)
        });
        let output = Output::start(sink, notice).unwrap();
        output.print("first\n");
        blocked.recv().unwrap();
        let line = format!("{}\n", "x".repeat(QUEUE_BYTES / 4));
        (0..9).for_each(|_| output.print(&line));
        drop(release);
        output.finish().await.unwrap();
        let all = written.iter().collect::<String>();
        assert_eq!(all.matches("x\n").count(), 4);
        assert!(all.starts_with("first\n") && all.ends_with("x\n5 left out\n"));
    }

    #[tokio::test]
    async fn a_slow_sink_is_waited_for_only_as_long_as_one_likes() {
        let (hold, held) = mpsc::channel::<()>();
        let sink: Sink = Box::new(move |_| {
            let _ = held.recv();
            Ok(())
        });
        let output = Output::start(sink, notice).unwrap();
        output.print("hi\n");
        let mut finish = pin!(output.finish());
        assert!(timeout(Duration::from_millis(1), &mut finish).await.is_err());
        drop(hold);
        finish.await.unwrap();
    }

    #[tokio::test]
    async fn a_failure_is_told() {
        let output = Output::start(Box::new(|_| Err(io::ErrorKind::StorageFull.into())), notice).unwrap();
        output.print("hi\n");
        assert_eq!(output.failed().await, io::ErrorKind::StorageFull);
        assert!(output.finish().await.is_err());
    }

    #[tokio::test]
    async fn a_reader_that_went_away_is_no_error() {
        let output = Output::start(Box::new(|_| Err(io::ErrorKind::BrokenPipe.into())), notice).unwrap();
        output.print("hi\n");
        output.finish().await.unwrap();
    }

    fn notice(dropped: u64) -> String {
        format!("{dropped} left out\n")
    }

    fn collect(sender: mpsc::Sender<String>) -> Sink {
        Box::new(move |lines| sender.send(lines.to_owned()).map_err(io::Error::other))
    }
}
