# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs requests with botocore: one JSON object a line in, the signature out."""
import json
import sys
from types import SimpleNamespace

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode

for line in sys.stdin:
    wanted = json.loads(line)
    scheme = "https" if wanted["unsigned"] else "http"
    request = AWSRequest(
        method=wanted["method"],
        url=scheme + "://" + wanted["host"] + percent_encode("/" + wanted["key"], safe="/~"),
        headers=dict(wanted["headers"]),
        params=[tuple(pair) for pair in wanted["query"]],
        data=wanted["body"].encode(),
    )
    request.context["timestamp"] = wanted["time"]
    request.context["client_config"] = SimpleNamespace(s3={"payload_signing_enabled": not wanted["unsigned"]})
    keys = Credentials(wanted["access"], wanted["secret"], wanted["token"] or None)
    auth = S3SigV4Auth(keys, "s3", wanted["region"])
    # What add_auth() does, at a time of ours.
    auth._modify_request_before_signing(request)
    canonical = auth.canonical_request(request)
    print(auth.signature(auth.string_to_sign(request, canonical), request), flush=True)
