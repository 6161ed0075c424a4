class Keyfob < Formula
  desc "From one sign-in to AWS IAM Identity Center to AWS credentials in every tool"
  homepage "@HOMEPAGE@"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    url "@URL@/keyfob-v@VERSION@-source.tar.gz"
    sha256 "@SHA256 source@"
    depends_on "rust" => :build
  end

  on_linux do
    on_intel do
      url "@URL@/keyfob-v@VERSION@-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 x86_64-unknown-linux-musl@"
    end
    on_arm do
      url "@URL@/keyfob-v@VERSION@-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 aarch64-unknown-linux-musl@"
    end
  end

  def install
    if OS.mac?
      system "cargo", "install", *std_cargo_args(path: "crates/cli")
      system bin/"keyfob", "man", "--dir", man1
      generate_completions_from_executable(bin/"keyfob", shell_parameter_format: :clap)
    else
      bin.install "keyfob"
      man1.install Dir["man/*.1"]
      bash_completion.install "completions/keyfob.bash" => "keyfob"
      zsh_completion.install "completions/_keyfob"
      fish_completion.install "completions/keyfob.fish"
      doc.install "THIRD-PARTY"
    end
  end

  test do
    assert_match "AccessKeyId", shell_output("#{bin}/keyfob demo --no-browser")
  end
end
