"""boto3 uses the sign-ins of keyfob, and keyfob goes on with what botocore writes."""

from harness import World, check, equal, keyfob, main

ACCOUNTS = ["111122223333", "222233334444", "333344445555"]


def is_signed_in(world, profile, account, role):
    seen = world.boto3("identity", profile)
    equal(seen["Account"], account)
    assert f"_{role}_" in seen["Arn"] and seen["Arn"].endswith("/ada@example.com"), seen["Arn"]
    equal(seen["method"], "sso", "how boto3 got its keys")


@check
def session_profile_after_a_device_code():
    with World() as world:
        world.keyfob_login("work", "device")
        is_signed_in(world, "work", "111122223333", "ReadOnly")
        equal(world.emulator.count("CreateToken:authorization_code"), 0)


@check
def session_profile_after_an_authorization_code():
    with World() as world:
        world.keyfob_login("work", "code")
        is_signed_in(world, "work", "111122223333", "ReadOnly")
        equal(world.emulator.count("CreateToken:authorization_code"), 1)
        equal(world.emulator.count("StartDeviceAuthorization"), 0)


@check
def session_profile_without_scopes():
    with World() as world:
        world.keyfob_login("plain", "code")
        is_signed_in(world, "plain", "111122223333", "Operator")


@check
def legacy_profile():
    with World() as world:
        world.keyfob_login("legacy")
        is_signed_in(world, "legacy", "222233334444", "Developer")


@check
def another_person():
    with World() as world:
        world.sign_in_with_browser(
            keyfob(), "login", "--sso-session", "work", user="grace@example.com"
        )
        assert world.boto3("identity", "work")["Arn"].endswith("/grace@example.com")


@check
def accounts_with_the_token():
    with World("page_size = 1") as world:
        world.keyfob_login("work", "code")
        equal(sorted(world.boto3("accounts", "work")), ACCOUNTS)


@check
def botocore_refreshes_and_keyfob_goes_on():
    with World() as world:
        world.keyfob_login("work", "code")
        old = world.expire_token()
        is_signed_in(world, "work", "111122223333", "ReadOnly")
        equal(world.emulator.count("CreateToken:refresh_token"), 1)
        new = world.token()
        assert new["refreshToken"] != old["refreshToken"], "the refresh token was not rotated"
        assert new["accessToken"] != old["accessToken"], "botocore did not write"
        equal(world.credentials("work")["AccountId"], "111122223333")
        equal(world.emulator.count("CreateToken:refresh_token"), 1, "refreshes")


@check
def refresh_tokens_go_from_hand_to_hand():
    with World() as world:
        world.keyfob_login("work", "device")
        seen = [world.token()["refreshToken"]]
        for client in ("boto3", "keyfob", "boto3", "keyfob"):
            world.expire_token()
            if client == "boto3":
                is_signed_in(world, "work", "111122223333", "ReadOnly")
            else:
                world.credentials("work", "--force-refresh")
            seen.append(world.token()["refreshToken"])
        equal(len(set(seen)), 5, "different refresh tokens")
        equal(world.emulator.count("CreateToken:refresh_token"), 4, "refreshes")


@check
def no_second_sign_in_between():
    with World() as world:
        world.keyfob_login("work", "code")
        world.boto3("identity", "work")
        world.boto3("accounts", "work")
        equal(world.emulator.count("CreateToken"), 1, "calls of CreateToken")
        equal(world.emulator.count("RegisterClient"), 1, "calls of RegisterClient")


if __name__ == "__main__":
    main()
