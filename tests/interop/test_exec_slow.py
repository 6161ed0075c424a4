"""Clients with little patience at the endpoint of `exec --server`: a slow answer, a dead session."""

from harness import World, check, clients, keyfob, main

# The credentials with which the command begins are used up at once.
SHORT = "[lifetimes]\nrole_credentials = 40\n"
SLOW = f"""{SHORT}
[[fault]]
operation = "GetRoleCredentials"
kind = "latency"
ms = 2500
skip = 1
"""
FORGET = 'rm -f "$HOME"/.aws/cli/cache/*.json'
END = (
    """sed -i 's/"refreshToken":"[^"]*"/"refreshToken":"spent"/;"""
    """s/"expiresAt":"[^"]*"/"expiresAt":"2020-01-01T00:00:00Z"/' "$HOME"/.aws/sso/cache/*.json"""
)


def served(world, name, before):
    client = clients().get(name)
    if client is None:
        return None  # Node.js is too old
    script = f'{before}; exec "$@"'
    command = (keyfob(), "exec", "--profile", "work", "--server", "--", "sh", "-c", script, "sh")
    return world.run(*command, *client(None))


def slow(name):
    with World(SLOW) as world:
        world.keyfob_login("work")
        seen = served(world, name, FORGET)
        assert seen is None or (seen.code == 0 and "ASIA" in seen.stdout), seen.stderr


def dead(name):
    with World(SHORT) as world:
        world.keyfob_login("work")
        seen = served(world, name, f"{FORGET}; {END}")
        if seen is not None:
            assert seen.code != 0, seen.stdout
            assert "keyfob login --sso-session work" in seen.stderr, seen.stderr


@check
def boto3_has_credentials_that_take_longer_than_it_waits():
    slow("boto3")


@check
def aws_cli_has_credentials_that_take_longer_than_it_waits():
    slow("AWS CLI")


@check
def javascript_has_credentials_that_take_longer_than_it_waits():
    slow("JavaScript")


@check
def boto3_says_what_to_do_about_a_dead_session():
    dead("boto3")


@check
def aws_cli_says_what_to_do_about_a_dead_session():
    dead("AWS CLI")


if __name__ == "__main__":
    main()
