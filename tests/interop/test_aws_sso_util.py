"""`keyfob credential-process` takes the place of `aws-sso-util credential-process`."""

from harness import REGION, START_URL, World, check, equal, keyfob, main, tool

FLAGS = {
    "AWS_SSO_START_URL": "--start-url",
    "AWS_SSO_REGION": "--region",
    "AWS_SSO_ACCOUNT_ID": "--account-id",
    "AWS_SSO_ROLE_NAME": "--role-name",
}
DEVELOPER = {
    "AWS_SSO_START_URL": START_URL,
    "AWS_SSO_REGION": REGION,
    "AWS_SSO_ACCOUNT_ID": "222233334444",
    "AWS_SSO_ROLE_NAME": "Developer",
}


def flags(settings):
    return [word for name, value in settings.items() for word in (FLAGS[name], value)]


def both(world, *arguments, cached=False, **variables):
    """Runs both commands with the same arguments; returns how they ended, ours first."""
    outcomes = []
    for program in (keyfob(), tool("venv/bin/aws-sso-util")):
        if not cached:
            for file in world.role_files():
                file.unlink()
        outcomes.append(world.run(program, "credential-process", *arguments, **variables))
    return outcomes


def arn(world, keys):
    """Who STS says that the keys are."""
    variables = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
        "AWS_DEFAULT_REGION": REGION,
    }
    return world.boto3("identity", **variables)["Arn"]


def is_the_same(world, *arguments, role="Developer", **variables):
    """Checks that both give keys of this role, in the same form."""
    outcomes = both(world, *arguments, **variables)
    ours, theirs = (outcome.json() for outcome in outcomes)
    equal(arn(world, ours), arn(world, theirs))
    assert f"_{role}_" in arn(world, ours), arn(world, ours)
    equal(set(ours), set(theirs) | {"AccountId"}, "members")
    for name, value in theirs.items():
        equal(type(ours[name]), type(value), name)
    equal(len(ours["Expiration"]), len(theirs["Expiration"]), "form of the time")
    for outcome in outcomes:
        equal((outcome.stderr, outcome.stdout.count("\n")), ("", 1))


@check
def a_legacy_profile():
    with World() as world:
        world.keyfob_login("legacy")
        is_the_same(world, "--profile", "legacy")


@check
def flags_alone():
    with World() as world:
        world.keyfob_login("legacy")
        is_the_same(world, *flags(DEVELOPER))
        is_the_same(
            world,
            *("--sso-start-url", START_URL, "--sso-region", REGION),
            *("--account-id", "111122223333", "--role-name", "Operator"),
            role="Operator",
        )


@check
def variables_alone():
    with World() as world:
        world.keyfob_login("legacy")
        is_the_same(world, **DEVELOPER)


@check
def flags_over_a_profile():
    with World() as world:
        world.keyfob_login("legacy")
        arguments = ("--profile", "legacy", "--account-id", "111122223333")
        is_the_same(world, *arguments, "--role-name", "ReadOnly", role="ReadOnly")


@check
def flags_over_variables():
    with World() as world:
        world.keyfob_login("legacy")
        variables = {**DEVELOPER, "AWS_SSO_ROLE_NAME": "Administrator"}
        is_the_same(world, "--role-name", "Developer", **variables)


@check
def a_profile_is_completed_by_variables():
    with World() as world:
        world.keyfob_login("legacy")
        config = world.aws_dir / "config"
        text = config.read_text()
        config.write_text(text.replace("sso_role_name = Developer\n", ""))
        is_the_same(world, "--profile", "legacy", AWS_SSO_ROLE_NAME="Developer")


@check
def a_profile_wins_over_variables_unlike_there():
    """A variable of the shell must not change what a named profile is; aws-sso-util lets it."""
    with World() as world:
        world.keyfob_login("legacy")
        outcomes = both(world, "--profile", "legacy", AWS_SSO_ROLE_NAME="Administrator")
        ours, theirs = (arn(world, outcome.json()) for outcome in outcomes)
        assert "_Developer_" in ours and "_Administrator_" in theirs, (ours, theirs)


@check
def flags_for_a_log():
    with World() as world:
        world.keyfob_login("legacy")
        refused = []
        for words in ("--debug", "-v", "--verbose", "-vv", "-v --debug"):
            ours, theirs = both(world, "--profile", "legacy", *words.split(), cached=True)
            theirs.ok()
            # `-v` tells on stderr, as of every command of keyfob.
            if ours.code or bool(ours.stderr) != ("-v" in words):
                refused.append(words)
        equal(refused, [], "refused by keyfob")


@check
def other_flags():
    with World() as world:
        world.keyfob_login("legacy")
        is_the_same(world, "--profile", "legacy", AWS_SSO_CREDENTIAL_PROCESS_DEBUG="true")
        world.credentials("legacy", "--force-refresh")


@check
def the_cache_of_roles_is_shared():
    with World() as world:
        world.keyfob_login("legacy")
        ours, theirs = both(world, "--profile", "legacy", cached=True)
        equal(ours.json()["AccessKeyId"], theirs.json()["AccessKeyId"])
        equal(world.emulator.count("GetRoleCredentials"), 1)
        for file in world.role_files():
            file.unlink()
        util = tool("venv/bin/aws-sso-util")
        keys = world.run(util, "credential-process", "--profile", "legacy").json()
        equal(world.credentials("legacy")["AccessKeyId"], keys["AccessKeyId"])
        equal(world.emulator.count("GetRoleCredentials"), 2)


@check
def its_sign_in_is_taken():
    with World() as world:
        util = tool("venv/bin/aws-sso-util")
        world.sign_in(util, "login", "--headless", START_URL, REGION)
        is_the_same(world, "--profile", "legacy")


@check
def exit_codes():
    with World() as world:
        text = (world.aws_dir / "config").read_text()
        for code, arguments in (
            (1, ("--profile", "legacy")),
            (1, flags(DEVELOPER)),
            (2, ()),
            (2, flags({"AWS_SSO_START_URL": START_URL, "AWS_SSO_REGION": REGION})),
        ):
            ours, theirs = both(world, *arguments)
            equal((ours.code, ours.stdout), (code, ""), f"keyfob with {arguments}")
            equal((theirs.code, theirs.stdout), (code, ""), f"aws-sso-util with {arguments}")
            assert ours.stderr and theirs.stderr
        equal((world.aws_dir / "config").read_text(), text)


if __name__ == "__main__":
    main()
