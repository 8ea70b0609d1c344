"""JWTs of the configured issuer beside opaque tokens: what is taken, what is refused, what each may."""

from __future__ import annotations

import pathlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.api.conftest import PEOPLE_PATH, Client, Site
from tests.api.issuer import AUDIENCE, ISSUER, Issuer, Key, hmac_token, part

# No wait between two readings of the keys: the tests of the module jwt have a clock of their own for it.
CONFIG = """\
jwt:
  issuer: {issuer}
  audience: {audience}
  jwks: {jwks}
  jwks_refetch_seconds: 0
"""


@pytest.fixture()
def issuer(tmp_path: pathlib.Path) -> Iterator[Issuer]:
    issuer = Issuer()
    issuer.keys = [Key(tmp_path, "RS256", "rsa"), Key(tmp_path, "ES256", "ec")]
    yield issuer
    issuer.close()


def config_of(site: Site, jwks: str) -> str:
    path = site.folder / "eclusa.yaml"
    path.write_text(CONFIG.format(issuer=ISSUER, audience=AUDIENCE, jwks=jwks), encoding="utf-8")
    return str(path)


@pytest.fixture()
def url(site: Site, issuer: Issuer) -> Iterator[str]:
    with site.serving("--config", config_of(site, issuer.url)) as url:
        yield url


def outcome(url: str, token: str) -> Any:
    """200, or why not: the status, the code and the challenge."""
    answer = Client(url, token).ask("GET", f"{PEOPLE_PATH}/_bulk")
    if answer.status == 200:
        return 200
    return answer.status, answer.json["code"], answer.headers["WWW-Authenticate"]


def refused(why: str) -> tuple[int, str, str]:
    return 401, "api.unauthorized", f'Bearer error="invalid_token", error_description="{why}"'


def test_tokens_of_both_algorithms_load(site: Site, issuer: Issuer, url: str) -> None:
    rsa, ec = issuer.keys
    for key, subject, row in ((rsa, "ana", "1,ana"), (ec, "rui", "2,rui")):
        client = Client(url, key.token(issuer.claims(sub=subject)))
        assert client.load(f"id,name\n{row}\n")["state"] == "SUCCEEDED"
    assert site.rows("SELECT actor, count(*) FROM eclusa.audit GROUP BY 1 ORDER BY 1") == [("ana", "2"), ("rui", "2")]
    assert site.value("SELECT count(*) FROM eclusa.uploads WHERE token_id IS NOT NULL") == "0"
    assert issuer.asked == 1
    assert outcome(url, site.token()) == 200


BAD: dict[str, tuple[Callable[[Issuer], str], str]] = {
    "wrong issuer": (lambda i: i.keys[0].token(i.claims(iss="https://other.test")), "wrong issuer"),
    "wrong audience": (lambda i: i.keys[0].token(i.claims(aud=["a", "b"])), "wrong audience"),
    "no audience": (lambda i: i.keys[0].token(i.claims(aud=None)), "wrong audience"),
    "expired": (lambda i: i.keys[0].token(i.claims(exp=int(time.time()) - 60)), "expired"),
    "not yet": (lambda i: i.keys[0].token(i.claims(nbf=int(time.time()) + 120)), "not valid yet"),
    "no subject": (lambda i: i.keys[0].token(i.claims(sub=None)), "no subject"),
    "unknown role": (lambda i: i.keys[0].token(i.claims(role="root")), "unknown role"),
    "wrong algorithm": (lambda i: i.keys[0].token(i.claims(), alg="RS384"), "algorithm not allowed"),
    "another key's algorithm": (lambda i: i.keys[0].token(i.claims(), alg="ES256"), "unknown key"),
    "signed with the public key": (
        lambda i: hmac_token(i.keys[0].public_pem, i.keys[0].kid, i.claims()),
        "algorithm not allowed",
    ),
    "none": (lambda i: f"{part({'alg': 'none'})}.{part(i.claims())}.", "algorithm not allowed"),
    "critical extension": (lambda i: i.keys[0].token(i.claims(), crit=["exp"]), "crit is not understood"),
    "unknown kid": (lambda i: i.keys[0].token(i.claims(), kid="other"), "unknown key"),
    "no token": (lambda i: "a.b.c", "malformed"),
}


@pytest.fixture(scope="module")
def bad_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Issuer]]:
    """One server for all that is refused."""
    from tests import database

    folder = tmp_path_factory.mktemp("jwt")
    issuer = Issuer()
    issuer.keys = [Key(folder, "RS256", "rsa"), Key(folder, "ES256", "ec")]
    with database.scratch_database("api_jwt_refused") as conninfo:
        site = Site(conninfo, folder)
        with site.serving("--config", config_of(site, issuer.url)) as url:
            yield url, issuer
        site.sql.close()
    issuer.close()


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_refused(bad_site: tuple[str, Issuer], name: str) -> None:
    url, issuer = bad_site
    make, why = BAD[name]
    assert outcome(url, make(issuer)) == refused(why)
    assert outcome(url, issuer.keys[1].token(issuer.claims())) == 200


