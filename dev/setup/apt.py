"""Install packages of the system with apt, or say which to install."""

import os
import shutil
import sys

from . import paths
from .console import Problem, output, run, say, step

# the browser for the browser tests, by the names that Odoo's own tests look for
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_NETWORK = (
    "Check the network and the machine's own apt sources (`apt-get update` shows it), "
    "then run `make setup` again."
)


def missing_browser():
    """Give the Debian package to install where the machine has no browser."""
    return [] if any(map(shutil.which, BROWSERS)) else ["chromium"]


def _privileged():
    """Give the words to put before a command that needs root; None without a way."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    if output(["sudo", "-n", "true"]) is not None:
        return ["sudo", "-n"]
    # sudo may ask for a password, but only somebody who is there
    return ["sudo"] if sys.stdin.isatty() else None


def install(packages):
    """Install packages with apt, without what they only recommend.

    :param list packages: names of packages that are missing
    :raise Problem: without apt, root and sudo (names the packages), or when apt fails
    """
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        raise Problem(
            f"Missing: what Debian calls {names}. This machine has no apt: install it "
            "with your own package manager, then run `make setup` again."
        )
    privileged = _privileged()
    if privileged is None:
        raise Problem(
            f"Missing: {names}, and there is neither root nor sudo to install it. Ask "
            f"for:\n    apt-get install --no-install-recommends {names}\n"
            "then run `make setup` again."
        )
    # env, since sudo drops the variables of the caller
    apt_get = [*privileged, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    update = {"what": "apt-get update", "hint": _NETWORK, "log": "apt-update"}
    with step(f"Installing {names} with apt"):
        if not _candidates(packages):
            say("    (the package lists are missing: apt-get update)")
            run([*apt_get, "update"], **update)
        try:
            _install(apt_get, packages)
        except Problem:
            # lists that are too old name versions that are no longer served
            run([*apt_get, "update"], **update)
            _install(apt_get, packages)


def _install(apt_get, packages):
    run(
        [*apt_get, "install", "-y", "--no-install-recommends", *packages],
        what=f"Installing {' '.join(packages)}",
        hint=_NETWORK,
        log="apt",
    )


def _candidates(packages):
    """Tell whether apt knows a version to install of each package."""
    policy = output(["apt-cache", "policy", *packages], env=_c_locale()) or ""
    return policy.count("Candidate:") == len(packages) and "(none)" not in [
        line.split()[-1] for line in policy.splitlines() if "Candidate:" in line
    ]


def _c_locale():
    return {**os.environ, "LC_ALL": "C"}


def mirror():
    """Give the address of the machine's own Debian mirror (or DEBIAN_MIRROR).

    :raise Problem: when the machine's apt sources name none
    """
    named = os.environ.get("DEBIAN_MIRROR")
    if named:
        return named.rstrip("/")
    sites = output(["apt-get", "indextargets", "--format", "$(SITE)"]) or ""
    for site in sites.split():
        # the archive itself, not debian-security, not a third party's
        if site.rstrip("/").endswith("/debian"):
            return site.rstrip("/")
    raise Problem(
        "No Debian mirror found in this machine's apt sources, to take the package "
        "odoo-19 from.\n"
        "Name one (DEBIAN_MIRROR=<address of a mirror>/debian make setup), or name an "
        "Odoo 19 you "
        "already have (ODOO_PATH=<folder of it> make setup)."
    )


def private_environment():
    """Configure a separate apt in ``.dev/apt``, for downloads from Debian sid.

    The machine's own sources and lists stay as they are. Of its configuration only how
    to fetch (proxies, certificates, date checks) is taken over: its hooks would act on
    the machine.

    :return dict: the environment to run apt-get in
    """
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    if not os.path.exists(keyring):
        raise Problem(
            f"The keys to check Debian's packages with are missing ({keyring}): "
            "apt-get install debian-archive-keyring, then run `make setup` again."
        )
    architecture = output(["dpkg", "--print-architecture"])
    for name in ("state/lists/partial", "cache/archives/partial"):
        (paths.APT / name).mkdir(parents=True, exist_ok=True)
    (paths.APT / "status").write_text("")
    (paths.APT / "sources.list").write_text(
        f"deb [signed-by={keyring}] {mirror()} sid main\n"
    )
    fetching = output(["apt-config", "dump", "Acquire"], env=_c_locale()) or ""
    fetching = "\n".join(
        line
        for line in fetching.splitlines()
        # which indexes to fetch is for us to say: the package lists alone
        if not line.startswith(("Acquire::IndexTargets", "Acquire::Languages"))
    )
    config = paths.APT / "apt.conf"
    config.write_text(f"""\
{fetching}
Dir::State "{paths.APT}/state";
Dir::State::status "{paths.APT}/status";
Dir::Cache "{paths.APT}/cache";
Dir::Etc::SourceList "{paths.APT}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Parts "/dev/null";
Dir::Etc::Main "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
// a checkout may lie where the user _apt cannot go; signatures are checked all the same
APT::Sandbox::User "root";
Acquire::Languages "none";
APT::Update::Error-Mode "any";
Acquire::Retries "3";
""")
    return {**_c_locale(), "APT_CONFIG": str(config)}
