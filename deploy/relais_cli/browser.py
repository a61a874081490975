"""A real browser for the tests of pages: Debian's chromium, installed by apt where we may.

Downloads no browser of its own.
"""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = "chromium is missing. Please run: sudo apt-get install -y chromium (or name one by RELAIS_CHROMIUM)"


def chromium() -> str | None:
    """The path of a chromium on this machine, or None."""
    if named := os.environ.get("RELAIS_CHROMIUM"):
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def ensure_chromium() -> str | None:
    """Install chromium where root and apt allow; gives its path, or None with nothing done."""
    if chromium() or os.geteuid() != 0 or not shutil.which("apt-get") or "RELAIS_CHROMIUM" in os.environ:
        return chromium()
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "-qq", "install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"]
    for command in (["apt-get", "-qq", "update"], install):
        subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return chromium()
