#include "consent/notice/notice_desk.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "consent/consent_state.h"
#include "consent/notice/noting.h"

namespace limpid::consent {
namespace {

NoticeView ViewOf(const Consent::State& s, BasisNotice notice) {
  NoticeView out;
  out.service = s.catalogue.FindService(notice.service);
  out.agreement =
      s.catalogue.FindAgreement(notice.agreement, notice.agreement_version);
  out.notice = std::move(notice);
  return out;
}

// What a row says outside its seal, which is enough to order and to pass over
// it; what is inside wins. Newest first; ids keep two of one millisecond apart.
bool IsNewer(const PersonalRow& left, const PersonalRow& right) {
  return std::tie(left.created_ms, left.lookup) >
         std::tie(right.created_ms, right.lookup);
}

bool IsBehind(const PersonalRow& row, const NoticeCursor& cursor) {
  return std::make_tuple(absl::FromUnixMillis(row.created_ms), row.lookup) <
         std::make_tuple(cursor.begin, std::optional(cursor.notice.bytes()));
}

bool IsKnownAsRead(const PersonalRow& row) {
  return row.state == static_cast<std::uint8_t>(NoticeRowState::kRead);
}

// None for a row that does not open, or is not where its notice belongs.
std::optional<BasisNotice> OpenAtItsPlace(const base::SecretBytes& person_key,
                                          const PersonalRow& row) {
  absl::StatusOr<BasisNotice> notice = OpenNotice(person_key, row);
  if (!notice.ok() || row.lookup != notice->id.bytes() ||
      row.created_ms != absl::ToUnixMillis(notice->begin)) {
    return std::nullopt;
  }
  return *std::move(notice);
}

// Sealed, newest first.
absl::StatusOr<std::vector<PersonalRow>> RowsOf(const Consent::State& s,
                                                const PersonId& person) {
  LIMPID_ASSIGN_OR_RETURN(
      std::vector<PersonalRow> rows,
      s.parts.store.ListKind(s.blinder.ShardOf(person), person,
                             RowKind::kBasisNotice));
  std::sort(rows.begin(), rows.end(), IsNewer);
  return rows;
}

// One acknowledgement, on the sequencer's thread.
struct Acknowledging {
  const LedgerStore& store;
  const PersonId& owner;
  const BasisNoticeId& id;
  std::uint64_t count = 0;

  absl::StatusOr<BasisNotice> Run(Persons& persons, Batch& batch) const;
};

absl::StatusOr<BasisNotice> Acknowledging::Run(Persons& persons,
                                               Batch& batch) const {
  const auto none = [] { return absl::NotFoundError("no such notice"); };
  LIMPID_ASSIGN_OR_RETURN(const auto row,
                          store.Find(RowKind::kBasisNotice, id.bytes()));
  if (!row || row->key.person != owner) return none();
  LIMPID_ASSIGN_OR_RETURN(PersonState * person, persons.Load(owner));
  LIMPID_ASSIGN_OR_RETURN(BasisNotice notice, OpenNotice(*person->key, *row));
  if (count > notice.count) {
    return absl::InvalidArgumentError(
        "access_count: the notice does not count that many");
  }
  if (count <= notice.seen) return notice;
  notice.seen = count;
  notice.acknowledged = batch.time();
  batch.Replace(RowOf(notice, *person));
  // Accesses go on being counted in the newest one, which is in memory.
  const auto newest = person->notices.find(notice.record);
  if (newest != person->notices.end() && newest->second.id == notice.id) {
    newest->second = notice;
  }
  return notice;
}

}  // namespace

absl::StatusOr<UnreadNotices> ReadUnread(Consent::State& state,
                                         const PersonId& person) {
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, state.KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(const auto rows, RowsOf(state, person));
  UnreadNotices out;
  for (const PersonalRow& row : rows) {
    if (IsKnownAsRead(row)) continue;
    std::optional<BasisNotice> notice = OpenAtItsPlace(*key, row);
    if (!notice) {
      ++out.unreadable;
    } else if (notice->unread()) {
      out.notices.push_back(ViewOf(state, *std::move(notice)));
    }
  }
  return out;
}

absl::StatusOr<NoticeView> ReadNotice(Consent::State& state,
                                      const PersonId& person,
                                      const BasisNoticeId& id) {
  LIMPID_ASSIGN_OR_RETURN(
      const auto row,
      state.parts.store.Find(RowKind::kBasisNotice, id.bytes()));
  if (!row || row->key.person != person) {
    return absl::NotFoundError("no such notice");
  }
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, state.KeyOf(person));
  std::optional<BasisNotice> notice = OpenAtItsPlace(*key, *row);
  if (!notice) return absl::DataLossError("a stored notice does not open");
  return ViewOf(state, *std::move(notice));
}

absl::StatusOr<NoticePage> NoticeDesk::List(const PersonId& person,
                                            bool unread_only,
                                            std::optional<NoticeCursor> after,
                                            std::size_t limit) const {
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, state_.KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(const auto rows, RowsOf(state_, person));
  NoticePage out;
  // Since the last one shown: where a page ends, the next one meets them.
  std::size_t unreadable = 0;
  for (const PersonalRow& row : rows) {
    if (after && !IsBehind(row, *after)) continue;
    if (unread_only && IsKnownAsRead(row)) continue;
    std::optional<BasisNotice> notice = OpenAtItsPlace(*key, row);
    if (!notice) ++unreadable;
    if (!notice || (unread_only && !notice->unread())) continue;
    if (out.notices.size() == limit) {
      const BasisNotice& last = out.notices.back().notice;
      out.next = NoticeCursor{last.begin, last.id};
      return out;
    }
    out.unreadable += std::exchange(unreadable, 0);
    out.notices.push_back(ViewOf(state_, *std::move(notice)));
  }
  out.unreadable += unreadable;
  return out;
}

absl::StatusOr<NoticeView> NoticeDesk::Acknowledge(const PersonId& person,
                                                   const BasisNoticeId& notice,
                                                   std::uint64_t count) {
  if (count == 0) {
    return absl::InvalidArgumentError(
        "access_count: say how many accesses you were shown");
  }
  const Acknowledging task{state_.parts.store, person, notice, count};
  // Alone: what the store has is then what the notice is.
  LIMPID_ASSIGN_OR_RETURN(BasisNotice read,
                          state_.sequencer->Call<BasisNotice>(
                              [&task](Persons& persons, Batch& batch) {
                                return task.Run(persons, batch);
                              },
                              nullptr, /*alone=*/true));
  return ViewOf(state_, std::move(read));
}

absl::Status NoticeDesk::Watch(const PersonId& person, NoticeSink sink,
                               NoticeEnd ended) {
  return state_.notice_hub->Subscribe(person, std::move(sink),
                                      std::move(ended));
}

}  // namespace limpid::consent
