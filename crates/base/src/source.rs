//! Source files and places in them.
//!
//! A [`Span`] is a file and a byte range; it stays with a piece of program through every rewrite, so that an
//! error in an optimised plan still points at the line the user wrote.

use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use elsa::sync::FrozenVec;

use crate::diagnostic::Frame;

/// A file of a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// The call in whose place a piece of program stands, an entry of [`Sites`]; the default is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Site(u32);

/// A byte range in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The call in whose place the optimiser put this piece of a function.
    pub site: Site,
}

impl Hash for Span {
    /// Of the text: random numbers are drawn by the hash of their place, which calls are no part of.
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.file, self.start, self.end).hash(state);
    }
}

impl Span {
    /// The range `start..end` of `file`.
    pub fn new(file: FileId, start: usize, end: usize) -> Span {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { file, start: clamp(start), end: clamp(end), site: Site::default() }
    }

    /// The smallest span that covers both (which are in one file).
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end), ..self }
    }

    /// The same place where it stands for a call.
    pub fn inside(self, site: Site) -> Span {
        Span { site, ..self }
    }
}

/// The calls in whose places the bodies of their functions were put, so that an error in one of them still tells how it
/// was reached. A call that stands in such a body itself has a site in its span.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sites(Vec<Frame>);

impl Sites {
    /// Adds a call.
    pub fn add(&mut self, call: Frame) -> Site {
        self.0.push(call);
        Site(u32::try_from(self.0.len()).unwrap_or(0))
    }

    /// The calls in whose places a piece of program stands, the innermost first.
    pub fn calls(&self, span: Span) -> impl Iterator<Item = &Frame> {
        let call = |span: Span| self.0.get((span.site.0 as usize).checked_sub(1)?);
        std::iter::successors(call(span), move |frame| call(frame.call))
    }
}

/// The text of one source file.
#[derive(Debug)]
pub struct SourceFile {
    /// The name shown in diagnostics: a path, `<stdin>` or `<library>/lm.dml`.
    pub name: PathBuf,
    /// Its text.
    pub text: Arc<str>,
    line_starts: Vec<u32>,
}

impl SourceFile {
    /// The 1-based line and column (in characters) of a byte position.
    pub fn line_column(&self, byte: u32) -> (usize, usize) {
        let line = self.line_starts.partition_point(|&start| start <= byte).max(1);
        let start = self.line_starts[line - 1] as usize;
        let column = self.text.get(start..byte as usize).map_or(0, |before| before.chars().count());
        (line, column + 1)
    }
}

/// All source files of a session, addressed by [`FileId`]; files may be added while others are read, since a running
/// script can call for a library function that is compiled only then.
#[derive(Default)]
pub struct SourceMap {
    files: FrozenVec<Box<SourceFile>>,
}

impl SourceMap {
    /// Adds a file and returns its id.
    pub fn add(&self, name: impl AsRef<Path>, text: impl Into<Arc<str>>) -> FileId {
        let text = text.into();
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(at, _)| at as u32 + 1)).collect();
        let file = SourceFile { name: name.as_ref().to_path_buf(), text, line_starts };
        FileId(self.files.push_get_index(Box::new(file)) as u32)
    }

    /// The number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// True when there are no files.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Forgets all but the first `files`; spans of the others must not be asked for any more.
    pub fn truncate(&mut self, files: usize) {
        self.files.as_mut().truncate(files);
    }

    /// The file of an id made by this map.
    pub fn file(&self, id: FileId) -> &SourceFile {
        self.files.get(id.0 as usize).expect("invariant: ids come from this map")
    }

    /// `name:line:column` of the start of a span.
    pub fn place(&self, span: Span) -> String {
        let file = self.file(span.file);
        let (line, column) = file.line_column(span.start);
        format!("{}:{line}:{column}", file.name.display())
    }

    /// The source text of a span.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}
