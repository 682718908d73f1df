//! The text that is written, and where comments go.
//!
//! A comment on a line of its own stays above what follows it. One behind a statement, a `{` or a `}` stays behind
//! it. One within a statement moves above it. One between a `}` and the block of its `else` moves to the top of
//! that block, for there is no line left for it.

use crate::ast::Comment;
use crate::token::Token;

/// Columns of one level.
const STEP: usize = 2;

pub(super) struct Page<'a> {
    source: &'a str,
    /// Comments that are not yet written.
    comments: &'a [Comment],
    /// What is written; its last line is not ended.
    text: String,
    depth: usize,
    /// The end, in the source, of what has been written.
    seen: usize,
    /// Nothing stands in this block yet.
    is_fresh: bool,
    /// A comment can be put behind the last line.
    takes_comment: bool,
}

impl<'a> Page<'a> {
    pub fn new(source: &'a str, comments: &'a [Comment]) -> Page<'a> {
        let text = String::with_capacity(source.len());
        Page { source, comments, text, depth: 0, seen: 0, is_fresh: true, takes_comment: false }
    }

    /// Columns before a statement.
    pub fn indent(&self) -> usize {
        STEP * self.depth
    }

    /// Writes a line, or several that are joined by newlines, for what stands from `start` to `end` in the source.
    pub fn line(&mut self, line: &str, start: u32, end: u32) {
        let mut blank = self.is_blank_before(start);
        for comment in self.take_comments(end) {
            self.begin(blank);
            self.write_comment(comment);
            blank = false;
        }
        self.begin(blank);
        self.text.push_str(line);
        self.see(end);
        self.takes_comment = true;
    }

    /// Writes a line that closes a block and opens the next; comments up to `end` are left for that block.
    pub fn go_on(&mut self, line: &str, end: u32) {
        self.depth -= 1;
        self.begin(false);
        self.text.push_str(line);
        self.takes_comment = self.comments.first().is_none_or(|comment| comment.span.start >= end);
        self.see(end);
    }

    /// The last line ended with `{`.
    pub fn open(&mut self) {
        self.depth += 1;
        self.is_fresh = true;
    }

    /// Writes `}`.
    pub fn close(&mut self) {
        self.depth -= 1;
        self.begin(false);
        self.text.push('}');
        self.takes_comment = true;
    }

    /// Writes the comments before a brace of the source; the brace itself is written by others.
    pub fn pass(&mut self, brace: Token) {
        self.comments_before(brace.start);
        self.see(brace.end);
    }

    /// Writes all comments that begin before a place.
    pub fn comments_before(&mut self, place: u32) {
        for comment in self.take_comments(place) {
            if self.is_behind(comment) {
                self.write_behind(comment);
            } else {
                self.begin(self.is_blank_before(comment.span.start));
                self.write_comment(comment);
            }
        }
    }

    /// Writes the comments that stand behind the last line.
    pub fn comments_behind(&mut self) {
        while let Some((comment, rest)) = self.comments.split_first().filter(|(next, _)| self.is_behind(next))
        {
            self.comments = rest;
            self.write_behind(comment);
        }
    }

    /// The whole text.
    pub fn finish(mut self) -> String {
        self.comments_before(u32::MAX);
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text
    }

    fn see(&mut self, end: u32) {
        self.seen = self.seen.max(end as usize);
    }

    fn take_comments(&mut self, place: u32) -> &'a [Comment] {
        let count = self.comments.partition_point(|comment| comment.span.start < place);
        let (taken, rest) = self.comments.split_at(count);
        self.comments = rest;
        taken
    }

    /// Begins a line.
    fn begin(&mut self, blank: bool) {
        if !self.text.is_empty() {
            self.text.push_str(if blank && !self.is_fresh { "\n\n" } else { "\n" });
        }
        self.is_fresh = false;
        self.text.push_str(&" ".repeat(self.indent()));
    }

    /// What stands between the last thing written and a place of the source.
    fn gap(&self, place: u32) -> &'a str {
        self.source.get(self.seen..place as usize).unwrap_or_default()
    }

    fn is_blank_before(&self, place: u32) -> bool {
        self.gap(place).matches('\n').count() > 1
    }

    fn is_behind(&self, comment: &Comment) -> bool {
        self.takes_comment && !self.gap(comment.span.start).contains('\n')
    }

    fn write_behind(&mut self, comment: &Comment) {
        self.text.push_str("  ");
        self.push_lines(&comment.text, 0);
        self.see(comment.span.end);
        self.takes_comment = comment.text.starts_with("/*");
    }

    fn write_comment(&mut self, comment: &Comment) {
        let start = comment.span.start as usize;
        let column = start - self.source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let is_first = self.source[start - column..start].trim().is_empty();
        let shift = if is_first { self.indent() as isize - column as isize } else { 0 };
        self.push_lines(&comment.text, shift);
        self.see(comment.span.end);
        self.takes_comment = false;
    }

    /// Writes the lines of a comment; all but the first move by `shift` columns.
    fn push_lines(&mut self, comment: &str, shift: isize) {
        for (at, line) in comment.lines().enumerate() {
            let line = line.trim_end();
            if at == 0 {
                self.text.push_str(line);
                continue;
            }
            self.text.push('\n');
            let spaces = line.len() - line.trim_start_matches(' ').len();
            if !line.is_empty() {
                let shifted = spaces.saturating_add_signed(shift);
                self.text.push_str(&" ".repeat(shifted));
                self.text.push_str(&line[spaces..]);
            }
        }
    }
}
