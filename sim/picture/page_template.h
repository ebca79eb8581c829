#ifndef DAMSELFLY_SIM_PICTURE_PAGE_TEMPLATE_H_
#define DAMSELFLY_SIM_PICTURE_PAGE_TEMPLATE_H_

#include "absl/strings/string_view.h"

namespace damselfly::sim {

// page.html with its style and scripts in it, by the genrule :page_template. "@DATA@" stands where
// the run's data belong.
absl::string_view PageTemplate();
inline constexpr absl::string_view kDataPlace = "@DATA@";

}  // namespace damselfly::sim

#endif  // DAMSELFLY_SIM_PICTURE_PAGE_TEMPLATE_H_
