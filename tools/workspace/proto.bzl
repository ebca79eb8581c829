"""cc_proto: C++ code for .proto files, made by the system's protoc."""

def cc_proto(name, srcs, deps = [], visibility = None, testonly = None):
    """Compiles .proto files into one cc_library.

    Headers are included by their path from the repository root: "server/cluster/config.pb.h" for
    server/cluster/config.proto. A .proto imports others by such a path too.

    Args:
      name: the cc_library.
      srcs: the .proto files, all in this package.
      deps: other cc_proto targets whose files these import.
      visibility: as everywhere; the default of the package when not given.
      testonly: as everywhere.
    """
    outs_cc = [src.replace(".proto", ".pb.cc") for src in srcs]
    outs_h = [src.replace(".proto", ".pb.h") for src in srcs]
    native.filegroup(
        name = name + "_protos",
        srcs = srcs + [_protos_of(dep) for dep in deps],
        testonly = testonly,
        visibility = visibility,
    )
    native.genrule(
        name = name + "_protoc",
        srcs = srcs + [_protos_of(dep) for dep in deps],
        outs = outs_cc + outs_h,
        cmd = "/usr/bin/protoc --proto_path=. --proto_path=$(GENDIR) --cpp_out=$(GENDIR) " +
              " ".join(["$(location %s)" % src for src in srcs]),
        message = "Compiling the protocol buffers of",
        testonly = testonly,
        visibility = ["//visibility:private"],
    )
    native.cc_library(
        name = name,
        srcs = outs_cc,
        hdrs = outs_h,
        # Generated code is not ours to keep free of warnings.
        copts = ["-w"],
        testonly = testonly,
        visibility = visibility,
        deps = deps + ["@protobuf//:protobuf"],
    )

def _protos_of(dep):
    return dep + "_protos" if ":" in dep else dep + ":" + dep.rpartition("/")[2] + "_protos"
