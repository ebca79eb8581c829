"""Shows that each rule fires on a small bad input, and keeps quiet on the good one beside it."""

import unittest

from build_files import BuildFileError, read_packages
from cpp_scopes import mutable_statics
from layer_rules import check_includes, check_visibility
from layers import LAYERS, may_include
from lint import all_findings, without_exceptions
from reach_rules import check_reach
from draw_rules import check_draw_order
from seam_rules import check_hash_order, check_mutable_statics, check_seam
from source_tree import Finding, SourceTree, mask
from style_rules import check_header_guards, check_readmes, check_text
from threaded_tests import threaded_tests

LEFTOVER = "TO" + "DO"


def tree_of(**files):
    """A tree of files given as server__store__x_h="..." (a double underscore for /, the last single one for a dot)."""
    tree = SourceTree("")
    for name, text in files.items():
        path = name.replace("__", "/")
        stem, _, suffix = path.rpartition("_")
        tree.add(f"{stem}.{suffix}", text)
    return tree


def rules(findings):
    return [finding.rule for finding in findings]


class SeamTest(unittest.TestCase):
    def fires(self, rule, code, path="server__store__x_cc"):
        self.assertEqual(rules(check_seam(tree_of(**{path: code}))), [rule], code)

    def quiet(self, code, path="server__store__x_cc"):
        self.assertEqual(list(check_seam(tree_of(**{path: code}))), [], code)

    def test_clocks(self):
        for code in ("auto t = std::chrono::steady_clock::now();", "return time(nullptr);", "x = ::clock_gettime(a, b);",
                     "auto now = absl::Now();", "gettimeofday(&tv, nullptr);", "n = __rdtsc();"):
            self.fires("clock", code)

    def test_randomness(self):
        for code in ("std::random_device d;", "int x = rand();", "absl::BitGen gen;", "getrandom(p, 8, 0);"):
            self.fires("random", code)

    def test_threads_and_sleep(self):
        for code in ("std::thread t(f);", "std::this_thread::yield();", "thread_local int x = 0;", "pthread_create(a, b, c, d);",
                     "std::condition_variable done;"):
            self.fires("thread", code)
        for code in ("usleep(3);", "absl::SleepFor(d);"):
            self.fires("sleep", code)

    def test_environment_sockets_and_files(self):
        self.fires("environment", 'auto* home = std::getenv("HOME");')
        for code in ("int fd = socket(a, b, c);", "epoll_wait(a, b, c, d);", 'FILE* f = fopen("a", "r");', "std::ofstream out;",
                     'std::cerr << "x";', "int fd = ::open(path, 0);"):
            self.fires("system-call", code)

    def test_headers(self):
        for code in ("#include <thread>", "#include <sys/socket.h>", "#include <unistd.h>", '#include "absl/random/random.h"'):
            self.fires("header", code)
        self.quiet("#include <vector>\n#include <sys/types.h>")

    def test_order_by_address(self):
        for code in ("std::map<Slot*, int> m;", "std::set<const Client *> s;", "auto h = absl::HashOf(key);"):
            self.fires("address-order", code)
        self.quiet("std::map<std::string, Slot*> m;")

    def test_members_comments_strings_and_declarations_are_not_calls(self):
        for code in ("loop.time(3);", "files->open(x);", "// time(nullptr)", '"rand()"', "/* std::thread */", "Clock::clock(3);",
                     "Random& random() { return r_; }", "Random random(seed);", "int runtime(3);", "R\"(std::thread)\""):
            self.quiet(code)

    def test_a_name_that_the_file_declares_is_its_own(self):
        self.quiet("Clock& clock();\nvoid F() { clock().Read(); }")
        self.quiet("for (const auto& [name, write] : kWriters) write(reply);")
        self.fires("clock", "Clock& clock();\nvoid F() { ::clock(); }")

    def test_the_real_side_and_tests_may(self):
        for path in ("server__posix__x_cc", "server__main_cc", "server__store__x_test_cc", "benchmarks__x_cc", "tools__x_cc",
                     "server__store__testing__x_cc"):
            self.quiet("std::thread t(f);", path)
        self.fires("thread", "std::thread t(f);", "sim__world__x_cc")


