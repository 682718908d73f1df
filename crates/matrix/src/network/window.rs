//! The window that convolution and pooling slide over each channel of an image.
//!
//! Invariant: every size but the padding is at least 1, the window fits into the padded image, and the numbers of
//! cells fit into `usize`. Pairs are (height, width).
//!
//! ```text
//!   . . . . .      image 3x3 with padding 1, window 2x2, stride 2:
//!   . a b c .      steps 2x2; window (0, 0) covers (. . . a),
//!   . d e f .      window (1, 1) covers (e f h i)
//!   . g h i .
//!   . . . . .
//! ```

use std::ops::Range;

use tilewright_base::{Outcome, bail};

/// A window that slides over the channels of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    channels: usize,
    image: [usize; 2],
    size: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    steps: [usize; 2],
}

impl Window {
    /// A window over `channels` channels of an `image`.
    ///
    /// # Errors
    /// When a size other than the padding is zero, the window does not fit into the padded image, or there are more
    /// cells than can be counted.
    pub fn new(
        channels: usize,
        image: [usize; 2],
        size: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 2],
    ) -> Outcome<Window> {
        for (what, [height, width]) in [("an image", image), ("a window", size), ("a stride", stride)] {
            if height == 0 || width == 0 {
                bail!(Value, "{what} of {height}x{width}; both must be at least 1");
            }
        }
        if channels == 0 {
            bail!(Value, "an image of 0 channels; it needs at least 1");
        }
        let mut steps = [0; 2];
        for axis in 0..2 {
            let padded = padding[axis].checked_mul(2).and_then(|padding| padding.checked_add(image[axis]));
            let Some(padded) = padded else { bail!(Value, "a padding of {} is too large", padding[axis]) };
            if size[axis] > padded {
                let ([h, w], [r, s], [a, b]) = (image, size, padding);
                bail!(
                    Shape,
                    "a window of {r}x{s} does not fit into an image of {h}x{w} with a padding of {a}x{b}"
                );
            }
            steps[axis] = (padded - size[axis]) / stride[axis] + 1;
        }
        let countable = |sizes: [usize; 3]| sizes.iter().try_fold(1, |n: usize, &size| n.checked_mul(size));
        let counts = [image, size, steps].map(|[height, width]| countable([channels, height, width]));
        if counts.contains(&None) {
            bail!(Value, "{channels} channels of {}x{} are too many cells", image[0], image[1]);
        }
        Ok(Window { channels, image, size, stride, padding, steps })
    }

    /// The number of channels, C.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The cells of a channel, H*W.
    pub fn plane(&self) -> usize {
        self.image[0] * self.image[1]
    }

    /// The cells of an image, C*H*W.
    pub fn cells(&self) -> usize {
        self.channels * self.plane()
    }

    /// The cells of the window in one channel, R*S.
    pub fn area(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// The cells of the window in all channels, C*R*S: those of a filter.
    pub fn volume(&self) -> usize {
        self.channels * self.area()
    }

    /// The number of positions of the window, P down and Q across.
    pub fn steps(&self) -> [usize; 2] {
        self.steps
    }

    /// The number of positions, P*Q: the cells of a channel of the result.
    pub fn map(&self) -> usize {
        self.steps[0] * self.steps[1]
    }

    /// The height and width of the window.
    pub fn size(&self) -> [usize; 2] {
        self.size
    }

    /// The height and width of the image.
    pub fn image(&self) -> [usize; 2] {
        self.image
    }

    /// The coordinate in the image of cell `offset` of the window at `step`, nothing in the padding.
    pub fn at(&self, axis: usize, step: usize, offset: usize) -> Option<usize> {
        let at = (step * self.stride[axis] + offset).checked_sub(self.padding[axis])?;
        (at < self.image[axis]).then_some(at)
    }

    /// The coordinates of the image that the window covers at `step`; empty when it lies in the padding.
    pub fn cover(&self, axis: usize, step: usize) -> Range<usize> {
        let start = step * self.stride[axis];
        let clipped = |at: usize| at.saturating_sub(self.padding[axis]).min(self.image[axis]);
        clipped(start)..clipped(start + self.size[axis])
    }

    /// The steps at which cell `offset` of the window lies in the image.
    pub(super) fn inside(&self, axis: usize, offset: usize) -> Range<usize> {
        let (stride, padding) = (self.stride[axis], self.padding[axis]);
        let first = |at: usize| at.saturating_sub(offset).div_ceil(stride).min(self.steps[axis]);
        first(padding)..first(padding + self.image[axis])
    }

    /// The distance of two neighbouring positions, down or across.
    pub(super) fn stride(&self, axis: usize) -> usize {
        self.stride[axis]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_views_of_a_window_agree() {
        for (image, size, stride, padding) in
            [(5, 2, 1, 0), (5, 3, 2, 1), (7, 4, 3, 2), (3, 1, 2, 2), (4, 4, 1, 0), (2, 5, 2, 2), (1, 1, 1, 0)]
        {
            let pair = |n| [n, n];
            let window =
                Window::new(1, pair(image), pair(size), pair(stride), pair(padding)).expect("it fits");
            for step in 0..window.steps()[0] {
                let met: Vec<usize> = (0..size).filter_map(|offset| window.at(0, step, offset)).collect();
                assert_eq!(window.cover(0, step).collect::<Vec<_>>(), met, "{window:?} at {step}");
                for offset in 0..size {
                    let inside = window.inside(0, offset).contains(&step);
                    assert_eq!(
                        inside,
                        window.at(0, step, offset).is_some(),
                        "{window:?} at {step}, {offset}"
                    );
                }
            }
        }
    }

    #[test]
    fn steps_round_down() {
        let window = Window::new(3, [7, 8], [3, 2], [2, 3], [0, 1]).expect("it fits");
        assert_eq!((window.steps(), window.map(), window.cells(), window.volume()), ([3, 3], 9, 168, 18));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let one = [1, 1];
        assert!(Window::new(1, [3, 3], [4, 4], one, [0, 0]).is_err());
        assert!(Window::new(1, [3, 3], [4, 4], one, [1, 1]).is_ok());
        assert!(Window::new(0, [3, 3], one, one, [0, 0]).is_err());
        assert!(Window::new(1, [0, 3], one, one, [1, 1]).is_err());
        assert!(Window::new(1, [3, 3], [0, 1], one, [0, 0]).is_err());
        assert!(Window::new(1, [3, 3], one, [1, 0], [0, 0]).is_err());
        assert!(Window::new(1, [3, 3], one, one, [usize::MAX, 0]).is_err());
        assert!(Window::new(usize::MAX, [3, 3], one, one, [0, 0]).is_err());
    }
}
