// Reading a list element by element agrees with reading the file whole: where
// the whole parses, the elements are those of the list.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/json/elements.h"
#include "common/json/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace json = limpid::json;
  const std::string text = limpid::base::ToText({data, size});
  std::vector<json::Value> elements;
  bool all_good = true;
  const auto rest =
      json::ForEachElement(text, "rows", {}, [&](const json::Element& element) {
        all_good = all_good && element.value.ok();
        if (element.value.ok()) elements.push_back(*element.value);
        return absl::OkStatus();
      });
  const auto whole = json::ParseStrict(text);
  const json::Value* const list = whole.ok() ? whole->Find("rows") : nullptr;
  if (list == nullptr || !list->is_array() || !whole->is_object()) return 0;
  // A key spelled with an escape is found by the parser alone.
  if (!rest.ok()) return 0;
  LIMPID_CHECK(all_good);
  LIMPID_CHECK(json::Value(elements) == *list);
  return 0;
}
