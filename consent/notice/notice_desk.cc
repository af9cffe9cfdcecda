#include "consent/notice/notice_desk.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

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

// Newest first; ids keep two of one millisecond apart.
bool IsNewer(const BasisNotice& left, const BasisNotice& right) {
  return std::tie(left.begin, left.id) > std::tie(right.begin, right.id);
}

struct AllNotices {
  // Newest first.
  std::vector<BasisNotice> notices;
  std::size_t unreadable = 0;
};

// One damaged row does not hide the others.
absl::StatusOr<AllNotices> ReadAll(Consent::State& s, const PersonId& person) {
  LIMPID_ASSIGN_OR_RETURN(const PersonKey key, s.KeyOf(person));
  LIMPID_ASSIGN_OR_RETURN(
      const std::vector<PersonalRow> rows,
      s.parts.store.ListKind(s.blinder.ShardOf(person), person,
                             RowKind::kBasisNotice));
  AllNotices out;
  out.notices.reserve(rows.size());
  for (const PersonalRow& row : rows) {
    absl::StatusOr<BasisNotice> notice = OpenNotice(*key, row);
    if (notice.ok()) {
      out.notices.push_back(*std::move(notice));
    } else {
      ++out.unreadable;
    }
  }
  std::sort(out.notices.begin(), out.notices.end(), IsNewer);
  return out;
}

bool IsBehind(const BasisNotice& notice, const NoticeCursor& cursor) {
  return std::tie(notice.begin, notice.id) <
         std::tie(cursor.begin, cursor.notice);
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
  LIMPID_ASSIGN_OR_RETURN(AllNotices all, ReadAll(state, person));
  UnreadNotices out;
  out.unreadable = all.unreadable;
  for (BasisNotice& notice : all.notices) {
    if (notice.unread())
      out.notices.push_back(ViewOf(state, std::move(notice)));
  }
  return out;
}

absl::StatusOr<NoticePage> NoticeDesk::List(const PersonId& person,
                                            bool unread_only,
                                            std::optional<NoticeCursor> after,
                                            std::size_t limit) const {
  LIMPID_ASSIGN_OR_RETURN(AllNotices all, ReadAll(state_, person));
  NoticePage out;
  out.unreadable = all.unreadable;
  for (BasisNotice& notice : all.notices) {
    if (after && !IsBehind(notice, *after)) continue;
    if (unread_only && !notice.unread()) continue;
    if (out.notices.size() == limit) {
      const BasisNotice& last = out.notices.back().notice;
      out.next = NoticeCursor{last.begin, last.id};
      break;
    }
    out.notices.push_back(ViewOf(state_, std::move(notice)));
  }
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
