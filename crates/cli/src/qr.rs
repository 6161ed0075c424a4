//! A text as a picture that phones read.

use qrcodegen::{QrCode, QrCodeEcc};
use terminal_size::{Width, terminal_size};

use crate::exit::{Exit, Failure};

/// The light frame that readers need, in modules.
const FRAME: i32 = 2;

/// Draws it, two rows of modules in a line. Light is drawn, so that it can be read on a dark terminal,
/// and by most phones on a light one.
pub(crate) fn drawn(text: &str) -> Result<String, Failure> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low)
        .map_err(|_| Failure::new(Exit::Other, "the URL is too long for a QR code"))?;
    let width = usize::try_from(code.size() + 2 * FRAME).unwrap_or_default();
    if let Some((Width(columns), _)) = terminal_size().filter(|it| usize::from(it.0.0) < width) {
        let error = format!("the QR code is {width} columns wide, and the terminal {columns}");
        return Err(Failure::new(Exit::Other, error).with_hint("make the terminal wider"));
    }
    let is_light = |x, y| !code.get_module(x, y);
    let range = || -FRAME..code.size() + FRAME;
    let mut drawing = String::new();
    for y in range().step_by(2) {
        for x in range() {
            let below = y + 1 < code.size() + FRAME && is_light(x, y + 1);
            drawing.push(match (is_light(x, y), below) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        drawing.push('\n');
    }
    Ok(drawing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_is_light_and_the_corners_are_dark() {
        let drawing = drawn("https://x.example").unwrap();
        let lines: Vec<Vec<char>> = drawing.lines().map(|line| line.chars().collect()).collect();
        let width = lines[0].len();
        assert!(lines.iter().all(|line| line.len() == width));
        assert!(lines[0].iter().all(|c| *c == '█'));
        // Below the frame, three corners have seven dark modules in a row.
        let corner = |line: &[char]| line[2..9].iter().all(|c| matches!(c, ' ' | '▄'));
        assert!(corner(&lines[1]));
        assert_eq!(lines.len(), width.div_ceil(2));
    }

    #[test]
    fn what_no_code_can_hold_is_told() {
        assert!(drawn(&"x".repeat(3000)).is_err());
    }
}
