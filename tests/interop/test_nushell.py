"""nushell goes under a profile and back by `kf`, and completes."""

import os
import sys

from harness import World, check, equal, keyfob, main, tool

NU = tool("javascript/node_modules/.bin/nu")


def nu(world, script):
    """Runs a script in a nushell that has read what `shell-init` prints."""
    init = world.home / "keyfob.nu"
    init.write_text(world.keyfob("shell-init", "nushell").ok().stdout)
    file = world.home / "script.nu"
    file.write_text(f"source {init}\n{script}")
    path = f"{os.path.dirname(keyfob())}:/usr/local/bin:/usr/bin:/bin"
    return world.run(NU, "--no-config-file", str(file), PATH=path)


@check
def a_shell_goes_to_a_profile_and_back():
    with World() as world:
        shown = nu(
            world,
            """
            kf work; print $env.AWS_PROFILE
            kf legacy; print $env.AWS_PROFILE
            kf -; print $env.AWS_PROFILE
            try { kf wrok }; print $env.AWS_PROFILE
            kf --unset; print ($env.AWS_PROFILE? == null)
            """,
        )
        equal(shown.ok().stdout.split(), ["work", "legacy", "work", "work", "true"])
        assert "did you mean `work`?" in shown.stderr, shown.stderr


@check
def credentials_come_and_go():
    with World() as world:
        world.keyfob_login("work", "code")
        shown = nu(
            world,
            """
            $env.AWS_SECURITY_TOKEN = "old"
            kf --env work; print ($env.AWS_ACCESS_KEY_ID | str substring 0..3)
            print ($env.AWS_SECURITY_TOKEN? == null)
            print (^keyfob whoami --output json | from json | get account)
            kf work; print ($env.AWS_ACCESS_KEY_ID? == null)
            """,
        )
        equal(shown.ok().stdout.split(), ["ASIA", "true", "111122223333", "true"])


@check
def a_refusal_changes_nothing():
    with World() as world:
        shown = nu(world, 'kf legacy; try { kf --env nobody } catch { print "refused" }; print $env.AWS_PROFILE')
        equal(shown.ok().stdout.split(), ["refused", "legacy"])


if __name__ == "__main__":
    if not os.path.exists(NU):
        print("skipped nushell: install.sh has found no Node.js with an npm to install it")
        sys.exit(0)
    main()
