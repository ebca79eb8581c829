"""The page that `//sim:run --picture` writes, looked at in a real browser: it opens without a complaint and without the
network, shows all that is in it, does what is asked of it, and marks the violated oracle."""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

from browser import Browser

_ROOT = os.path.join(os.environ.get("TEST_SRCDIR", ""), os.environ.get("TEST_WORKSPACE", ""))
_RUN = os.path.join(_ROOT, "sim/run") if os.environ.get("TEST_SRCDIR") else "bazel-bin/sim/run"


def _picture(folder, name, scenario, *arguments):
    """Writes a page; returns its path."""
    path = os.path.join(folder, name + ".html")
    if scenario.endswith(".textproto"):
        scenario = os.path.join(_ROOT, "testing/scenarios", scenario)
    run = subprocess.run([_RUN, f"--scenario={scenario}", "--repeat_every=0", f"--picture={path}", *arguments],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert os.path.exists(path), run.stdout
    return path


def _picture_with(folder, name, scenario, wanted):
    """The page of the first seed whose data are as wanted."""
    for seed in range(1, 60):
        path = _picture(folder, name, scenario, f"--seed={seed}")
        data = _data_of(path)
        if not data["head"]["failed"] and wanted(data):
            return path
    raise AssertionError(f"{scenario}: no seed has what this test is about")


def _count(data, kind):
    return sum(data["kinds"][event[2]] == kind for event in data["events"])


def _data_of(path):
    with open(path, encoding="ascii") as file:
        return json.loads(re.search(r'<script type="application/json" id="run">(.*?)</script>', file.read()).group(1))


class PictureCase(unittest.TestCase):
    """One page, opened anew for each test."""

    ARGUMENTS = None  # of _picture
    WANTED = None  # of _picture_with, in place of a seed

    @classmethod
    def setUpClass(cls):
        if cls.ARGUMENTS is None:
            raise unittest.SkipTest("has no page")
        cls.folder = tempfile.mkdtemp(prefix="pictures.", dir=os.environ.get("TEST_TMPDIR"))
        if cls.WANTED is None:
            cls.path = _picture(cls.folder, *cls.ARGUMENTS)
        else:
            cls.path = _picture_with(cls.folder, *cls.ARGUMENTS, cls.WANTED)
        cls.data = _data_of(cls.path)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.__exit__)

    def setUp(self):
        self.page = self.browser.open(self.path)
        self.page.wait_for("typeof picture === 'object' && picture.drawings > 0")
        box = self.page.evaluate("(() => { const r = document.getElementById('lanes').getBoundingClientRect(); "
                                 "return [r.x, r.y, r.width, r.height]; })()")
        self.left, self.top, self.width, self.height = box

    def tearDown(self):
        self.assertEqual([], self.page.errors())
        self.page.call("Page.close")

    def drawn(self):
        self.page.settle()
        return self.page.evaluate("picture.drawn")

    def window(self):
        return self.page.evaluate("[picture.layout.begin, picture.layout.end]")

    def selected(self):
        return self.page.evaluate("picture.selected === null ? null : {index: picture.selected.index, kind: picture.selected.kind, "
                                  "host: picture.selected.host, connection: picture.selected.connection, to: picture.selected.to}")

    def text(self, selector):
        return self.page.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")

    def whole(self):
        self.page.click_on("#whole")

    def colors_near(self, time_expression, y):
        """Colours on the lanes' canvas around the place of a time."""
        return self.page.evaluate(f"""(() => {{
            const ratio = window.devicePixelRatio, x = picture.layout.x({time_expression});
            const pixels = picture.canvas.getContext('2d').getImageData((x - 3) * ratio, {y} * ratio, 7 * ratio, 1).data;
            return Array.from({{length: pixels.length / 4}}, (_, i) => Array.from(pixels.slice(i * 4, i * 4 + 3)));
        }})()""")


