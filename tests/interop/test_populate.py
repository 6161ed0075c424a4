"""`keyfob configure populate` gives the profiles that `aws-sso-util configure populate` gives."""

import itertools
import json
import re
import shlex
import subprocess

from harness import HERE, REGION, START_URL, World, check, equal, keyfob, main, tool

NAMES = [
    "plain",
    "Team A [Prod]",
    "  odd   blanks\t",
    "with/and:and%",
    "R&D (x)",
    "Zahlungen Straße Süd",
    "ǆ ﬁne ΑΣ",
    "日本 east",
    "a@b+c=d,e",
    "-dash-",
    "",
]
ROLES = ["AWSReadOnlyAccess", "Team-Admin", "a=b,c.d@e"]
ACCOUNTS = "".join(
    f"[[account]]\nid = \"{number:012}\"\nname = {json.dumps(name, ensure_ascii=False)}\n"
    f"roles = {json.dumps(ROLES)}\n"
    for number, name in enumerate(NAMES, 100)
)
SCENARIO = f'[[user]]\nname = "Ada"\nemail = "ada@example.com"\n{ACCOUNTS}'
# Headers that aws-sso-util writes for other names are such that only botocore reads them.
PLAIN = (
    '[[user]]\nname = "Ada"\nemail = "ada@example.com"\n'
    '[[account]]\nid = "000000000100"\nname = "Team A"\nroles = ["ReadOnly", "Team-Admin"]\n'
    '[[account]]\nid = "000000000101"\nname = "with/and:and%"\nroles = ["ReadOnly"]\n'
)

