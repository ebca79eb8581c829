"""Which of our own static libraries a target is made of."""

def _own_libraries_impl(ctx):
    archives = []
    for linker_input in ctx.attr.target[CcInfo].linking_context.linker_inputs.to_list():
        owner = linker_input.owner
        folder = owner.package
        ours = any([folder == tree or folder.startswith(tree + "/") for tree in ctx.attr.trees])
        if owner.workspace_name != "" or not ours:
            continue
        for library in linker_input.libraries:
            archive = library.pic_static_library or library.static_library
            if archive:
                archives.append(archive)
    return [DefaultInfo(files = depset(archives), runfiles = ctx.runfiles(archives))]

own_libraries = rule(
    implementation = _own_libraries_impl,
    doc = "The archives below the folders `trees` that `target`, a cc_library, links in.",
    attrs = {
        "target": attr.label(providers = [CcInfo], mandatory = True),
        "trees": attr.string_list(mandatory = True),
    },
)
