"""Every client reads the profiles that `profiles sync` makes, whatever the accounts are called."""

import json

from harness import World, check, clients, equal, keyfob, main

NAMES = [
    "plain",
    "Team A [Prod]",
    "with / and : and %",
    "quoted \"one\" 'two'",
    "a#b ;c = d",
    "Zahlungen Süd",
    "日本 east",
    "a@b+c",
    "-dash-",
    "default",
]
ACCOUNTS = "".join(
    f"[[account]]\nid = \"{number:012}\"\nname = {json.dumps(name, ensure_ascii=False)}\n"
    'roles = ["ReadOnly"]\n'
    for number, name in enumerate(NAMES, 100)
)
SCENARIO = f'[[user]]\nname = "Ada"\nemail = "ada@example.com"\n{ACCOUNTS}'


def synced(world, *options):
    world.keyfob_login("work")
    sync = world.keyfob("profiles", "sync", "--sso-session", "work", "--output", "json", *options)
    return [profile["name"] for profile in sync.json()["profiles"]]


def has_keys(world, client, name):
    seen = world.run(*client(name)).ok().stdout
    assert "ASIA" in seen, seen


def is_read_by(name):
    client = clients().get(name)
    if client is None:
        return  # Node.js is too old
    with World(SCENARIO) as world:
        profiles = synced(world, "--region", "eu-west-1")
        equal(len(profiles), len(NAMES))
        for profile in profiles:
            has_keys(world, client, profile)


@check
def boto3_reads_them():
    is_read_by("boto3")


@check
def aws_cli_reads_them():
    is_read_by("AWS CLI")


@check
def go_reads_them():
    is_read_by("Go")


@check
def javascript_reads_them():
    is_read_by("JavaScript")


@check
def rust_reads_them():
    is_read_by("Rust")


@check
def those_with_a_command_are_read_by_all():
    with World(SCENARIO) as world:
        profiles = synced(world, "--credential-process", "--region", "eu-west-1")
        for client in clients().values():
            has_keys(world, client, profiles[0])


if __name__ == "__main__":
    main()
