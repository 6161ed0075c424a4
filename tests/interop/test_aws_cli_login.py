"""keyfob and the AWS CLI use each other's sign-ins and client registrations."""

import json

from harness import World, check, equal, keyfob, main, tool


def is_usable_by_keyfob(world, profile, account):
    """Checks what keyfob says of the only sign-in, and that it gets keys with it."""
    session = {"legacy": None}.get(profile, profile)
    sessions = world.keyfob("status", "--output", "json").json()["sessions"]
    [state] = [state for state in sessions if state["name"] == session]
    assert state["signedIn"], state
    equal([state["name"] for state in sessions if state["signedIn"]], [session])
    equal(state["expiresAt"], world.token()["expiresAt"])
    equal(world.credentials(profile)["AccountId"], account)
    return state


def is_usable_by_the_cli(world, profile, account):
    identity = world.aws("sts", "get-caller-identity", "--profile", profile).json()
    equal(identity["Account"], account)


@check
def keyfob_uses_its_device_code():
    with World() as world:
        world.aws_login("work", "device")
        state = is_usable_by_keyfob(world, "work", "111122223333")
        assert state["refreshable"], state


@check
def keyfob_uses_its_authorization_code():
    with World() as world:
        world.aws_login("work", "code")
        equal(world.emulator.count("CreateToken:authorization_code"), 1)
        state = is_usable_by_keyfob(world, "work", "111122223333")
        assert state["refreshable"], state


@check
def keyfob_uses_its_authorization_code_without_scopes():
    with World() as world:
        world.aws_login("plain", "code")
        is_usable_by_keyfob(world, "plain", "111122223333")


@check
def keyfob_uses_its_legacy_sign_in():
    with World() as world:
        world.aws_login("legacy")
        is_usable_by_keyfob(world, "legacy", "222233334444")


@check
def it_uses_those_of_keyfob():
    with World() as world:
        for session, flow, account in (
            ("work", "code", "111122223333"),
            ("plain", "device", "111122223333"),
            ("legacy", "device", "222233334444"),
        ):
            world.keyfob_login(session, flow)
            is_usable_by_the_cli(world, session, account)
        equal(world.emulator.count("CreateToken:refresh_token"), 0)


def shares_a_registration(session, flow):
    """Signs in with the one and then the other, in both orders."""
    for order in ("keyfob first", "AWS CLI first"):
        with World() as world:
            logins = [world.keyfob_login, world.aws_login]
            for login in logins if order == "keyfob first" else reversed(logins):
                login(session, flow)
            equal(world.emulator.count("RegisterClient"), 1, f"{order}: registrations")
            grant = "authorization_code" if flow == "code" else "device_code"
            assert world.emulator.count(f"CreateToken:{grant}") >= 2, world.emulator.calls()


@check
def device_codes_share_a_registration():
    shares_a_registration("work", "device")


@check
def device_codes_without_scopes_share_that_of_keyfob():
    with World() as world:
        world.keyfob_login("plain", "device")
        world.aws_login("plain", "device")
        equal(world.emulator.count("RegisterClient"), 1)
        assert world.token()["refreshToken"], "the scopes of the registration are lost"


@check
def a_registration_that_gives_no_refresh_token_is_not_taken():
    """As the AWS CLI makes it for device codes, where no scopes are configured."""
    with World() as world:
        world.aws_login("plain", "device")
        assert "refreshToken" not in world.token(), "the AWS CLI asks for scopes now"
        world.keyfob_login("plain", "device")
        assert world.token()["refreshToken"]
        equal(world.emulator.count("RegisterClient"), 2)


@check
def authorization_codes_share_a_registration():
    shares_a_registration("work", "code")


@check
def authorization_codes_without_scopes_share_a_registration():
    shares_a_registration("plain", "code")


@check
def legacy_sign_ins_share_a_registration():
    shares_a_registration("legacy", "device")


@check
def a_registration_for_the_other_way_is_not_taken():
    with World() as world:
        world.aws_login("work", "device")
        world.keyfob_login("work", "code")
        equal(world.emulator.count("RegisterClient"), 2)
        world.aws_login("work", "code")
        equal(world.emulator.count("RegisterClient"), 2)


@check
def without_a_browser_the_page_is_printed():
    with World() as world:
        for command in (tool("aws"), "sso"), (keyfob(),):
            seen = world.sign_in(*command, "login", "--sso-session", "work", "--no-browser")
            assert world.emulator.url in seen.stdout, seen.stdout
        is_usable_by_the_cli(world, "work", "111122223333")


@check
def files_have_the_same_names_and_keys():
    with World() as one, World() as other:
        one.keyfob_login("work", "code")
        other.aws_login("work", "code")

        def files(world):
            return {
                file.name: (list(json.loads(file.read_text())), file.stat().st_mode & 0o777)
                for file in (world.aws_dir / "sso/cache").glob("*.json")
            }

        equal(files(one), files(other), "names, keys and modes")


@check
def refresh_tokens_go_from_hand_to_hand():
    with World() as world:
        world.aws_login("work", "code")
        for client in ("keyfob", "aws", "keyfob", "aws"):
            old = world.expire_token()
            if client == "keyfob":
                world.credentials("work", "--force-refresh")
            else:
                for file in world.role_files():
                    file.unlink()
                is_usable_by_the_cli(world, "work", "111122223333")
            assert world.token()["refreshToken"] != old["refreshToken"], client
        equal(world.emulator.count("CreateToken:refresh_token"), 4)


if __name__ == "__main__":
    main()
