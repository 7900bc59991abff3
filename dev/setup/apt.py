"""Install system packages with apt, or name the packages to install."""

import os
import shutil
import sys

from . import paths
from .console import Problem, output, run, say, step

# the names under which Odoo's own browser tests look for a browser
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_NETWORK = (
    "Check the network and the machine's apt sources with `apt-get update`, then run "
    "`make setup` again."
)


def missing_browser():
    """List the Debian package of the browser, if the machine has no browser."""
    return [] if any(map(shutil.which, BROWSERS)) else ["chromium"]


def _privileged():
    """Return the words that run a command as root, or None if there is no way."""
    if os.geteuid() == 0:
        return []
    if not shutil.which("sudo"):
        return None
    if output(["sudo", "-n", "true"]) is not None:
        return ["sudo", "-n"]
    # sudo asks for a password, which needs a terminal
    return ["sudo"] if sys.stdin.isatty() else None


def install(packages):
    """Install packages with apt, without recommended packages.

    :param list packages: names of the missing packages
    :raise Problem: when there is no apt, neither root nor sudo, or when apt fails
    """
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        raise Problem(
            f"The Debian packages {names} are missing, and this machine has no apt. "
            "Install them with your package manager, then run `make setup` again."
        )
    privileged = _privileged()
    if privileged is None:
        raise Problem(
            f"The packages {names} are missing, and only root can install them. Run "
            f"as root:\n    apt-get install --no-install-recommends {names}\n"
            "then run `make setup` again."
        )
    # sudo drops the caller's variables, so env sets this one
    apt_get = [*privileged, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]
    update = {"what": "apt-get update", "hint": _NETWORK, "log": "apt-update"}
    with step(f"Installing {names} with apt"):
        if not _candidates(packages):
            say("    The package lists are missing: running apt-get update.")
            run([*apt_get, "update"], **update)
        try:
            _install(apt_get, packages)
        except Problem:
            # outdated lists name versions that the mirror has removed
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
    """Tell whether apt can install a version of each package."""
    policy = output(["apt-cache", "policy", *packages], env=_c_locale()) or ""
    return policy.count("Candidate:") == len(packages) and "(none)" not in [
        line.split()[-1] for line in policy.splitlines() if "Candidate:" in line
    ]


def _c_locale():
    return {**os.environ, "LC_ALL": "C"}


def mirror():
    """Return the address of DEBIAN_MIRROR, or of the machine's Debian mirror.

    :raise Problem: when the machine's apt sources name no mirror
    """
    mirror_of_user = os.environ.get("DEBIAN_MIRROR")
    if mirror_of_user:
        return mirror_of_user.rstrip("/")
    sites = output(["apt-get", "indextargets", "--format", "$(SITE)"]) or ""
    for site in sites.split():
        # the main archive, not debian-security or a third party's archive
        if site.rstrip("/").endswith("/debian"):
            return site.rstrip("/")
    raise Problem(
        "The set-up takes Odoo from Debian's package odoo-19, but this machine's apt "
        "sources name no Debian mirror.\n"
        "Name a mirror (DEBIAN_MIRROR=<address of a mirror>/debian make setup), or the "
        "folder of an Odoo 19 on this machine (ODOO_PATH=<folder> make setup)."
    )


def private_environment():
    """Configure a separate apt in ``.dev/apt``, for downloads from Debian sid.

    The machine's sources and lists are left untouched. The separate apt takes only the
    machine's settings for downloads (proxies, certificates, date checks): other
    settings, such as hooks, would act on the machine.

    :return dict: the environment variables for apt-get
    """
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    if not os.path.exists(keyring):
        raise Problem(
            f"The keys that check Debian's packages are missing ({keyring}). Install "
            "debian-archive-keyring, then run `make setup` again."
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
        # fetch the package lists only
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
// the user _apt may be unable to enter the checkout; apt still checks signatures
APT::Sandbox::User "root";
Acquire::Languages "none";
APT::Update::Error-Mode "any";
Acquire::Retries "3";
""")
    return {**_c_locale(), "APT_CONFIG": str(config)}