class ClusterWithABug(PictureCase):
    ARGUMENTS = ("cluster", "config_pushed_late_and_twice.textproto", "--seeds=1..60", "--mutant=moved-to-old-owner")

    def test_nothing_is_fetched_but_the_page(self):
        self.assertEqual([self.page.url], self.page.requests())

    def test_every_host_has_its_lane(self):
        names = [name for name, _ in self.data["hosts"]]
        self.assertIn("node 0", names)
        self.assertIn("control plane", names)
        self.assertEqual(names, self.drawn()["hosts"])

    def test_lanes_are_not_blank(self):
        colors = self.page.evaluate("""(() => {
            const {canvas} = picture, all = new Set();
            const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            for (let i = 0; i < pixels.length; i += 4) all.add(pixels[i] << 16 | pixels[i + 1] << 8 | pixels[i + 2]);
            return all.size;
        })()""")
        self.assertGreater(colors, 50)

    def test_head_tells_which_run_it_is(self):
        facts = self.text("#facts")
        head = self.data["head"]
        for part in (head["scenario"], head["seed"], head["hash"], "moved-to-old-owner"):
            self.assertIn(part, facts)

    def test_violated_oracle_is_marked(self):
        head = self.data["head"]
        self.assertTrue(head["failed"])
        verdict = self.text("#verdict")
        self.assertIn(head["oracle"], verdict)
        self.assertIn(head["message"], verdict)
        self.whole()
        drawn = self.drawn()
        self.assertTrue(drawn["violation"])
        self.assertGreaterEqual(drawn["evidence"], 1)
        bad = self.page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--bad').trim()")
        wanted = [int(bad[i:i + 2], 16) for i in (1, 3, 5)]
        self.assertIn(wanted, self.colors_near("picture.run.head.end_ns", self.height - 12))
        self.assertIn(head["oracle"], self.page.evaluate("document.getElementById('lanes').getAttribute('aria-label')"))

    def test_page_opens_where_the_oracle_points(self):
        begin, end = self.window()
        self.assertEqual(self.page.evaluate("picture.run.evidence[0].host"), self.selected()["host"])
        self.assertIn("node ", self.text("#details h2"))
        times = [time for time in self.page.evaluate("picture.run.evidence.map(({time}) => time)") if time is not None]
        self.assertTrue(times)
        for time in times:
            self.assertTrue(begin <= time <= end)
        self.whole()
        self.page.press("v")
        self.assertEqual([begin, end], self.window())

    def test_ownership_is_a_band_on_each_node(self):
        self.whole()
        self.assertGreater(self.drawn()["bands"], 5)
        owners = self.page.evaluate("[...new Set(picture.run.hosts.flatMap(host => host.states).flatMap(state => state.ranges || [])"
                                    ".map(range => range.owner))]")
        self.assertGreater(len(owners), 2)

    def test_wheel_zooms_where_the_pointer_is(self):
        self.whole()
        begin, end = self.window()
        x, y = self.left + self.width * 0.6, self.top + 60
        at = self.page.evaluate(f"picture.layout.time({x - self.left})")
        before = self.drawn()["events"]
        self.page.wheel(x, y, -600)
        zoomed_begin, zoomed_end = self.window()
        self.assertLess(zoomed_end - zoomed_begin, (end - begin) * 0.6)
        self.assertAlmostEqual(at, self.page.evaluate(f"picture.layout.time({x - self.left})"), delta=(end - begin) * 0.002)
        self.assertLess(self.drawn()["events"], before)
        self.page.wheel(x, y, 600)
        self.assertAlmostEqual(end - begin, self.window()[1] - self.window()[0], delta=(end - begin) * 0.05)

    def test_wheel_with_shift_moves(self):
        begin, end = self.window()
        self.page.wheel(self.left + 400, self.top + 60, -200, shift=True)
        moved_begin, moved_end = self.window()
        self.assertLess(moved_begin, begin)
        self.assertAlmostEqual(end - begin, moved_end - moved_begin, delta=2)

    def test_buttons_and_keys_zoom(self):
        begin, end = self.window()
        self.page.click_on("#zoom-in")
        self.assertAlmostEqual((end - begin) / 2, self.window()[1] - self.window()[0], delta=2)
        self.page.press("+")
        self.assertAlmostEqual((end - begin) / 4, self.window()[1] - self.window()[0], delta=2)
        self.page.press("-")
        self.page.click_on("#zoom-out")
        self.assertAlmostEqual(end - begin, self.window()[1] - self.window()[0], delta=2)
        self.page.press("0")
        self.assertGreaterEqual(self.window()[1], self.data["head"]["end_ns"])

    def test_dragging_moves(self):
        begin, end = self.window()
        selected = self.selected()
        self.page.drag(self.left + 400, self.top + 60, self.left + 600, self.top + 60)
        moved_begin, _ = self.window()
        self.assertAlmostEqual((end - begin) * 200 / (self.width - 132), begin - moved_begin, delta=(end - begin) * 0.01)
        self.assertEqual(selected, self.selected())

    def test_kinds_can_be_left_out(self):
        self.whole()
        before = self.drawn()
        self.assertGreater(before["messages"], 50)
        self.page.click_on('[data-kind="message"]')
        without = self.drawn()
        self.assertEqual(0, without["messages"])
        self.assertLess(without["events"], before["events"])
        self.assertGreater(without["events"], 0)
        self.page.click_on('[data-kind="message"]')
        self.assertEqual(before, self.drawn())

    def test_text_finds_events(self):
        everything = self.page.evaluate("picture.shown.length")
        self.page.press("/")
        self.page.type("cluster configuration applied")
        found = self.page.evaluate("picture.shown.map(index => picture.run.events[index].text)")
        self.assertTrue(0 < len(found) < everything)
        for text in found:
            self.assertIn("Cluster configuration applied", text)
        self.assertIn(f"{len(found)} of", self.text("#count"))
        self.assertIn("configuration applied", self.text("#rows"))

    def test_one_lane_can_be_seen_alone(self):
        self.page.click(self.left + 50, self.top + 60)
        self.assertEqual(["node 0"], self.drawn()["hosts"])
        self.assertEqual({0}, set(self.page.evaluate("picture.shown.map(index => picture.run.events[index].host)")))
        self.page.click_on("#all-hosts")
        self.assertEqual(len(self.data["hosts"]), len(self.drawn()["hosts"]))

    def test_arrows_step_through_the_events_that_are_shown(self):
        self.page.press("Escape")
        self.assertIn("No event selected", self.text("#details"))
        self.page.press("ArrowRight")
        first = self.selected()
        self.assertGreaterEqual(self.page.evaluate("picture.selected.time"), self.window()[0])
        details = self.text("#details")
        self.assertNotIn("No event selected", details)
        self.page.press("ArrowRight")
        second = self.selected()
        self.assertEqual(first["index"] + 1, second["index"])
        self.assertNotEqual(details, self.text("#details"))
        self.page.press("ArrowLeft")
        self.assertEqual(first, self.selected())
        self.page.click_on("#next")
        self.assertEqual(second, self.selected())
        self.page.press("Escape")
        self.assertIsNone(self.selected())

    def test_steps_pass_over_what_is_left_out(self):
        self.page.click_on('[data-kind="message"]')
        for _ in range(5):
            self.page.press("ArrowRight")
            self.assertNotIn(self.selected()["kind"], ("read", "write"))

    def test_steps_can_stay_on_a_host_or_a_connection(self):
        self.page.press("ArrowRight")
        host = self.selected()["host"]
        for _ in range(4):
            self.page.press("ArrowDown")
            self.assertEqual(host, self.selected()["host"])
        while not self.selected()["connection"]:
            self.page.press("ArrowRight")
        start = self.selected()
        self.page.press("ArrowRight", shift=True)
        self.assertEqual(start["connection"], self.selected()["connection"])

    def test_enter_goes_to_the_other_end_of_a_message(self):
        index = self.page.evaluate("picture.run.events.find(event => event.kind === 'write' && event.to.length > 0).index")
        self.page.evaluate(f"picture.select(picture.run.events[{index}])")
        write = self.selected()
        self.page.press("Enter")
        self.assertEqual(write["to"][0], self.selected()["index"])
        self.assertNotEqual(write["host"], self.selected()["host"])
        self.assertEqual("read", self.selected()["kind"])
        begin, end = self.window()
        self.assertTrue(begin <= self.page.evaluate("picture.selected.time") <= end)

    def test_click_selects_and_the_list_follows(self):
        x, y, index = self.page.evaluate("(() => { const places = picture.painter.places; "
                                         "const place = places[Math.floor(places.length / 2)]; "
                                         "return [place.x, place.y, place.event.index]; })()")
        self.page.move(self.left + x, self.top + y)
        self.assertFalse(self.page.evaluate("document.getElementById('tip').hidden"))
        self.page.click(self.left + x, self.top + y)
        chosen = self.selected()
        self.assertLess(abs(index - chosen["index"]), 200)
        self.assertEqual(self.text("#details h2").split(" ")[0], self.text('[aria-selected="true"] span:nth-child(2)').split(" ")[0])

    def test_light_and_dark_can_be_read(self):
        contrasts = """(() => {
            const style = getComputedStyle(document.documentElement);
            const light = (name) => {
              const hex = style.getPropertyValue(name).trim();
              const part = (i) => { const c = parseInt(hex.slice(i, i + 2), 16) / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
              return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
            };
            const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
            return {
              theme: document.documentElement.dataset.theme,
              ink: Math.min(contrast('--ink', '--ground'), contrast('--ink', '--panel'), contrast('--ink', '--lane')),
              soft: Math.min(contrast('--soft', '--panel'), contrast('--soft', '--lane')),
              marks: Math.min(...['--bad', '--fault', '--request', '--reply', '--refusal', '--between', '--good', '--accent'].map(
                (name) => contrast(name, '--lane'))),
            };
        })()"""
        for theme in ("light", "dark"):
            self.page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
            self.page.settle()
            found = self.page.evaluate(contrasts)
            self.assertEqual(theme, found["theme"])
            self.assertGreater(found["ink"], 7)
            self.assertGreater(found["soft"], 4.5)
            self.assertGreater(found["marks"], 3)

    def test_controls_have_names(self):
        unnamed = self.page.evaluate("""[...document.querySelectorAll('button, input, canvas, [role]')].filter((element) =>
            !element.getAttribute('aria-label') && !element.textContent.trim() && !element.closest('label') &&
            !['tip', 'verdict'].includes(element.id)).map((element) => element.outerHTML)""")
        self.assertEqual([], unnamed)


