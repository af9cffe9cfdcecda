#include "algoregister/registration/registration_store.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace limpid::algoregister {

std::string FoldTitle(std::string_view title) {
  std::string out(title);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

}  // namespace limpid::algoregister
