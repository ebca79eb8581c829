#!/bin/bash
# Puts the style and the scripts into page.html, and that into a C++ source: make_template.sh PAGE STYLE SCRIPT...
set -euo pipefail

page="$1"
style="$2"
shift 2

cat <<'END'
#include "sim/picture/page_template.h"

namespace damselfly::sim {

absl::string_view PageTemplate() {
  return R"__picture__(
END
while IFS= read -r line; do
  case "$line" in
    @STYLE@) cat "$style" ;;
    @SCRIPT@) cat "$@" ;;
    *) printf '%s\n' "$line" ;;
  esac
done <"$page"
cat <<'END'
)__picture__";
}

}  // namespace damselfly::sim
END