class ReplicationWithABug(PictureCase):
    ARGUMENTS = ("replication", "replication_everything_at_once.textproto", "--seeds=1..60", "--mutant=early-stable")

    def test_roles_are_bands_and_the_violation_is_marked(self):
        self.whole()
        drawn = self.drawn()
        self.assertEqual([name for name, _ in self.data["hosts"]], drawn["hosts"])
        self.assertTrue(drawn["violation"])
        self.assertGreater(drawn["bands"], 3)
        roles = set(self.page.evaluate("picture.run.hosts.flatMap(host => host.states).map(state => state.role)"))
        self.assertTrue({"master", "replica", "loading"} <= roles, roles)

    def test_nodes_speak_to_each_other(self):
        self.assertTrue(self.page.evaluate("picture.run.events.some(event => event.to.length > 0 && "
                                           "messageClass(picture.run, event) === 'between')"))


class RunWithFaultsThatPassed(PictureCase):
    ARGUMENTS = ("faults", "replication_everything_at_once.textproto")
    WANTED = staticmethod(lambda data: _count(data, "fault") > 20 and _count(data, "stop") > 1 and data["faults"])

    def test_nothing_is_marked_as_violated(self):
        self.assertFalse(self.data["head"]["failed"])
        self.assertIn("Passed", self.text("#verdict"))
        self.assertFalse(self.drawn()["violation"])
        self.assertTrue(self.page.evaluate("document.getElementById('to-violation').disabled"))

    def test_deaths_and_faults_are_shown(self):
        self.whole()
        lives = self.page.evaluate("Math.max(...picture.run.hosts.map(host => host.lives.length))")
        self.assertGreater(lives, 1)
        self.assertGreater(self.drawn()["faults"], 0)
        shown = self.drawn()["events"]
        self.page.click_on('[data-kind="fault"]')
        # The healing is one of them.
        self.assertEqual(shown - _count(self.data, "fault") - 1, self.drawn()["events"])


class LongRun(PictureCase):
    ARGUMENTS = ("long", "replication_everything_at_once.textproto")
    WANTED = staticmethod(lambda data: data["head"]["dropped"] > 0)

    def test_only_the_last_events_are_there_and_the_page_says_so(self):
        dropped = self.data["head"]["dropped"]
        self.assertGreater(dropped, 0)
        self.assertIn(f"Only the last {len(self.data['events'])}", self.text("#verdict"))
        self.whole()
        self.assertGreater(self.drawn()["events"], 10000)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
