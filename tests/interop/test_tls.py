"""The names of AWS, without endpoint variables: `keyfob emulator --tls` as proxy and CA."""

from harness import VARIABLES, World, check, equal, keyfob, main, tool


def world():
    """A world in which HTTPS_PROXY and AWS_CA_BUNDLE are all that leads to the emulator."""
    world = World(tls=True)
    equal(set(world.emulator.exports), {"HTTPS_PROXY", "AWS_CA_BUNDLE"}, "what it prints")
    return world


@check
def nothing_else_leads_there():
    with world() as here:
        assert not set(VARIABLES) & set(here.environment)
        here.environment.pop("AWS_CA_BUNDLE")
        command = ("login", "--sso-session", "work", "--device-code", "--no-browser")
        seen = here.keyfob(*command, "--timeout", "20")
        assert seen.code in (3, 5) and "certificate" in seen.stderr.lower(), seen.stderr
        equal(here.emulator.calls(), {})


@check
def keyfob_signs_in_with_a_device_code():
    with world() as here:
        here.keyfob_login("work", "device")
        equal(here.credentials("work")["AccountId"], "111122223333")
        equal(here.emulator.count("GetRoleCredentials"), 1)


@check
def keyfob_signs_in_with_an_authorization_code():
    with world() as here:
        here.keyfob_login("work", "code")
        equal(here.credentials("work")["AccountId"], "111122223333")
        here.expire_token()
        here.credentials("work", "--force-refresh")
        equal(here.emulator.count("CreateToken:refresh_token"), 1)
        here.keyfob("logout", "--sso-session", "work").ok()
        equal(here.emulator.count("Logout"), 1)


@check
def boto3_goes_on():
    with world() as here:
        here.keyfob_login("work", "code")
        for profile in ("work", "process"):
            equal(here.boto3("identity", profile)["Account"], "111122223333")
        here.expire_token()
        equal(len(here.boto3("accounts", "work")), 3)
        equal(here.emulator.count("CreateToken:refresh_token"), 1)


@check
def the_cli_goes_on():
    with world() as here:
        here.keyfob_login("work", "code")
        identity = here.aws("sts", "get-caller-identity", "--profile", "work").json()
        equal(identity["Account"], "111122223333")


@check
def the_cli_signs_in_and_keyfob_goes_on():
    with world() as here:
        here.sign_in(tool("aws"), "sso", "login", "--sso-session", "work", "--no-browser")
        equal(here.credentials("work")["AccountId"], "111122223333")
        here.run(keyfob(), "logout", "--sso-session", "work").ok()


@check
def the_ca_of_the_configuration_is_taken():
    with world() as here:
        here.keyfob_login("work", "code")
        ca = here.environment.pop("AWS_CA_BUNDLE")
        config = here.aws_dir / "config"
        text = config.read_text().replace("[profile work]", f"[profile work]\nca_bundle = {ca}")
        config.write_text(text)
        equal(here.credentials("work")["AccountId"], "111122223333")
        equal(here.boto3("identity", "work")["Account"], "111122223333")


if __name__ == "__main__":
    main()
