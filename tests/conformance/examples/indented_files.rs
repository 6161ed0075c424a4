//! Prints files that are indented at random, and what the model of botocore's reader makes of each:
//! a line of JSON for each file. `tests/interop/test_config_parser.py` asks botocore.

use conformance::indented;

fn main() {
    for seed in 0..10_000 {
        let file = indented::file(seed);
        let reading = indented::json(indented::reading(&file));
        #[expect(clippy::print_stdout, reason = "it is what the program is for")]
        {
            println!("{}", serde_json::json!({ "file": file, "reading": reading }));
        }
    }
}
