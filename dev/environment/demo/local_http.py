"""HTTP to what runs on this machine."""

import requests


def session():
    """A session that goes there directly, whatever proxy the environment names.

    :rtype: requests.Session
    """
    result = requests.Session()
    result.trust_env = False
    return result
