"""Who is let in, and who is not: other sites, other names, other tokens, and paths that lead out."""

from __future__ import annotations

import pytest

from firth.server.security import CSP, host_names

from .page import ORIGIN, TOKEN, Page


@pytest.fixture(scope="module")
def stranger(sample):
    return Page(sample, enter=False)


def bearer(token=TOKEN):
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("path", ["/", "/api/status", "/static/js/main.js", "/api/nothing"])
def test_without_the_token_nothing_is_shown(stranger, path):
    answer = stranger.get(path)
    assert answer.status_code == 401
    assert "firth serve" in answer.json()["error"]["next"]


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "權杖"])
def test_another_token_is_none(stranger, token):
    assert stranger.client.get("/", params={"token": token}, follow_redirects=False).status_code == 401
    assert stranger.get("/api/status", Cookie=f"firth-8420={token}".encode()).status_code == 401


def test_the_token_becomes_a_cookie_that_no_script_and_no_other_site_has(stranger):
    answer = stranger.client.get(f"/?token={TOKEN}&item=3", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?item=3")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert cookie.startswith("firth-8420=")
    stranger.client.cookies.clear()


def test_a_program_brings_the_token_as_bearer(stranger):
    assert stranger.get("/api/status", **bearer()).status_code == 200
    assert stranger.get("/api/status", **bearer("wrong")).status_code == 401
    assert stranger.client.post("/api/items", json={"items": [0]}, headers=bearer()).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8420",
        "127.0.0.1:9999",
        "127.0.0.1",
        "0.0.0.0:8420",
        "",
        "127.0.0.1.evil.example:8420",
    ],
)
def test_a_host_that_is_not_ours_is_refused_even_with_the_token(page, host):
    assert page.get("/api/status", Host=host).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:8420", "localhost:8420", "LOCALHOST:8420", "[::1]:8420"])
def test_our_names(stranger, host):
    assert stranger.get("/api/status", Host=host, **bearer()).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8420"]
)
def test_another_origin_is_refused(page, origin):
    assert page.get("/api/status", Origin=origin).status_code == 403
    assert page.send("/api/items", {"items": [0]}, Origin=origin).status_code == 403


def test_a_change_by_cookie_needs_an_origin(page):
    assert page.client.post("/api/items", json={"items": [0]}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_embeds_is_refused(page, site):
    assert page.get("/api/thumbs/0.webp", **{"Sec-Fetch-Site": site}).status_code == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_forms_are_refused(page, kind):
    answer = page.client.post(
        "/api/items", content=b'{"items": [0]}', headers={"Origin": ORIGIN, "Content-Type": kind}
    )
    assert answer.status_code == 400
    assert "expected application/json" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2f..%2fapp.py",
        "/static/%2e%2e%2f%2e%2e%2ferrors.py",
        "/static//etc/passwd",
        "/static/js/..%5c..%5capp.py",
        "/api/thumbs/..%2f..%2fetc%2fpasswd.webp",
        "/api/thumbs/-1.webp",
        "/api/items/%2fetc%2fpasswd/picture",
        "/api/items/0x1/picture",
        "/api/maps/..%2f..%2fsecret/points",
        "/api/maps/%00/points",
        "/api/columns/codes?name=../../etc/passwd",
        "/api/jobs/..%2f/events",
    ],
)
def test_no_path_leads_out(page, path):
    answer = page.get(path)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["message"]
    assert b"import" not in answer.content
    assert b"root:" not in answer.content


@pytest.mark.parametrize(
    "body",
    [
        {"text": "a", "fields": {"year": ["1; DROP TABLE items"]}},
        {"text": "a", "fields": {"x' OR '1'='1": ["1"]}},
        {"text": "a", "fields": {"_path": ["/etc/passwd"]}},
        {"text": "a", "vector": "meaning; --"},
        {"text": "a", "where": "id = 'x'"},
        {"positive": ["/etc/passwd.png"]},
        {"positive": [{"path": "/etc/passwd.png"}]},
        {"positive": [{"item": 1, "text": "both"}]},
        {"image": "/etc/passwd.png"},
        {"picture": "/etc/passwd.png"},
    ],
)
def test_search_takes_no_sql_and_no_path(page, body):
    status, error = page.error("/api/search", body)
    assert status in (400, 404)
    assert "InternalError" not in error["type"]


def test_words_that_look_like_a_file_or_an_id_are_words(page, tmp_path):
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"no picture at all")
    for text in (str(picture), "id:emoji-1f34e", "~/cat.png"):
        assert page.post("/api/search", {"positive": [{"text": text}], "k": 3})["hits"]


def test_headers_of_every_answer(page):
    for path in ("/", "/api/status", "/nothing", "/static/index.html"):
        headers = page.get(path).headers
        assert headers["content-security-policy"] == CSP
        assert "unsafe" not in CSP
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"]


def test_names_of_a_server():
    assert host_names("127.0.0.1", 80) >= {"127.0.0.1", "127.0.0.1:80", "[::1]:80"}
    assert host_names("box.local", 8420) == {"box.local:8420"}
