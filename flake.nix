{
  description = "From one sign-in to AWS IAM Identity Center to AWS credentials in every tool";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = "keyfob";
          version = (builtins.fromTOML (builtins.readFile ./Cargo.toml)).workspace.package.version;
          src = self;
          cargoLock.lockFile = ./Cargo.lock;
          buildAndTestSubdir = "crates/cli";
          # They run for minutes, and .ci/run has run them.
          doCheck = false;
          nativeBuildInputs = [ pkgs.installShellFiles ];
          postInstall = pkgs.lib.optionalString
            (pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform) ''
            $out/bin/keyfob man --dir man > /dev/null
            installManPage man/*.1
            $out/bin/keyfob completions bash > keyfob.bash
            $out/bin/keyfob completions fish > keyfob.fish
            installShellCompletion keyfob.bash keyfob.fish
            installShellCompletion --zsh --name _keyfob packaging/zsh/_keyfob
          '';
          meta = {
            license = with pkgs.lib.licenses; [ mit asl20 ];
            mainProgram = "keyfob";
          };
        };
      });
    };
}
