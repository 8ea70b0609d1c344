"""A test issuer of JWTs: keys and signatures by the openssl program, its JWK Set over HTTP."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import subprocess
import threading
import time
from collections.abc import Mapping
from typing import Any

ISSUER = "https://id.test"
AUDIENCE = "eclusa"


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(value: Any) -> str:
    return base64url(json.dumps(value).encode())


def openssl(*arguments: str, data: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


class Key:
    """RSA ("RS256") or P-256 ("ES256")."""

    def __init__(self, folder: pathlib.Path, algorithm: str, kid: str) -> None:
        self.algorithm = algorithm
        self.kid = kid
        self.path = folder / f"{kid}.pem"
        kind = ["RSA", "rsa_keygen_bits:2048"] if algorithm == "RS256" else ["EC", "ec_paramgen_curve:P-256"]
        self.path.write_bytes(openssl("genpkey", "-quiet", "-algorithm", kind[0], "-pkeyopt", kind[1]))

    @property
    def public_pem(self) -> bytes:
        return openssl("pkey", "-in", str(self.path), "-pubout")

    @property
    def jwk(self) -> dict[str, str]:
        common = {"kid": self.kid, "use": "sig", "alg": self.algorithm}
        if self.algorithm == "RS256":
            modulus = openssl("rsa", "-in", str(self.path), "-noout", "-modulus").decode()
            number = bytes.fromhex(modulus.strip().partition("=")[2])
            return {**common, "kty": "RSA", "n": base64url(number), "e": "AQAB"}
        # A P-256 key in DER ends with its point, uncompressed: x and y, 32 bytes each.
        point = openssl("pkey", "-in", str(self.path), "-pubout", "-outform", "DER")[-64:]
        return {**common, "kty": "EC", "crv": "P-256", "x": base64url(point[:32]), "y": base64url(point[32:])}

    def sign(self, text: bytes) -> bytes:
        signature = openssl("dgst", "-sha256", "-sign", str(self.path), data=text)
        return signature if self.algorithm == "RS256" else raw(signature)

    def token(self, claims: Mapping[str, Any], **header: Any) -> str:
        text = f"{part({'alg': self.algorithm, 'kid': self.kid, **header})}.{part(claims)}"
        return f"{text}.{base64url(self.sign(text.encode()))}"


def raw(der: bytes) -> bytes:
    """r and s of an ECDSA signature, 32 bytes each. Short forms of lengths are all that P-256 needs."""
    first = der[3]
    r = der[4 : 4 + first]
    s = der[6 + first :]
    return r.lstrip(b"\0").rjust(32, b"\0") + s.lstrip(b"\0").rjust(32, b"\0")


def hmac_token(secret: bytes, kid: str, claims: Mapping[str, Any]) -> str:
    text = f"{part({'alg': 'HS256', 'kid': kid})}.{part(claims)}"
    return f"{text}.{base64url(hmac.digest(secret, text.encode(), hashlib.sha256))}"


class Issuer:
    """Publishes the keys of `keys` at `url`, and counts who asked; `away`: it answers 503."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.asked = 0
        self.away = False
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                body = json.dumps({"keys": [key.jwk for key in issuer.keys]}).encode()
                self.send_response(503 if issuer.away else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @staticmethod
    def claims(**changed: Any) -> dict[str, Any]:
        """Good ones of tenant 47; a claim that is changed to None is left out."""
        now = int(time.time())
        claims = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": "ana", "exp": now + 300, "nbf": now - 5,
            "role": "submit", "tenants": [47], **changed,
        }  # fmt: skip
        return {name: value for name, value in claims.items() if value is not None}