def test_an_altered_payload_is_refused(bad_site: tuple[str, Issuer]) -> None:
    url, issuer = bad_site
    for key in issuer.keys:
        head, _, signature = key.token(issuer.claims()).split(".")
        assert outcome(url, f"{head}.{part(issuer.claims(role='admin'))}.{signature}") == refused("bad signature")


def test_a_request_without_a_token_is_told_no_error(bad_site: tuple[str, Issuer]) -> None:
    assert outcome(bad_site[0], "") == (401, "api.unauthorized", "Bearer")
    assert outcome(bad_site[0], "ecl_00") == (401, "api.unauthorized", 'Bearer error="invalid_token"')


def test_claims_say_what_a_token_may(site: Site, issuer: Issuer, url: str) -> None:
    def ask(**claims: Any) -> tuple[int, Any]:
        client = Client(url, issuer.keys[1].token(issuer.claims(**claims)))
        answer = client.ask("POST", f"{PEOPLE_PATH}/_bulk", {"tenant": 47, "file": "p.csv"})
        return answer.status, answer.json.get("code")

    assert ask() == (201, None)
    assert ask(tenants="*") == (201, None)
    assert ask(tenants=["47", 48], datasets=["people"]) == (201, None)
    assert ask(tenants=[48]) == (403, "api.tenant_not_allowed")
    assert ask(tenants=None) == (403, "api.tenant_not_allowed")
    assert ask(role="read") == (403, "api.role")
    assert ask(role=None) == (403, "api.role")
    assert ask(datasets=["other"]) == (404, "api.no_dataset")


def test_keys_of_one_subject_are_not_anothers(site: Site, issuer: Issuer, url: str) -> None:
    def ask(token: str) -> tuple[Any, Any]:
        answer = Client(url, token).ask(
            "POST", f"{PEOPLE_PATH}/_bulk", {"tenant": 47, "file": "p.csv"}, {"Idempotency-Key": "k"}
        )
        assert answer.status == 201, answer.describe()
        return answer.json["id"], answer.headers["Idempotent-Replayed"]

    opaque = site.token("submit", "--tenant", "47")
    number = site.value("SELECT max(id) FROM eclusa.tokens")
    asked = [ask(opaque)]
    for subject in ("ana", "rui", number, f"token:{number}"):
        asked.append(ask(issuer.keys[1].token(issuer.claims(sub=subject))))
    assert [replayed for _, replayed in asked] == [None] * 5
    assert len({upload for upload, _ in asked}) == 5
    again = ask(issuer.keys[0].token(issuer.claims(sub="ana")))  # another token of his
    assert again == (asked[1][0], "true")


def test_keys_are_rotated(site: Site, issuer: Issuer, url: str, tmp_path: pathlib.Path) -> None:
    old = issuer.keys[1]
    assert outcome(url, old.token(issuer.claims())) == 200
    new = Key(tmp_path, "ES256", "new")
    assert outcome(url, new.token(issuer.claims())) == refused("unknown key")
    issuer.keys = [new]
    assert outcome(url, new.token(issuer.claims())) == 200
    assert outcome(url, old.token(issuer.claims())) == refused("unknown key")


def test_an_issuer_that_is_away_stops_its_tokens_only(site: Site, issuer: Issuer) -> None:
    issuer.away = True
    token = issuer.keys[0].token(issuer.claims())
    with site.serving("--config", config_of(site, issuer.url)) as url:
        answer = Client(url, token).ask("GET", f"{PEOPLE_PATH}/_bulk")
        assert (answer.status, answer.json["code"]) == (503, "api.issuer_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert outcome(url, site.token()) == 200
        issuer.away = False
        assert outcome(url, token) == 200


def test_keys_are_read_from_a_file(site: Site, issuer: Issuer) -> None:
    import json

    path = site.folder / "jwks.json"
    path.write_text(json.dumps({"keys": [key.jwk for key in issuer.keys]}))
    with site.serving("--config", config_of(site, str(path))) as url:
        assert outcome(url, issuer.keys[0].token(issuer.claims())) == 200
    assert issuer.asked == 0


def test_without_an_issuer_there_are_opaque_tokens_only(site: Site, issuer: Issuer) -> None:
    with site.serving() as url:
        assert outcome(url, issuer.keys[0].token(issuer.claims())) == (
            401, "api.unauthorized", 'Bearer error="invalid_token"',
        )  # fmt: skip
        assert outcome(url, site.token()) == 200


def test_an_issuer_without_keys_is_no_configuration(site: Site) -> None:
    config = config_of(site, "''")
    run = site.product.run(["serve", "--db", site.conninfo, "--listen", "127.0.0.1:0", "--config", config])
    assert run.exit == 1 and "jwt.jwks" in run.stderr, run.describe()
