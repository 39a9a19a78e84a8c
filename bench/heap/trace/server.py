"""The server whose allocations are recorded: a store of JSON documents over HTTP.

POST /name parses and keeps a document (the last 64 of them), GET /name answers it, serialized again and compressed.
CPython frees by reference counts, so a block's life ends where the program has no use for it any more, and not where a
garbage collector came by. With PYTHONMALLOC=malloc every object goes through malloc, else only what CPython has no pools for.
"""

import ctypes
import json
import sys
import zlib
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, HTTPServer

KEPT = 64
documents = OrderedDict()


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        documents[self.path] = json.loads(body)
        while len(documents) > KEPT:
            documents.popitem(last=False)
        self.answer(201, b'kept')

    def do_GET(self):
        document = documents.get(self.path)
        if document is None:
            self.answer(404, b'not kept any more')
            return
        self.answer(200, zlib.compress(json.dumps(document).encode()))

    def answer(self, status, body):
        self.send_response(status)
        self.send_header('Content-Type', 'application/octet-stream')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


def main():
    warm_up, recorded, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    recorder = ctypes.CDLL(None)
    server = HTTPServer(('127.0.0.1', 0), Handler)
    print(server.server_port, flush=True)
    for _ in range(warm_up):
        server.handle_request()
    recorder.recorder_begin()
    for _ in range(recorded):
        server.handle_request()
    if recorder.recorder_end(path.encode()) != 0:
        sys.exit(1)


main()
