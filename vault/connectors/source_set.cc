#include "vault/connectors/source_set.h"

#include <algorithm>

namespace limpid::vault {

bool Source::MayAnswer(std::string_view attribute) const {
  return std::find(attributes.begin(), attributes.end(), attribute) !=
         attributes.end();
}

const Source* SourceSet::Find(std::string_view name) const {
  const auto at =
      std::find_if(sources_.begin(), sources_.end(),
                   [&](const Source& source) { return source.name == name; });
  return at == sources_.end() ? nullptr : &*at;
}

}  // namespace limpid::vault
