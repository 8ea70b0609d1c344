"""So many requests a minute of each token, and every answer says how many are left."""

from __future__ import annotations

from tests.api.conftest import PEOPLE_PATH, Answer, Client, Site


def limited(site: Site, number: int) -> str:
    path = site.folder / "eclusa.yaml"
    path.write_text(f"api: {{requests_per_minute: {number}}}\n", encoding="utf-8")
    return str(path)


def rate(answer: Answer) -> tuple[str | None, str | None]:
    return answer.headers["RateLimit-Limit"], answer.headers["RateLimit-Remaining"]


def test_a_token_that_asks_too_much_waits(site: Site) -> None:
    with site.serving("--config", limited(site, 2)) as url:
        client = Client(url, site.token())
        first = client.ask("GET", f"{PEOPLE_PATH}/_bulk")
        assert (first.status, rate(first)) == (200, ("2", "1"))
        assert 1 <= int(first.headers["RateLimit-Reset"]) <= 30
        # One that fails counts too, and says so.
        second = client.ask("GET", "/no/such/_bulk", headers={"Accept-Language": "pt"})
        assert (second.status, rate(second)) == (404, ("2", "0"))
        third = client.ask("GET", f"{PEOPLE_PATH}/_bulk", headers={"Accept-Language": "pt"})
        assert (third.status, third.json["code"], rate(third)) == (429, "api.rate_limited", ("2", "0"))
        assert 1 <= int(third.headers["Retry-After"]) <= 30
        assert "2 requisições por minuto" in third.json["detail"]
        # Another token has a rate of its own; what needs none has none.
        assert Client(url, site.token("read")).ask("GET", f"{PEOPLE_PATH}/_bulk").status == 200
        for _ in range(4):
            health = Client(url).ask("GET", "/health/live")
            assert (health.status, rate(health)) == (200, (None, None))
        nobody = Client(url, "ecl_00").ask("GET", f"{PEOPLE_PATH}/_bulk")
        assert (nobody.status, rate(nobody)) == (401, (None, None))


def test_zero_is_no_limit(site: Site) -> None:
    with site.serving("--config", limited(site, 0)) as url:
        client = Client(url, site.token())
        for _ in range(5):
            answer = client.ask("GET", f"{PEOPLE_PATH}/_bulk")
            assert (answer.status, rate(answer)) == (200, (None, None))
