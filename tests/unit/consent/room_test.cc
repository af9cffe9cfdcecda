#include "consent/record/room.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using limpid::testing::StatusSays;
using testing::Citizen;
using testing::World;

constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;

std::vector<PersonalRow> Rows(std::size_t open, std::size_t over) {
  std::vector<PersonalRow> out(open + over);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].state = static_cast<std::uint8_t>(i < open ? RecordState::kPaused
                                                      : RecordState::kRefused);
  }
  return out;
}

TEST(RecordRoom, CountsWhatIsNotOverAndAll) {
  EXPECT_THAT(CheckRoomForRecord(Rows(kMaxOpenRecords - 1, 0)), IsOk());
  EXPECT_THAT(CheckRoomForRecord(Rows(kMaxOpenRecords, 0)),
              StatusSays(kExhausted, "1,000 records that are not over"));
  EXPECT_THAT(CheckRoomForRecord(Rows(0, kMaxRecords - 1)), IsOk());
  EXPECT_THAT(CheckRoomForRecord(Rows(1, kMaxRecords - 1)),
              StatusSays(kExhausted, "5,000 records"));
}

// A state of a later version may be an open one.
TEST(RecordRoom, AnUnknownStateIsNotOver) {
  std::vector<PersonalRow> rows = Rows(kMaxOpenRecords - 1, 1);
  rows.back().state = 250;
  EXPECT_THAT(CheckRoomForRecord(rows), StatusIs(kExhausted));
}

class Room : public ::testing::Test {
 protected:
  Consent& consent() { return world_.consent(); }
  std::string NewCode() {
    NewRequest request;
    request.agreement = world_.agreement()->id;
    request.version = world_.agreement()->version;
    request.request_id.fill(next_code_++);
    return consent().CreateRequest(world_.service()->id, request)->code;
  }
  // A granted record with as many revisions as one may have.
  RecordView FullOfRevisions() {
    RecordView record = world_.Granted(ann_);
    while (record.revision.number < kMaxRevisions) {
      const RecordId& id = record.revision.record;
      EXPECT_THAT(consent().Pause(ann_.id, id), IsOk());
      record = consent().Resume(ann_.id, id).value().record;
    }
    return record;
  }
  absl::Status Narrow(const RecordId& id, const Narrowing& narrowing) {
    return consent().Narrow(ann_.id, id, narrowing).status();
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
  std::uint8_t next_code_ = 200;
};

TEST_F(Room, AThousandAndFirstOpenRecordIsNotBound) {
  RecordId first;
  for (std::size_t i = 0; i < kMaxOpenRecords; ++i) {
    first = world_.Request(ann_).revision.record;
  }
  const std::string code = NewCode();
  EXPECT_THAT(consent().BindRequest(ann_.id, code),
              StatusSays(kExhausted, "refuse or withdraw some first"));
  // Others have room.
  EXPECT_THAT(consent().BindRequest(world_.NewCitizen(2).id, NewCode()),
              IsOk());
  // And so has she when one of hers is over.
  ASSERT_THAT(consent().Refuse(ann_.id, first, absl::UnixEpoch()), IsOk());
  EXPECT_THAT(consent().BindRequest(ann_.id, code), IsOk());
}

TEST_F(Room, WhatEndsARecordIsNeverRefused) {
  const RecordView full = FullOfRevisions();
  const RecordId id = full.revision.record;
  ASSERT_EQ(full.revision.number, kMaxRevisions);
  EXPECT_THAT(Narrow(id, {{"person.name"}, std::nullopt}), IsOk());
  const absl::Time until = full.revision.until;
  EXPECT_THAT(
      Narrow(id, {{}, until - kLeastShortening + absl::Milliseconds(1)}),
      StatusSays(kExhausted, "shorten it by a day or more"));
  EXPECT_THAT(Narrow(id, {{}, until - kLeastShortening}), IsOk());
  EXPECT_THAT(consent().Pause(ann_.id, id), IsOk());
  EXPECT_THAT(consent().Resume(ann_.id, id),
              StatusSays(kExhausted, "is resumed no more"));
  EXPECT_THAT(consent().Withdraw(ann_.id, id), IsOk());
}

TEST_F(Room, AHistoryIsReadInPages) {
  constexpr std::size_t kOfAPage = 300;
  const RecordId id = FullOfRevisions().revision.record;
  const auto whole = consent().GetHistory(ann_.id, id);
  ASSERT_THAT(whole, IsOk());
  ASSERT_EQ(whole->size(), kMaxRevisions);
  std::vector<Revision> read;
  std::uint64_t before = 0;
  int pages = 0;
  do {
    const auto page = consent().ListRevisions(ann_.id, id, before, kOfAPage);
    ASSERT_THAT(page, IsOk());
    EXPECT_LE(page->revisions.size(), kOfAPage);
    read.insert(read.begin(), page->revisions.begin(), page->revisions.end());
    before = page->next_before;
    ++pages;
  } while (before != 0);
  EXPECT_EQ(pages, 4);
  EXPECT_TRUE(read == *whole);
  EXPECT_EQ(consent().ListRevisions(ann_.id, id, 1, 9)->revisions.size(), 0U);
  EXPECT_EQ(
      consent().ListRevisions(ann_.id, id, UINT64_MAX, 9)->revisions.back(),
      whole->back());
}

}  // namespace
}  // namespace limpid::consent