class StaticsTest(unittest.TestCase):
    def found(self, code):
        return [what for _, what in mutable_statics(mask(code))]

    def test_globals(self):
        for code in ("namespace a { int g = 0; }", "std::string name;", 'const char* p = "x";', "static int n;", "int A::n = 0;",
                     "std::vector<int> v{1, 2};"):
            self.assertEqual(self.found(code), ["mutable global"], code)

    def test_members_and_locals(self):
        self.assertEqual(self.found("class A { static int n; };"), ["mutable static member"])
        for code in ("void F() { static int n = 0; }", "void F() { G([] { static int n; }); }",
                     "A::A() : b_{1} { static const auto* t = new int; }"):
            self.assertEqual(self.found(code), ["function-local static"], code)

    def test_constants_functions_and_types_pass(self):
        for code in ("constexpr int k = 3;", "const int k{3};", 'const char* const p = "x";', "int F(int x = 3);", "using X = int;",
                     "struct S { int n = 0; static S Make(); static constexpr int k = 1; };", "enum class E { a, b = 2 };",
                     "void F() { int n = 0; static constexpr int k = 1; }", "bool operator==(A a, A b) { return true; }",
                     "template <typename T> concept C = requires(T t) { t.x(); };", "extern int n;", "class A;",
                     "template <typename T = void>\nclass Task;", "template <typename T = int> struct S { T t = 3; };",
                     "constexpr int64_t k = int64_t{100} * 365;", "const A kA[] = {{1}, {2}};", "A::A(int b)\n    : b_{b}, c_(b) {}"):
            self.assertEqual(self.found(code), [], code)

    def test_reported_for_server_and_simulator_alone(self):
        self.assertEqual(rules(check_mutable_statics(tree_of(server__posix__x_cc="int g;", sim__x_cc="int g;", tools__x_cc="int g;",
                                                             server__x_test_cc="int g;"))), ["static", "static"])

    def test_the_simulator_may_hold_constants_made_on_first_use(self):
        code = "void F() { static const auto& t = *new Table; }"
        self.assertEqual(rules(check_mutable_statics(tree_of(sim__x_cc=code, server__x_cc=code))), ["static"])


class DrawOrderTest(unittest.TestCase):
    def found(self, code, **others):
        return [(finding.path, finding.line) for finding in check_draw_order(tree_of(sim__x_cc=code, **others))]

    def test_two_arguments_that_draw(self):
        for code in ("F(d->Below(2), d->Below(3));", 'absl::StrCat(d_.Chance(1, 2) ? "(" : "", d_.Below(9));',
                     "int N() { return d_->Below(5); }\nint M() { return N(); }\nvoid F() { G(M(), 1, N()); }"):
            self.assertEqual(self.found(code)[:1], [("sim/x.cc", code.count("\n") + 1)], code)

    def test_functions_that_draw_in_the_source_of_an_included_header(self):
        code = '#include "sim/y.h"\nvoid X::F() { G(Number(), Number()); }'
        others = {"sim__y_h": "int Number();", "sim__y_cc": "int Number() { return d->Below(2); }"}
        self.assertEqual(self.found(code, **others), [("sim/x.cc", 2)])

    def test_what_has_an_order_passes(self):
        for code in ("Args a = {d->Below(2), d->Below(3)};", "F({d->Below(2), d->Below(3)});", "F(d->Below(2), 3);",
                     "if (d->Chance(1, 2) && d->Chance(1, 3)) {}", "F(d->Below(2), [d] { return d->Below(3); });"):
            self.assertEqual(self.found(code), [], code)


class HashOrderTest(unittest.TestCase):
    DECLARED = "absl::flat_hash_map<std::string, std::vector<int>> index_;\n"

    def found(self, code, **others):
        return [(finding.path, finding.line) for finding in check_hash_order(tree_of(server__store__x_cc=code, **others))]

    def test_walks(self):
        here = [("server/store/x.cc", 2)]
        for code in ("for (const auto& [key, value] : index_) {}", "for (auto& x : this->index_) {}", "auto i = index_.begin();",
                     "std::vector<int> v(index_.begin(), index_.end());", "absl::c_for_each(index_, f);"):
            self.assertEqual(self.found(self.DECLARED + code)[:1], here, code)

    def test_walks_over_what_a_header_declares(self):
        header = "using Index = std::unordered_set<int>;\nconst Index& index() const;\n"
        code = '#include "server/store/x.h"\nvoid F() { for (int i : a.index()) {} }'
        self.assertEqual(self.found(code, server__store__x_h=header), [("server/store/x.cc", 2)])

    def test_a_stated_reason_and_other_uses_pass(self):
        for code in ("for (auto& x : index_) {}  // order-free: only counts", "// order-free: a sum\nfor (auto& x : index_) n += x;",
                     "auto i = index_.find(3);", "for (auto& x : list_) {}", "for (int i = 0; i < 3; ++i) index_.erase(i);"):
            self.assertEqual(self.found(self.DECLARED + code), [], code)
        self.assertEqual(len(self.found(self.DECLARED + "for (auto& x : index_) {}  // order-free:")), 1)


class LayerTest(unittest.TestCase):
    def test_includes_against_the_arrows(self):
        tree = tree_of(server__store__x_cc='#include "server/session/session.h"\n#include "server/base/check.h"\n',
                       server__base__x_h='#include "server/runtime/clock.h"\n',
                       sim__x_cc='#include "server/posix/loop.h"\n#include "server/node.h"\n',
                       server__node_cc='#include "server/posix/loop.h"\n',
                       server__main_cc='#include "server/posix/loop.h"\n#include "server/node.h"\n')
        found = [(finding.path, finding.line) for finding in check_includes(tree)]
        self.assertEqual(found, [("server/base/x.h", 1), ("server/node.cc", 1), ("server/store/x.cc", 1), ("sim/x.cc", 1)])

    def test_arrows_are_followed(self):
        self.assertTrue(may_include("server/session/x.cc", "server/base/check.h"))
        self.assertFalse(may_include("server/base/x.cc", "server/session/session.h"))

    def test_an_arrow_to_one_header_allows_that_one_alone(self):
        self.assertTrue(may_include("server/store/x.cc", "server/runtime/random.h"))
        self.assertFalse(may_include("server/store/x.cc", "server/runtime/network.h"))

    def test_the_table_has_no_cycle(self):
        for name in LAYERS:
            for arrow in LAYERS[name]:
                if arrow in LAYERS:
                    self.assertFalse(may_include(arrow + "/x.cc", name + "/x.h"), f"{name} <-> {arrow}")

    def visibility(self, text, path="server__store__BUILD_bazel"):
        tree = tree_of(**{path: text})
        return rules(check_visibility(tree, read_packages(tree)))

    def test_visibility(self):
        self.assertEqual(self.visibility('cc_library(name = "a")'), ["visibility"])
        self.assertEqual(self.visibility('package(default_visibility = ["//visibility:public"])'), ["visibility"])
        self.assertEqual(self.visibility('package(default_visibility = ["//server/base:__pkg__"])'), ["visibility"])
        self.assertEqual(self.visibility('cc_library(name = "a", visibility = ["//benchmarks:__pkg__"])',
                                         "server__session__BUILD_bazel"), ["visibility"])
        self.assertEqual(self.visibility('cc_library(name = "a", visibility = ["//benchmarks:__pkg__"])',
                                         "server__BUILD_bazel"), ["visibility"])
        for good in ('package(default_visibility = ["//server:__subpackages__", "//sim:__subpackages__"])',
                     'cc_library(name = "a", visibility = ["//server/commands:__pkg__"])',
                     'cc_test(name = "a_test")\ncc_binary(name = "b", visibility = ["//visibility:public"])'):
            self.assertEqual(self.visibility(good), [], good)

    def test_a_package_names_main_for_posix(self):
        self.assertEqual(self.visibility('package(default_visibility = ["//server:__pkg__"])', "server__posix__BUILD_bazel"), [])

    def test_a_broken_build_file_is_told(self):
        with self.assertRaises(BuildFileError):
            read_packages(tree_of(server__BUILD_bazel="cc_library(name = "))


class ThreadedTestsTest(unittest.TestCase):
    def found(self, build, **others):
        tree = tree_of(server__store__BUILD_bazel=build, **others)
        return list(threaded_tests(tree, read_packages(tree)))

    def test_who_starts_threads_itself(self):
        build = 'cc_test(name = "a_test", srcs = ["a_test.cc"])\ncc_test(name = "b_test", srcs = ["b_test.cc"])'
        self.assertEqual(self.found(build, server__store__a_test_cc="#include <thread>\n", server__store__b_test_cc="#include <string>\n"),
                         ["//server/store:a_test"])

    def test_who_reaches_threads_or_the_server(self):
        build = ('cc_library(name = "x", srcs = ["x.cc"])\ncc_test(name = "x_test", deps = [":x"])\n'
                 'cc_binary(name = "server", deps = ["//server/posix:loop"])\nsh_test(name = "s_test", data = [":server"])\n'
                 'sh_test(name = "other_test", data = ["//server/posixish:loop"])')
        self.assertEqual(self.found(build, server__store__x_cc="#include <thread>\n"), ["//server/store:x_test", "//server/store:s_test"])


