// A disk whose directories do not sync: linked into a test, it stands in for
// fsync, which no permission makes fail.

#ifndef LIMPID_TESTS_UNIT_CRYPTO_FAILING_SYNC_H_
#define LIMPID_TESTS_UNIT_CRYPTO_FAILING_SYNC_H_

namespace limpid::testing {

// While one of these lives, the fsync of a directory fails with EIO. Those of
// files go on.
class FailingDirectorySync {
 public:
  FailingDirectorySync();
  ~FailingDirectorySync();
  FailingDirectorySync(const FailingDirectorySync&) = delete;
  FailingDirectorySync& operator=(const FailingDirectorySync&) = delete;
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_UNIT_CRYPTO_FAILING_SYNC_H_
