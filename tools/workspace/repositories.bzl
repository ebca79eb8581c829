"""Repository rules that build external repositories out of what Debian has installed; one fetches a pinned npm package."""

load("@bazel_tools//tools/cpp:lib_cc_configure.bzl", "get_cpu_value")
load("@bazel_tools//tools/cpp:unix_cc_configure.bzl", "configure_unix_toolchain")

def _inline_repository_impl(repository_ctx):
    repository_ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % repository_ctx.name)
    for path, content in repository_ctx.attr.files.items():
        repository_ctx.file(path, content)

inline_repository = repository_rule(
    doc = "A repository whose few small files are written out in WORKSPACE.",
    implementation = _inline_repository_impl,
    attrs = {
        "files": attr.string_dict(doc = "Path to content.", mandatory = True),
    },
)

def _fields(text):
    """Returns the `Key: value` lines of a .pc file as a dict, with ${libdir} left as it is."""
    fields = {}
    for line in text.split("\n"):
        key, colon, value = line.partition(": ")
        if colon and " " not in key:
            fields[key] = value.strip()
    return fields

def _required_names(requires, prefix):
    """Turns "absl_a = 1, absl_b = 1" into [":a", ":b"]."""
    names = []
    for entry in requires.split(","):
        name = entry.strip().partition(" ")[0]
        if name.startswith(prefix):
            names.append(":" + name[len(prefix):])
    return names

def _link_options(libs):
    """Keeps the flags of a Libs line, naming each archive by file so that it is linked statically."""
    options = []
    for flag in libs.split(" "):
        if flag.startswith("-labsl_"):
            options.append("-l:lib" + flag[len("-l"):] + ".a")
        elif flag and not flag.startswith("-L"):
            options.append(flag)
    return options

def _abseil_repository_impl(repository_ctx):
    directory = repository_ctx.path(repository_ctx.attr.pkgconfig_dir)
    if not directory.exists:
        fail("%s is missing: install libabsl-dev (tools/bazel does)" % directory)
    prefix = "absl_"
    public = {name: True for name in repository_ctx.attr.public}
    rules = ["package(default_visibility = [\"//visibility:private\"])"]
    seen = {}
    for path in directory.readdir():
        file_name = path.basename
        if not file_name.startswith(prefix) or not file_name.endswith(".pc"):
            continue
        name = file_name[len(prefix):-len(".pc")]
        seen[name] = True
        fields = _fields(repository_ctx.read(path))
        rules.append("cc_library(name = %r, deps = %r, linkopts = %r%s)" % (
            name,
            _required_names(fields.get("Requires", ""), prefix),
            _link_options(fields.get("Libs", "")),
            ", visibility = [\"//visibility:public\"]" if name in public else "",
        ))
    for name in public:
        if name not in seen:
            fail("this Abseil has no library absl_%s" % name)
    repository_ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % repository_ctx.name)
    repository_ctx.file("BUILD.bazel", "\n".join(rules) + "\n")

abseil_repository = repository_rule(
    doc = """The system's Abseil, one cc_library for each of its own libraries, as @absl//:strings.

Debian's pkg-config files carry the dependency graph of Abseil's own build, so the order and the set of
archives to link is read from them instead of being kept here by hand. Headers come from /usr/include, which
the compiler searches anyway.""",
    implementation = _abseil_repository_impl,
    local = True,
    attrs = {
        "pkgconfig_dir": attr.string(mandatory = True),
        "public": attr.string_list(doc = "The libraries that this project may use."),
    },
)

def _cc_toolchain_repository_impl(repository_ctx):
    compiler = repository_ctx.attr.compiler
    if not repository_ctx.path(compiler).exists:
        fail("%s is missing (tools/bazel installs it)" % compiler)
    configure_unix_toolchain(repository_ctx, get_cpu_value(repository_ctx), {"gcc": compiler})

cc_toolchain_repository = repository_rule(
    doc = """A second C++ toolchain beside @local_config_cc, made the same way for another compiler.

With a repository of its own for each compiler, changing between configurations does not detect anything anew.""",
    implementation = _cc_toolchain_repository_impl,
    configure = True,
    attrs = {
        "compiler": attr.string(doc = "Absolute path of the compiler driver.", mandatory = True),
    },
)

# Another checkout may do the same at this moment: each packs into a folder of its own, and moves the file to its name.
_NPM_PACK = """
set -eu
folder=$(mktemp -d "$2/pack.XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
timeout 120 "$1" pack "$3" --ignore-scripts --fetch-timeout=20000 --fetch-retries=1 --fetch-retry-mintimeout=1000 >&2
mv -- *.tgz "$4"
"""

def _npm_source_repository_impl(repository_ctx):
    package = "%s@%s" % (repository_ctx.attr.package, repository_ctx.attr.version)
    cache = repository_ctx.os.environ["HOME"] + "/.cache/damselfly-npm"
    archive = "%s/%s.tgz" % (cache, package.replace("/", "_"))
    if not repository_ctx.path(archive).exists:
        npm = repository_ctx.which("npm")
        if npm == None:
            fail("npm is missing (tools/bazel installs it)")
        repository_ctx.execute(["mkdir", "-p", cache])
        packed = repository_ctx.execute(["sh", "-c", _NPM_PACK, "sh", npm, cache, package, archive], timeout = 150)
        if packed.return_code != 0:
            fail(("%s cannot be fetched: is an npm registry in reach? It is needed once; then the package lies in %s. " +
                  "npm says:\n%s") % (package, archive, packed.stderr))
    sha256 = repository_ctx.execute(["sha256sum", archive]).stdout.split(" ")[0]
    if sha256 != repository_ctx.attr.sha256:
        fail("%s has the SHA-256 %s, not %s: delete it" % (archive, sha256, repository_ctx.attr.sha256))
    folder = "package/" + repository_ctx.attr.folder
    unpacked = repository_ctx.execute(
        ["tar", "-xzf", archive, "--strip-components=%d" % len(folder.split("/"))] +
        ["%s/%s" % (folder, file) for file in repository_ctx.attr.files],
    )
    if unpacked.return_code != 0:
        fail("%s: %s" % (archive, unpacked.stderr))
    repository_ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % repository_ctx.name)
    repository_ctx.symlink(repository_ctx.attr.build_file, "BUILD.bazel")

npm_source_repository = repository_rule(
    doc = """Some source files of a package that Debian does not have, out of one that npm does have.

The package is fetched once, by `npm pack`, and kept in ~/.cache/damselfly-npm: later checkouts need no network. Nothing of
it is ever run.""",
    implementation = _npm_source_repository_impl,
    environ = ["HOME"],
    attrs = {
        "package": attr.string(mandatory = True),
        "version": attr.string(mandatory = True),
        "sha256": attr.string(doc = "Of the package as `npm pack` writes it.", mandatory = True),
        "folder": attr.string(doc = "Where in the package the files lie.", mandatory = True),
        "files": attr.string_list(mandatory = True),
        "build_file": attr.label(mandatory = True),
    },
)