class ReachTest(unittest.TestCase):
    LIBRARY = 'cc_library(name = "x", srcs = ["x.cc"], hdrs = ["x.h"])\n'

    def found(self, build, **others):
        tree = tree_of(server__store__BUILD_bazel=build, server__store__x_h="", server__store__x_cc="", **others)
        return [finding.path for finding in check_reach(tree, read_packages(tree))]

    def test_without_a_test(self):
        self.assertEqual(self.found(self.LIBRARY), ["server/store/x.cc", "server/store/x.h"])

    def test_in_no_target(self):
        self.assertEqual(self.found('cc_library(name = "x", hdrs = ["x.h"])\ncc_test(name = "x_test", deps = [":x"])'),
                         ["server/store/x.cc"])

    def test_a_test_of_the_package_reaches_through_dependencies(self):
        build = 'cc_library(name = "y", deps = [":x"])\ncc_test(name = "y_test", deps = [":y"])'
        self.assertEqual(self.found(self.LIBRARY + build), [])

    def test_a_test_elsewhere_reaches_what_it_includes_or_names(self):
        self.assertEqual(self.found(self.LIBRARY, testing__a__a_test_cc='#include "server/store/x.h"\n'), [])
        for build in ('cc_test(name = "a_test", deps = ["//server/store:x"])', 'sh_test(name = "a_test", data = ["//server/store:x"])'):
            self.assertEqual(self.found(self.LIBRARY, testing__a__BUILD_bazel=build), [], build)

    def test_a_test_elsewhere_reaches_no_further(self):
        build = 'cc_library(name = "b", deps = ["//server/store:x"])\ncc_test(name = "a_test", deps = [":b"])'
        self.assertEqual(len(self.found(self.LIBRARY, testing__a__BUILD_bazel=build)), 2)

    def test_a_header_without_a_source_needs_no_test_near_it(self):
        build = 'cc_library(name = "b", deps = ["//server/store:x"])\ncc_test(name = "a_test", deps = [":b"])'
        tree = tree_of(server__store__BUILD_bazel='cc_library(name = "x", hdrs = ["x.h"])', server__store__x_h="",
                       testing__a__BUILD_bazel=build)
        self.assertEqual(list(check_reach(tree, read_packages(tree))), [])

    def test_globs_and_loaded_macros_are_understood(self):
        build = 'load("//x:y.bzl", "scenario_test")\n[scenario_test(name = n + "_test", deps = [":x"]) for n in ["a"]]\n'
        self.assertEqual(self.found('cc_library(name = "x", srcs = glob(["*.cc"]), hdrs = glob(["*.h"]))\n' + build), [])


class StyleTest(unittest.TestCase):
    def test_text(self):
        for text, rule in (("x\n" * 801, "length"), ("a \n", "whitespace"), ("\tint a;\n", "whitespace"), ("// " + LEFTOVER + "\n", "leftover"),
                           ('"/ho' + 'me/ann/x"\n', "path"), ("// see /wo" + "rk/main\n", "path"), ("int a;", "whitespace"),
                           ("__builtin_prefetch(p);\n", "prefetch")):
            self.assertEqual(rules(check_text(tree_of(tools__x_cc=text))), [rule], text[:20])
        for text in ("x\n" * 800, "// the TO-DO list, server/work/x, /tmp/ro" + "ot/x\n", ""):
            self.assertEqual(rules(check_text(tree_of(tools__x_cc=text))), [], text[:20])

    def test_header_guards(self):
        def guarded(name):
            return f"#ifndef {name}\n#define {name}\n\n#endif  // {name}\n"
        for text in ("int a;\n", "#pragma once\n", guarded("X_H_"), "#ifndef DAMSELFLY_TOOLS_X_H_\n#define DAMSELFLY_TOOLS_X_H_\n#endif\n"):
            self.assertEqual(rules(check_header_guards(tree_of(tools__x_h=text))), ["guard"], text)
        self.assertEqual(rules(check_header_guards(tree_of(tools__x_h=guarded("DAMSELFLY_TOOLS_X_H_")))), [])

    def test_readmes(self):
        found = check_readmes(tree_of(tools__x_cc="", tools__README_md="", sim__a__x_cc="", sim__testdata__x_json=""))
        self.assertEqual([finding.path for finding in found], ["sim/a/README.md"])


class ExceptionsTest(unittest.TestCase):
    FINDING = Finding("sim/main.cc", 3, "clock", "reads a clock")

    def test_an_exception_covers_its_rule_in_its_file_or_folder(self):
        for path in ("sim/main.cc", "sim/"):
            self.assertEqual(without_exceptions([self.FINDING], [(path, "clock", "shows progress")]), [])

    def test_an_exception_that_covers_nothing_is_a_finding(self):
        self.assertEqual(rules(without_exceptions([self.FINDING], [("sim/main.cc", "thread", "why")])), ["clock", "exception"])

    def test_all_rules_run_together(self):
        tree = tree_of(server__store__x_h=f"int g;  // {LEFTOVER}\n#include <thread>\n#include \"sim/x.h\"\nstd::thread t(f);\n")
        self.assertLessEqual({"static", "leftover", "header", "layer", "thread", "guard", "readme", "reach"},
                             set(rules(all_findings(tree))))


if __name__ == "__main__":
    unittest.main()
