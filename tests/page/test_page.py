"""Every screen of the page in a real browser, by mouse and by keyboard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from firth import sample

from .driving import CHROMIUM, FLAGS, PAPER

pytestmark = pytest.mark.slow

APPLE = "emoji-1f34e"
NAMES = {
    "en-US": ("en", "Map"),
    "zh-TW": ("zh-Hant", "地圖"),
    "zh-HK": ("zh-Hant", "地圖"),
    "zh-CN": ("zh-Hans", "地图"),
}


def test_the_first_picture(visit):
    there = visit()
    shown = there.state("[app.stage.main.renderer.kind, app.stage.main.frame.a.n, app.state.status.items]")
    assert shown == ["webgl2", 621, 621]
    inside = there.state("app.stage.main.view.count")
    assert inside >= 0.95 * 621
    assert there.inked() > 3000
    assert there.state("app.stage.main.overlay.labels.length") > 2
    assert "%" in there.page.text_content(".trust")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(visit, scheme):
    there = visit(scheme=scheme)
    corner = there.pixels()[2, 2]
    assert tuple(corner) == PAPER[scheme]
    there.page.click(".light")
    other = {"light": "dark", "dark": "light"}[scheme]
    there.until(f"document.documentElement.dataset.theme === '{other}'")
    there.page.wait_for_timeout(200)
    assert tuple(there.pixels()[2, 2]) == PAPER[other]
    there.page.reload()
    there.ready()
    assert there.state("document.documentElement.dataset.theme") == other


@pytest.mark.parametrize("locale", NAMES)
def test_the_browsers_language(visit, locale):
    there = visit(locale=locale)
    language, words = NAMES[locale]
    assert there.state("document.documentElement.lang") == language
    assert there.page.text_content("[data-screen=map]") == words


def test_another_language_keeps_what_was_chosen(visit):
    there = visit().ask("apple")
    there.page.select_option(".language", "zh-Hant")
    there.until("document.documentElement.lang === 'zh-Hant'")
    assert there.page.text_content("[data-screen=search]") == "搜尋"
    assert there.state("app.state.query.text") == "apple"
    assert there.page.input_value("input[type=search]") == "apple"
    there.until("app.stage.main.marked?.length > 0")


def test_hovering_shows_a_card_with_the_picture(visit):
    there = visit()
    there.page.mouse.move(*there.place(there.number(APPLE)))
    there.until("!document.querySelector('.hover').hidden")
    number = there.state("app.state.hovered")
    title = there.page.evaluate("n => app.items.get(n).title", number)
    assert there.page.text_content(".hover .title") == title
    there.until("document.querySelector('.hover img')?.naturalWidth > 0")
    there.page.mouse.move(5, 5)
    there.until("document.querySelector('.hover').hidden")


def test_a_click_opens_an_item_with_its_neighbours(visit):
    there = visit()
    there.page.mouse.click(*there.place(there.number(APPLE)))
    there.until("document.querySelectorAll('.neighbours .row').length >= 8")
    assert there.state("app.state.panel") == "item"
    assert there.state("document.querySelectorAll('.over .link').length") > 3
    assert there.state("document.querySelectorAll('.over .chosen').length") == 1
    assert "item=" in there.state("location.hash")
    there.page.click(".choice button:has-text('look')")
    there.until("document.querySelector('.choice [aria-pressed=true]').textContent === 'look'")
    there.page.click(".neighbours .row button")
    there.until("document.querySelectorAll('.neighbours .row').length >= 8")
    there.page.keyboard.press("Escape")
    there.until("app.state.selected === null && !document.querySelector('.item')")


def test_tags_are_bars_and_colours(visit, tagged_site):
    there = visit(at=tagged_site)
    assert there.state("[...document.querySelectorAll('#colour-by optgroup option')].map(o => o.text)") == [
        "war",
        "魔法",
    ]
    war = there.page.evaluate(
        "app.items.need([0, 1, 2, 3]).then(all => all.find(i => i.text === 'a tale of war').item)"
    )
    there.state(f"app.select({war})")
    there.until("document.querySelectorAll('.tags button').length === 2")
    assert there.state("[...document.querySelectorAll('.tags .name')].map(n => n.textContent)") == [
        "war",
        "魔法",
    ]
    assert there.state("document.querySelector('.tags button').getAttribute('aria-label')") == "war: 0.93"
    assert "tag:" not in there.page.text_content(".item")
    there.page.click(".tags button >> nth=1")
    there.until("app.painter.colours.name === 'field:tag:魔法'")
    assert there.page.input_value("#colour-by") == "field:tag:魔法"


def test_of_several_maps_the_last_is_shown_and_brought_up_to_date(visit, tagged_site):
    there = visit(at=tagged_site)
    for method in ("pca", "umap"):
        there.page.evaluate(
            "method => import('/static/js/atlas.js').then(a => a.drawMap({space: 'meaning', method, dim: 2}))",
            method,
        )
        there.page.reload()
        there.ready()
        assert there.state("app.stage.main.frame.map.method") == method
        tagged_site.collection.add([f"又一個故事 {method}"])
        there.page.reload()
        there.ready().until("document.querySelector('.notice button.small')")
        there.page.click(".notice button.small")
        n = len(tagged_site.collection)
        there.until(f"app.stage.main.frame.a.n === {n} && document.querySelector('.notice').hidden")


@pytest.mark.parametrize(
    ("locale", "name"), [("en-US", "red apple"), ("zh-TW", "紅蘋果"), ("zh-CN", "红苹果")]
)
def test_a_picture_is_called_by_its_name_in_the_language_of_the_page(visit, locale, name):
    there = visit(locale=locale)
    there.state(f"app.select({there.number(APPLE)})")
    there.until("document.querySelector('.item h2')")
    assert there.page.text_content(".item h2") == name


def test_a_search_that_finds_nobody_on_this_map_dims_nobody(visit):
    there = visit()
    there.page.select_option(".search select", "text")
    there.ask("登鸛雀樓").screen("compare")  # pictures only have both vectors
    there.until("app.stage.second?.frame")
    assert there.state("app.stage.plots.map(p => p.marked)") == [None, None]


def test_by_keys_alone(visit):
    there = visit()
    there.page.keyboard.press("Tab")
    there.page.keyboard.press("Enter")  # "skip to the map"
    assert there.state("document.activeElement.tagName") == "CANVAS"
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        there.page.keyboard.press(key)
    there.until("document.querySelector('[aria-live]').textContent.length > 3")
    there.page.keyboard.press("Enter")
    there.until("document.querySelector('.item h2')")
    zoom = there.state("app.stage.main.camera.zoom")
    there.page.keyboard.press("+")
    assert there.state("app.stage.main.camera.zoom") > zoom
    there.page.keyboard.press("Escape")
    there.page.keyboard.press("/")
    assert there.state("document.activeElement.type") == "search"
    there.page.keyboard.type("蘋果")
    there.page.keyboard.press("Enter")
    there.until("app.state.hits?.list.length > 0")
    there.page.keyboard.press("Escape")
    there.page.keyboard.press("2")
    there.until("app.state.screen === 'search'")


def test_everything_has_a_name_for_screen_readers(visit):
    there = visit().ask("apple")
    for screen in ("map", "search", "compare", "change", "plane", "jobs"):
        there.screen(screen)
        nameless = there.state(
            "[...document.querySelectorAll('button, select, input:not([type=file]), canvas, a')].filter(e =>"
            " e.offsetParent && !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length))"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        assert nameless == [], screen


@pytest.mark.parametrize("shift", [True, False], ids=["shift-drag", "tool"])
def test_a_loop_takes_a_group(visit, shift):
    there = visit()
    chosen = there.state("app.stage.main.frame.regions[0][0].number")
    items = there.state(
        f"[...app.stage.main.frame.items].filter((_, i) => app.stage.main.frame.codes[i] === {chosen})"
    )
    if not shift:
        there.page.click(".tools button")
        assert there.state("app.state.tool") == "lasso"
    there.loop(items, shift=shift)
    there.until("app.state.group")
    assert set(items) <= set(there.state("app.state.group"))
    assert str(there.state("app.state.group.length")) in there.page.text_content(".panel h2")
    assert there.state("document.querySelectorAll('.composition li').length") >= 1
    with there.page.expect_download() as download:
        there.page.click("button:has-text('Save ids')")
    ids = Path(download.value.path()).read_text("utf-8").split()
    assert len(ids) == there.state("app.state.group.length")


def test_the_legend_filters_and_stays_over_a_reload(visit):
    there = visit()
    before = there.inked()
    there.page.select_option("#colour-by", "kind")
    there.until("document.querySelectorAll('.entry').length === 2")
    there.page.click(".entry >> nth=0")
    there.until("app.stage.main.hidden.some(Boolean)")
    there.page.wait_for_timeout(150)
    assert there.inked() < before
    left = there.state("app.stage.main.hidden.filter(x => !x).length")
    assert 0 < left < 621
    there.page.reload()
    there.ready()
    assert there.state("app.stage.main.hidden.filter(x => !x).length") == left
    assert there.state("app.state.colour") == "kind"
    there.page.click(".all")
    there.until("!app.stage.main.hidden.some(Boolean)")


@pytest.mark.parametrize("colour", ["field:language", "field:year"])
def test_colours_by_fields(visit, colour):
    there = visit()
    there.page.select_option("#colour-by", colour)
    there.until(f"app.painter.colours.name === '{colour}'")
    assert there.state("document.querySelectorAll('.entry').length") >= 2
    there.page.wait_for_timeout(150)
    seen = {tuple(pixel) for pixel in there.pixels().reshape(-1, 3)[::7]}
    assert len(seen) > 30


def test_coming_nearer_shows_pictures(visit):
    there = visit()
    there.page.mouse.move(*there.place(there.number(APPLE)))
    for _ in range(6):
        there.page.mouse.wheel(0, -240)
        there.page.wait_for_timeout(40)
    there.until("app.stage.main.overlay.pictures.length > 0")
    assert there.state("app.stage.main.view.count") < 240
    there.until("[...document.querySelectorAll('.thumbs img')].every(i => i.naturalWidth > 0)")
    there.page.click("[aria-label='Show everything']")
    there.until("app.stage.main.view.count > 500")


@pytest.mark.parametrize("words", ["red apple", "紅蘋果", "红苹果"])
def test_words_in_three_scripts_find_the_picture(visit, words):
    there = visit("#search")
    there.page.select_option(".search select", "image")
    there.ask(words).until("document.querySelectorAll('.card').length > 0")
    first = there.state("app.state.hits.list.slice(0, 6).map(h => h.id)")
    assert sum("apple" in id or id == APPLE for id in first) >= 3
    assert there.state("app.state.hits.list.every(h => h.kind === 'image')")
    assert there.state("app.stage.main.marked.length") > 0
    there.until("document.querySelector('.card.image img')?.naturalWidth > 0")


def test_examples_cut_off_and_order(visit):
    there = visit("#search").ask("fruit")
    there.page.click(".card >> nth=0 >> .example.positive")
    there.until("app.state.query.positive.length === 1 && !app.state.searching")
    there.page.click(".card >> nth=3 >> .example.negative")
    there.until("app.state.query.negative.length === 1 && !app.state.searching && app.state.hits.list.length")
    assert there.state("document.querySelectorAll('.chip').length") == 2
    assert "like=" in there.state("location.hash") and "unlike=" in there.state("location.hash")
    there.page.select_option(".order select", "title")
    titles = there.state("[...document.querySelectorAll('.card')].length")
    assert titles == there.state("app.state.hits.list.length")
    there.page.reload()
    there.ready()
    there.until("app.state.query.positive.length === 1 && app.state.hits?.list.length")
    assert there.state("app.state.order") == "title"


def test_no_good_match_is_an_answer(visit):
    there = visit("#search").ask("asdf qwer zxcv")
    there.page.wait_for_selector("#cutoff")
    there.page.focus("#cutoff")
    there.page.keyboard.press("End")
    there.until("app.state.cutoff === 100")
    assert there.page.text_content(".results-head h2") == "No good match"
    assert there.state("app.stage.main.marked.length") == 0
    there.page.keyboard.press("Home")
    there.until("document.querySelectorAll('.card').length > 0")


def test_search_and_choice_survive_a_change_of_screen_and_a_reload(visit):
    there = visit().ask("星星")
    there.page.click(".card .open")
    chosen = there.state("app.state.selected")
    for screen in ("search", "compare", "orbit", "map"):
        there.screen(screen)
        assert there.state("[app.state.query.text, app.state.selected]") == ["星星", chosen]
    there.page.reload()
    there.ready().until("app.state.hits")
    assert there.state("app.state.query.text") == "星星"
    assert there.state("app.items.get(app.state.selected).id") in there.state(
        "decodeURIComponent(location.hash)"
    )


def test_a_picture_from_disk_finds_its_like(visit):
    there = visit("#search")
    there.page.set_input_files(".search input[type=file]", sample.path() / "pictures/emoji-1f34e.png")
    there.until("app.state.query.picture && app.state.hits?.list.length")
    assert there.state("app.state.hits.list[0].id") == APPLE
    assert there.page.text_content(".chip.picture span") == "emoji-1f34e.png"


def test_a_dropped_picture_finds_its_like(visit):
    there = visit("#search")
    content = (sample.path() / "pictures/emoji-1f34e.png").read_bytes()
    there.page.evaluate(
        """bytes => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "dropped.png", {type: "image/png"}));
          const at = document.querySelector(".stage");
          for (const type of ["dragover", "drop"]) {
            at.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));
          }
        }""",
        list(content),
    )
    there.until("app.state.query.picture && app.state.hits?.list.length")
    assert there.state("app.state.hits.list[0].id") == APPLE


def test_two_vectors_side_by_side_are_linked(visit):
    there = visit().screen("compare")
    there.until("app.state.comparison && app.stage.second?.frame")
    assert there.state("app.stage.main.frame.a.n") == there.state("app.stage.second.frame.a.n")
    there.page.mouse.move(*there.place(there.state("app.stage.main.frame.items[0]")))
    there.page.mouse.wheel(0, -400)
    there.until("app.stage.second.camera.zoom > app.stage.second.fitted.zoom * 1.2")
    assert there.state("app.stage.main.camera") == there.state("app.stage.second.camera")
    there.page.click("[data-key=overlap]")
    there.until("app.painter.colours.name === 'overlap'")
    there.page.click(".panel .row button >> nth=0")
    there.until("app.state.panel === 'item'")
    assert there.state("app.stage.plots.map(p => p.overlay.rings.size)") == [1, 1]
    there.screen("map")
    assert there.state("app.stage.second") is None


def test_before_and_after_a_saved_state(visit):
    there = visit().screen("change")
    there.page.fill("[data-key=statename]", "before 訓練")
    there.state("app.panel.render()")  # news of a job come while somebody writes
    assert there.page.input_value("[data-key=statename]") == "before 訓練"
    there.page.click(".save-state button")
    there.until("app.state.states?.length === 1 && app.state.comparison && document.querySelector('#morph')")
    assert there.state("app.state.comparison.overlap_mean") == pytest.approx(1, abs=0.02)
    there.page.select_option("[data-key=After]", "look")
    there.until(
        "app.state.change.b === 'look' && app.state.comparison?.overlap_mean < 0.9 && document.querySelector('#morph')"
    )
    before = there.pixels()
    there.page.focus("#morph")
    there.page.keyboard.press("End")
    there.until("app.stage.main.morph === 1")
    there.page.wait_for_timeout(150)
    assert np.abs(before - there.pixels()).sum(2).astype(bool).sum() > 1000


def test_a_plane_between_two_groups(visit):
    there = visit().screen("plane")
    groups = there.state(
        "(({items, codes}) => [0, 1].map(r => [...items].filter((_, i) => codes[i] === r).slice(0, 40)))"
        "(app.stage.main.frame)"
    )
    for side in groups:
        spots = np.array([there.place(item) for item in side])
        middle = np.median(spots, axis=0)
        near = np.argsort(((spots - middle) ** 2).sum(1))[:15]
        there.loop([side[i] for i in near])
    there.until("app.state.plane")
    told = there.state("({...app.state.plane, items: 0, distance: 0})")
    assert told["accuracy"] > told["control"]["mean"]
    assert there.state("document.querySelectorAll('.histogram rect').length") == 28
    assert there.page.is_visible(".verdict")
    assert there.page.is_visible(".over .across")
    assert "%" in there.page.text_content(".figures")
    there.screen("map")
    assert not there.page.is_visible(".over .across")


def test_three_dimensions_turn(visit):
    there = visit().screen("orbit")
    there.until("app.stage.main.frame.a.dims === 3")
    before = there.pixels()
    x, y = 500, 400
    there.page.mouse.move(x, y)
    there.page.mouse.down()
    there.page.mouse.move(x + 120, y + 40, steps=5)
    there.page.mouse.up()
    assert abs(there.state("app.stage.main.camera.yaw") - 0.5) > 0.5
    there.page.wait_for_timeout(100)
    assert np.abs(before - there.pixels()).sum(2).astype(bool).sum() > 1000
    there.page.mouse.click(*there.place(there.state("app.stage.main.frame.items[5]")))
    there.until("app.state.selected !== null")


def test_files_are_added_and_their_text_is_only_text(visit, tmp_path):
    there = visit().screen("jobs")
    count = there.state("app.state.status.items")
    evil = "<img src=x onerror='window.hurt = 1'> & <b>蘋果派的做法</b>"
    (tmp_path / "evil.txt").write_text(evil, encoding="utf-8")
    there.page.set_input_files(".panel input[type=file]", tmp_path / "evil.txt")
    there.until(f"app.state.status.items === {count + 1}")
    there.until("app.state.jobs.every(j => !['waiting', 'running'].includes(j.state))")
    there.until(f"app.stage.main.frame.a.n === {count + 1}")
    there.ask("蘋果派的做法").until("app.state.hits.list[0]?.text?.includes('onerror')")
    there.page.click("[data-screen=map]")
    there.page.click(".card .open")
    there.until("document.querySelector('.item h2')")
    assert "<b>" in there.page.text_content(".item")
    assert there.state("window.hurt") is None
    assert there.state("document.querySelectorAll('.item b, .card b:not(.percentile b)').length") == 0


def test_a_job_can_be_cancelled(visit):
    there = visit().screen("jobs")
    there.page.click("[data-key=redraw]")
    there.page.click(".job button:has-text('Cancel')")
    there.until("['cancelled', 'done'].includes(app.state.jobs[0].state)")
    assert there.state("app.stage.main.frame.a.n") >= 621


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_on_a_phone(visit, locale):
    there = visit(locale=locale, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    assert there.state("document.documentElement.scrollWidth") <= 390
    assert there.inked() > 800
    there.page.tap(".legend-toggle")
    assert there.page.is_visible("#colour-by")
    there.page.tap(".legend-toggle")
    there.page.touchscreen.tap(*there.place(there.state("app.stage.main.frame.items[100]")))
    there.until("document.querySelector('.item h2')")
    for screen in ("search", "compare", "plane", "jobs"):
        there.screen(screen)
        assert there.state("document.documentElement.scrollWidth") <= 390


def test_without_webgl_the_map_is_drawn_simply_and_says_so(visit, playwright):
    plain = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--disable-3d-apis"])
    there = visit(of=plain)
    assert there.state("app.stage.main.renderer.kind") == "canvas"
    assert "WebGL2" in there.page.text_content(".notice.quiet")
    assert there.inked() > 3000
    there.page.mouse.click(*there.place(there.state("app.stage.main.frame.items[100]")))
    there.until("document.querySelector('.item h2')")
    there.close()
    plain.close()


def test_a_lost_context_comes_back(visit):
    there = visit()
    before = there.inked()
    there.state("(window.lose = app.stage.main.renderer.gl.getExtension('WEBGL_lose_context')).loseContext()")
    there.until("app.stage.main.renderer.lost")
    there.state("window.lose.restoreContext()")
    there.until("!app.stage.main.renderer.lost")
    there.page.wait_for_timeout(200)
    assert there.inked() > before * 0.8


def test_the_map_as_a_png(visit):
    there = visit()
    with there.page.expect_download() as download:
        there.page.click("[aria-label='Save as a picture']")
    assert Path(download.value.path()).read_bytes()[:4] == b"\x89PNG"
    assert download.value.suggested_filename == "sample.png"


def test_one_file_asks_nobody(visit, site, tmp_path):
    from firth.mapping import Shelf
    from firth.server.standalone import one_file

    visit()  # draws the map if there is none
    kept = next(
        k for k in Shelf(site.collection.location).all() if k.plan.space == "meaning" and k.plan.dim == 2
    )
    (tmp_path / "map.html").write_text(one_file(site.collection, kept, name="sample"), encoding="utf-8")
    there = visit(address=(tmp_path / "map.html").as_uri(), locale="zh-TW")
    asked: list[str] = []
    there.page.on("request", lambda request: asked.append(request.url))
    there.page.mouse.click(*there.place(there.state("app.stage.main.frame.items[100]")))
    there.until("document.querySelectorAll('.neighbours .row').length >= 8")
    there.ask("apple").until("app.state.hits.list.length > 0")
    assert there.state("document.querySelectorAll('[data-screen]').length") == 2
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == []
