//! Where a script prints, and where its warnings go.

use std::io::Write;
use std::sync::Mutex;

use tilewright_base::{Diagnostic, Frame, Outcome, Span, fault};

/// Receives what a script prints, line by line, and warnings.
pub trait Output: Send + Sync {
    /// Text of a `print`, with its newline.
    ///
    /// # Errors
    /// When it cannot be written.
    fn print(&self, text: &str) -> Outcome<()>;

    /// A warning at a place.
    fn warn(&self, diagnostic: Diagnostic);
}

/// Writes prints to a stream, flushing after each, and keeps warnings.
pub struct StreamOutput<W: Write + Send> {
    stream: Mutex<W>,
    warnings: Mutex<Vec<Diagnostic>>,
}

impl<W: Write + Send> StreamOutput<W> {
    /// Writes to a stream.
    pub fn new(stream: W) -> StreamOutput<W> {
        StreamOutput { stream: Mutex::new(stream), warnings: Mutex::new(Vec::new()) }
    }

    /// The stream and the warnings so far.
    pub fn into_parts(self) -> (W, Vec<Diagnostic>) {
        let stream = self.stream.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        (stream, self.warnings.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }
}

impl<W: Write + Send> Output for StreamOutput<W> {
    fn print(&self, text: &str) -> Outcome<()> {
        let mut stream = self.stream.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let written = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
        written.map_err(|error| fault!(File, "cannot write to the output: {error}"))
    }

    fn warn(&self, diagnostic: Diagnostic) {
        let mut warnings = self.warnings.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !warnings.contains(&diagnostic) {
            warnings.push(diagnostic);
        }
    }
}

/// The output of a called function: its warnings tell where it was called.
pub struct Called<'a> {
    /// The output of the caller.
    pub output: &'a dyn Output,
    /// The called function.
    pub function: &'a str,
    /// The call.
    pub call: Span,
}

impl Output for Called<'_> {
    fn print(&self, text: &str) -> Outcome<()> {
        self.output.print(text)
    }

    fn warn(&self, mut diagnostic: Diagnostic) {
        diagnostic.trace.push(Frame { function: self.function.into(), call: self.call });
        self.output.warn(diagnostic);
    }
}

/// Keeps everything, to be passed on in order.
#[derive(Default)]
pub struct Buffered(Mutex<Vec<Event>>);

enum Event {
    Print(String),
    Warn(Diagnostic),
}

impl Buffered {
    /// Passes on what was kept.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn replay(self, output: &dyn Output) -> Outcome<()> {
        for event in self.0.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
            match event {
                Event::Print(text) => output.print(&text)?,
                Event::Warn(diagnostic) => output.warn(diagnostic),
            }
        }
        Ok(())
    }

    fn keep(&self, event: Event) {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(event);
    }
}

impl Output for Buffered {
    fn print(&self, text: &str) -> Outcome<()> {
        self.keep(Event::Print(text.into()));
        Ok(())
    }

    fn warn(&self, diagnostic: Diagnostic) {
        self.keep(Event::Warn(diagnostic));
    }
}
