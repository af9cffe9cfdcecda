// Policy files: whatever the file says, a note without signatures of its keys
// never passes.

#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/tlog/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace tlog = limpid::tlog;
  const auto policy = tlog::Policy::Parse(limpid::base::AsText({data, size}));
  if (!policy.ok()) return 0;
  tlog::Note note;
  for (const auto& log : policy->logs()) {
    const tlog::Checkpoint checkpoint{log.verifier.name(), 0, tlog::EmptyRoot(),
                                      ""};
    note.text = tlog::CheckpointText(checkpoint);
    note.signatures = {
        {log.verifier.name(), log.verifier.key_id(), limpid::base::Bytes(64)}};
    LIMPID_CHECK(!policy->Open(tlog::FormatNote(note)).ok());
  }
  return 0;
}
