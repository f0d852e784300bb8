#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who is told: a mail server (aiosmtpd) or a web server. Says `ready` once it listens, then prints
what it got, a line of JSON each.

noticepeer.py smtp|http ADDRESS PORT [cert=FILE key=FILE] [tls=starttls|always] [user=NAME password=WORD]
              [token=WORD] [status=CODE]
"""
import base64
import email
import email.policy
import http.server
import json
import logging
import ssl
import sys


def told(**what):
    print(json.dumps(what), flush=True)


def context_of(options):
    if "cert" not in options:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options["cert"], options["key"])
    return context


class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        headers = {}
        for name, value in mail.items():
            headers[name.lower()] = str(value)
        told(sender=envelope.mail_from, to=envelope.rcpt_tos, headers=headers, text=mail.get_content(),
             tls=server.transport.get_extra_info("sslcontext") is not None, user=getattr(session, "login", None),
             raw=base64.b64encode(envelope.content).decode())
        return "250 taken"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def serve_smtp(address, port, options):
    import asyncio

    from aiosmtpd.smtp import SMTP, AuthResult

    context = context_of(options)
    always = options.get("tls") == "always"

    def authenticator(server, session, envelope, mechanism, data):
        good = data.login.decode() == options["user"] and data.password.decode() == options["password"]
        session.login = data.login.decode() if good else None
        return AuthResult(success=good, handled=good)

    def factory():
        return SMTP(Mailbox(), hostname="mail.test", tls_context=None if always else context,
                    require_starttls=bool(context) and not always, auth_required="user" in options,
                    auth_require_tls=bool(context) and not always,
                    authenticator=authenticator if "user" in options else None)

    async def run():
        server = await asyncio.get_running_loop().create_server(factory, address, port,
                                                                ssl=context if always else None)
        print("ready", flush=True)
        await server.serve_forever()

    asyncio.run(run())


def serve_http(address, port, options):
    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self, body):
            good = "token" not in options or self.headers.get("Authorization") == "Bearer " + options["token"]
            told(method=self.command, path=self.path, body=body, good=good,
                 type=self.headers.get("Content-Type"))
            self.send_response(int(options.get("status", "200")) if good else 401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self):
            self.answer("")

        def do_POST(self):
            self.answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer((address, port), Handler)
    context = context_of(options)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)
    server.serve_forever()


def main():
    logging.disable(logging.CRITICAL)
    kind, address, port = sys.argv[1:4]
    options = dict(word.split("=", 1) for word in sys.argv[4:])
    (serve_smtp if kind == "smtp" else serve_http)(address, int(port), options)


main()
