"""Signing out with any client signs out of all, here and at the server."""

import json

from harness import World, check, equal, keyfob, main, tool


def signed_in(flow="code", session="work"):
    """A world with a sign-in of keyfob, and role credentials in the cache."""
    world = World()
    world.keyfob_login(session, flow)
    world.credentials(session)
    equal(len(world.role_files()), 1, "cached roles")
    return world


def is_signed_out(world, profile="work"):
    """Checks that no client gets keys, and that each says so as it should."""
    seen = world.keyfob("credential-process", "--profile", profile)
    equal((seen.code, seen.stdout), (1, ""), "keyfob credential-process")
    assert "`keyfob login --" in seen.stderr, seen.stderr
    equal(world.role_files(), [], "cached roles")
    assert world.aws("sts", "get-caller-identity", "--profile", profile).code != 0
    sessions = world.keyfob("status", "--output", "json").json()["sessions"]
    equal([state for state in sessions if state["signedIn"]], [])


def is_ended_at_the_server(world, file, text, profile="work"):
    """Brings the token back, which must be worth nothing."""
    file.write_text(text)
    seen = world.keyfob("credential-process", "--profile", profile)
    equal((seen.code, seen.stdout), (1, ""), "keyfob with the former token")
    assert "`keyfob login --" in seen.stderr, seen.stderr
    if "refreshToken" in json.loads(text):
        world.expire_token()
        seen = world.keyfob("credential-process", "--profile", profile)
        equal((seen.code, seen.stdout), (1, ""), "keyfob with the former refresh token")


@check
def keyfob_removes_token_and_roles():
    with signed_in() as world:
        file = world.token_file()
        text = file.read_text()
        world.keyfob("logout", "--sso-session", "work").ok()
        assert not file.exists(), "the token is still there"
        equal(world.emulator.count("Logout"), 1)
        is_signed_out(world)
        is_ended_at_the_server(world, file, text)


@check
def keyfob_signs_out_of_a_legacy_profile():
    with signed_in("device", "legacy") as world:
        file = world.token_file()
        text = file.read_text()
        world.keyfob("logout", "--profile", "legacy").ok()
        is_signed_out(world, "legacy")
        is_ended_at_the_server(world, file, text, "legacy")


@check
def keyfob_keeps_other_sessions():
    with signed_in() as world:
        world.keyfob_login("plain", "code")
        world.credentials("plain")
        world.keyfob("logout", "--sso-session", "work").ok()
        world.token()
        equal(world.aws("sts", "get-caller-identity", "--profile", "plain").ok().code, 0)
        world.keyfob("logout", "--all").ok()
        is_signed_out(world, "plain")


@check
def keyfob_signs_out_of_what_the_cli_has_signed_in_to():
    with World() as world:
        world.aws_login("work", "code")
        world.aws("sts", "get-caller-identity", "--profile", "work").ok()
        file = world.token_file()
        text = file.read_text()
        world.keyfob("logout", "--sso-session", "work").ok()
        is_signed_out(world)
        is_ended_at_the_server(world, file, text)


@check
def the_cli_signs_out_of_what_keyfob_has_signed_in_to():
    for session, flow in (("work", "code"), ("legacy", "device")):
        with signed_in(flow, session) as world:
            file = world.token_file()
            text = file.read_text()
            world.aws("sso", "logout").ok()
            assert not file.exists(), "the AWS CLI did not know the file"
            equal(world.emulator.count("Logout"), 1)
            is_signed_out(world, session)
            is_ended_at_the_server(world, file, text, session)


@check
def after_a_sign_out_anyone_can_sign_in_again():
    with signed_in() as world:
        world.aws("sso", "logout").ok()
        world.keyfob_login("work", "code")
        world.credentials("work")
        world.keyfob("logout", "--sso-session", "work").ok()
        world.sign_in_with_browser(tool("aws"), "sso", "login", "--sso-session", "work")
        world.credentials("work")
        equal(world.emulator.count("RegisterClient"), 1)


@check
def a_second_sign_out_is_no_error():
    with signed_in() as world:
        for _ in range(2):
            world.run(keyfob(), "logout", "--sso-session", "work").ok()
        equal(world.emulator.count("Logout"), 1)


if __name__ == "__main__":
    main()
