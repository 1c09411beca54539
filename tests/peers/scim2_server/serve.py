"""Serves scim2-server on a free port of the loopback address until standard input closes.

The token comes from the environment (PEER_TOKEN), so that it stands in no process list. The first line on standard
output is {"url": …}. `--cursor` announces paging by cursor beside paging by index (RFC 9865).
"""

import json
import os
import secrets
import sys
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from scim2_models import Pagination, ScimProvider
from scim2_server.memory import InMemoryStorage
from scim2_server.service import ScimService
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME, BearerTokenApplication
from scim2_server.utils import (
    load_default_resource_types,
    load_default_schemas,
    load_default_service_provider_config,
)


class ThreadedServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def main():
    config = load_default_service_provider_config()
    config.authentication_schemes = [BEARER_TOKEN_SCHEME]
    if "--cursor" in sys.argv:
        config.pagination = Pagination(
            cursor=True, index=True, default_pagination_method="index", default_page_size=50, max_page_size=100
        )
    if "--cursor-only" in sys.argv:
        config.pagination = Pagination(
            cursor=True, index=False, default_pagination_method="cursor", default_page_size=50, max_page_size=100
        )
    provider = ScimProvider.from_discovery(
        load_default_schemas().values(), load_default_resource_types().values(), config=config, policy=None
    )
    service = ScimService(provider, secret=secrets.token_urlsafe(32))
    application = BearerTokenApplication(
        InMemoryStorage(), provider, service=service, bearer_tokens=[os.environ["PEER_TOKEN"]]
    )
    with make_server("127.0.0.1", 0, application, server_class=ThreadedServer, handler_class=Quiet) as server:
        print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}/v2"}), flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