ONE = ["-r", "eu-central-1"]
TWO = ["-r", "us-east-1", "--region", "us-gov-west-1"]
SETS = [
    ONE,
    TWO,
    ["-r", "us-east-1", "-r", "eu-west-1", "-r", "ap-southeast-2", "-r", "me-central-1"],
    *([*regions, "--include-region", "always"] for regions in (ONE, TWO)),
    *([*TWO, "--region-style", style] for style in ("short", "long")),
    [*TWO, "--region-style", "long", "--include-region", "always"],
    *([*ONE, "--separator", separator] for separator in ("/", "-", "--", "", ":", " ", "%", "@")),
    *([*TWO, "--sep", separator] for separator in ("_", "+")),
    [*ONE, "--components", "account_id,role_name"],
    [*ONE, "--components", "account_number,role_name"],
    [*ONE, "--components", "role_name,account_name"],
    [*ONE, "--components", "aws,account_id,role_name"],
    [*ONE, "--components", "account_name, x,role_name"],
    [*ONE, "--components", "account_id,role_name,"],
    [*ONE, "--components", "x-{account_id}{{y}},role_name"],
    [*TWO, "--components", "account_id,region,role_name"],
    [*TWO, "--components", "account_id,short_region,role_name", "--include-region", "always"],
    [*TWO, "--components", "account_id,role_name,default_style_region", "--region-style", "long"],
    [*TWO, "--components", "account_id,role_name,x{short_region}"],
    *([*ONE, "--account-name-case", case] for case in ("capitalize", "casefold", "lower", "title", "upper")),
    *([*ONE, "--role-name-case", case] for case in ("capitalize", "casefold", "lower", "title", "upper")),
    [*TWO, "--account-name-case", "lower", "--role-name-case", "lower", "--sep", "-"],
    [*ONE, "--account-name-case", "upper", "--raw-account-names"],
    [*ONE, "--raw-account-names", "--account-name-case", "title"],
    [*ONE, "--raw-account-names", "--safe-account-names"],
    [*ONE, "--trim-role-name", "^AWS"],
    [*ONE, "--trim-role-name", "^AWS", "--trim-role-name", "Access$"],
    [*ONE, "--trim-account-name", "(?i)^team-"],
    [*ONE, "--trim-account-name", "[aeiou]", "--trim-role-name", "[^A-Za-z]"],
    [*ONE, "--trim-account-name", "-?[Pp]rod", "--account-name-case", "lower"],
    [*ONE, "--trim-role-name", "x*"],
    [*TWO, "--trim-account-name", "^Team-|-$", "--include-region", "always"],
    [*ONE, "--profile-name-process", "echo"],
    [*TWO, "--profile-name-process", "printf '%s_%s_%s_%s_%s_%s-of-%s \\n'"],
    [*ONE, "--profile-name-process", "sh -c 'test $1 = plain && echo SKIP || echo $2.$3' x"],
    [*ONE, "-c", "output=json"],
    [*ONE, "-c", "output=json", "--config-default", "cli_pager=less -F"],
    [*ONE, "--no-credential-process"],
    [*ONE, "--no-credential-process", "--credential-process"],
    [*ONE, "-u", "keyfob", "--no-credential-process"],
    [*ONE, "--sso-start-url", "awsapps", "--sso-region", REGION],
    *([*TWO, "--components", "account_id,role_name,region,x", "--sep", sep, "--region-style", style]
      for sep, style in itertools.product("._/", ("short", "long"))),
]
VARIABLES = [
    ([], {"AWS_DEFAULT_REGION": "sa-east-1"}),
    ([], {"AWS_CONFIGURE_DEFAULT_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "sa-east-1"}),
    (ONE, {"AWS_CONFIGURE_SSO_DEFAULT_PROFILE_NAME_SEPARATOR": "--"}),
    (ONE, {"AWS_CONFIGURE_SSO_DISABLE_CREDENTIAL_PROCESS": "TRUE"}),
    (ONE, {"AWS_SSO_CREDENTIAL_PROCESS_NAME": "some-tool credential-process"}),
    (ONE, {"AWS_DEFAULT_SSO_START_URL": START_URL, "AWS_DEFAULT_SSO_REGION": REGION}),
    (ONE, {"AWS_CONFIGURE_DEFAULT_SSO_START_URL": "keyfob.awsapps"}),
]
JOBS = [(options, {}) for options in SETS] + VARIABLES

# What there is before: the start URL, and a profile that a person wrote.
CONFIG = f"""\
[profile mine]
sso_start_url = {START_URL}
sso_region = {REGION}
sso_account_id = 000000000100
sso_role_name = Team-Admin
"""


def read(world, jobs):
    """What aws-sso-util does for each job, as botocore reads it."""
    script = [tool("venv/bin/python"), str(HERE / "populate_client.py")]
    done = subprocess.run(
        script, env=world.environment, input=json.dumps(jobs), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:] or done.stdout
    return json.loads(done.stdout)


def sign_in(world):
    command = (keyfob(), "login", "--start-url", START_URL, "--sso-region", REGION)
    world.sign_in(*command, "--device-code", "--no-browser")


def file(world, name):
    path = world.home / name
    path.write_text(CONFIG)
    return str(path)


def without_ours(profiles):
    """Without the marker, and with the command of keyfob as that of aws-sso-util."""
    for profile in profiles.values():
        profile.pop("keyfob_sync", None)
        # Which words of a shell are quoted without need is no difference.
        if command := shlex.split(profile.pop("credential_process", "")):
            own = command[0].rsplit("/", 1)[-1] in ("keyfob", "aws-sso-util")
            profile["credential_process"] = command[1:] if own else command
    return profiles


@check
def every_set_of_options_gives_the_same_profiles():
    assert len(JOBS) >= 60, len(JOBS)
    with World(SCENARIO, config=CONFIG) as world:
        sign_in(world)
        theirs = [
            {"config": file(world, f"theirs-{number}"), "options": options, "variables": variables}
            for number, (options, variables) in enumerate(JOBS)
        ]
        expected = read(world, theirs)
        ours = []
        for number, (options, variables) in enumerate(JOBS):
            config = file(world, f"ours-{number}")
            done = world.keyfob("configure", "populate", *options, AWS_CONFIG_FILE=config, **variables)
            done.ok()
            ours.append({"config": config, "options": None, "variables": {}})
        for (options, _), seen, wanted in zip(JOBS, read(world, ours), expected):
            seen, wanted = without_ours(seen), without_ours(wanted)
            # With raw names, headers that only botocore reads are not written.
            odd = {name for name in wanted if set(name) & set("[]\t")}
            assert not odd or "--raw-account-names" in options, odd
            names = [re.sub(r"[][\t]", "-", name) for name in wanted]
            equal(sorted(seen), sorted(names), f"names by {options}")
            for name in set(wanted) - odd:
                equal(seen[name], wanted[name], f"{name} by {options}")


@check
def names_that_are_alike_are_told_and_none_is_lost():
    with World(PLAIN, config=CONFIG) as world:
        sign_in(world)
        options = [*ONE, "--components", "account_id"]
        theirs = {"config": file(world, "theirs"), "options": options, "variables": {}}
        config = file(world, "ours")
        done = world.keyfob("configure", "populate", *options, AWS_CONFIG_FILE=config).ok()
        assert "2 roles would be named `000000000100`" in done.stderr, done.stderr
        ours = {"config": config, "options": None, "variables": {}}
        seen, wanted = map(without_ours, read(world, [ours, theirs]))
        equal(sorted(set(seen) - set(wanted)), ["000000000100-0100"])
        equal(seen["000000000100-0100"]["sso_role_name"], "ReadOnly")
        for name, profile in wanted.items():
            equal(seen[name], profile, name)


@check
def profiles_of_aws_sso_util_are_taken_over_and_stay_where_they_are():
    with World(PLAIN, config=CONFIG) as world:
        sign_in(world)
        config = file(world, "both")
        job = {"config": config, "options": [*TWO, "-c", "output=json"], "variables": {}}
        theirs = without_ours(read(world, [job])[0])
        for _ in range(2):
            populate = ("configure", "populate", *TWO, "-c", "output=text")
            world.keyfob(*populate, AWS_CONFIG_FILE=config).ok()
            text = (world.home / "both").read_text()
            ours = read(world, [{**job, "options": None}])[0]
            assert text.startswith(CONFIG), text[:200]
            assert "aws-sso-util" not in text, "its command is left"
            equal(without_ours(ours), theirs)
        # And it goes on where keyfob has been.
        read(world, [job])
        equal(list(read(world, [{**job, "options": None}])[0]), list(theirs))


if __name__ == "__main__":
    main()
