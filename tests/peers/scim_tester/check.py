"""Runs scim2-tester against one SCIM server and judges what it found.

    check.py URL            the bearer token is read from the environment variable LANYARD_TOKEN

Prints one JSON document: how many checks came to which status, which failures are argued for in
exceptions.json, and which are not. Ends with 0 only if none is left, if enough checks were run,
and if every exception was needed.
"""

import json
import os
import re
import sys
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server, filling

FAILED = {Status.ERROR, Status.CRITICAL, Status.DEVIATION}
# Fewer checks than this mean that discovery failed, or that the tester gave up early.
ENOUGH = 100

example_value = filling.get_random_example_value


def example_or_time(path):
    """The tester makes up a UUID where a schema has a dateTime, and then refuses it itself: give it a time."""
    binding = path.resolve()
    if binding is not None and binding.target_type is datetime:
        return datetime(2027, 5, 1, 12, 30, tzinfo=timezone.utc)
    return example_value(path)


filling.get_random_example_value = example_or_time


def argued(result, exceptions):
    """The place of the exception that speaks of this failure, if there is one."""
    for place, exception in enumerate(exceptions):
        same = exception["title"] == result.title and exception["resource_type"] == result.resource_type
        if same and re.search(exception["reason_matches"], result.reason or ""):
            return place
    return None


def main():
    url = sys.argv[1].rstrip("/")
    headers = {"Authorization": f"Bearer {os.environ['LANYARD_TOKEN']}"}
    exceptions = json.loads(Path(__file__).with_name("exceptions.json").read_text("utf-8"))
    with Client(base_url=url, headers=headers, timeout=30) as http:
        results = check_server(SyncSCIMClient(http))
    failures, excused, used = [], [], set()
    for result in results:
        if result.status not in FAILED:
            continue
        place = argued(result, exceptions)
        shown = {"title": result.title, "status": result.status.name, "resource_type": result.resource_type, "reason": result.reason}
        if place is None:
            failures.append(shown)
        else:
            used.add(place)
            excused.append({**shown, "because": exceptions[place]["because"]})
    unused = [exception for place, exception in enumerate(exceptions) if place not in used]
    summary = {
        "server": url,
        "checks": len(results),
        "statuses": dict(Counter(result.status.name for result in results)),
        "failures": failures,
        "argued": excused,
        "unused_exceptions": unused,
    }
    print(json.dumps(summary, ensure_ascii=False, indent=2))
    return 0 if not failures and not unused and len(results) >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
