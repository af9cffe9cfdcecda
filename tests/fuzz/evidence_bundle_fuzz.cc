// An evidence bundle: whatever parses is counted without loss, is published
// without a small group, and has only finite values.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/counts.h"
#include "algoregister/evidence/merge.h"
#include "algoregister/evidence/metrics.h"
#include "common/base/bytes.h"
#include "common/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace evidence = limpid::algoregister::evidence;
  const std::string_view bytes =
      limpid::base::AsText(limpid::base::ByteView(data, size));
  const auto bundle = evidence::ParseBundle(bytes);
  if (!bundle.ok()) return 0;
  (void)evidence::CheckBundle(*bundle);
  const evidence::Evidence shown = evidence::Published(bundle->evidence);
  for (const evidence::Grouping& grouping : shown.groupings) {
    for (const evidence::Group& group : grouping.groups) {
      LIMPID_CHECK(!evidence::IsSmall(group.counts, shown.settings.k));
    }
  }
  for (const evidence::ComputedMetric& one : evidence::ComputeAll(shown)) {
    LIMPID_CHECK(!one.value.value || std::isfinite(*one.value.value));
  }
  return 0;
}
