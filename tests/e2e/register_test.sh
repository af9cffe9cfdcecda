#!/usr/bin/env bash
# The register's tickets, evidence, proposals and histories on the shipped
# programs: a publisher answers, moderates and brings a bundle, anybody recomputes
# it, an administrator erases it, and what is refused is refused with its exit
# code.
set -euo pipefail

readonly exit_refused=1
readonly exit_usage=2
readonly exit_does_not_verify=4
# shellcheck source=tests/e2e/lib.sh
source "$LIMPID_SOURCE_DIR/tests/e2e/lib.sh"
# The first member of that name in the JSON of the last expect.
member() {
  sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$work/expect.out" | head -n 1
}

"$limpid" admin init "$work/city" --operator city.example \
  --grpc-address 127.0.0.1:0 --https-address 127.0.0.1:0 \
  >"$work/init.out" 2>&1 || fail "init"
for who in desk other stranger; do
  "$limpid" admin issue-certificate "$work/city" "$who" --out "$work/$who" >/dev/null
done
"$limpid" admin issue-certificate "$work/city" ana --out "$work/ana" \
  --administrator >/dev/null
serve limpidd "$work/city/limpid.toml"
LIMPID_SERVER=$(grpc_of limpidd)
export LIMPID_SERVER LIMPID_HOME="$work/home"
export LIMPID_CA="$work/city/ca/server-ca.pem"
for who in desk other stranger; do
  expect 0 public_key "$limpid" --json register keygen "$work/$who-signing.json"
  expect 0 "pub_" as ana --json admin add-publisher "$who" \
    --pin "$work/$who.pem" --public-key "$(member public_key)"
done
# publish WHO KIND FIELDS: leaves the id in `id`.
publish() {
  printf '{"fields":%s}' "$3" >"$work/content.json"
  expect 0 registration_id as "$1" --json register publish "$work/content.json" \
    --kind "$2" --reason "new" --signing-key "$work/$1-signing.json"
  id=$(member registration_id)
  [[ -n $id ]] || fail "no id of a $2"
}
given() { printf '"%s":{"state":"given","value":%s}' "$1" "$2"; }
text() { given "$1" "{\"en\":{\"origin\":\"human\",\"text\":\"$2\"}}"; }

# --- Tickets.
publish desk organisation "{$(given name '"City of Examples"')}"
city=$id
publish desk deployment "{$(text title "Parking check"),$(given organisation "\"$city\"")}"
parking=$id
expect "$exit_refused" "a citizen service number" \
  "$limpid" register ask "$parking" "I am 111222333"
expect 0 "" "$limpid" register ask "$parking" "In 2024 it was changed 14 times, why?"
expect 0 "secret_code" "$limpid" --json register report-error "$parking" \
  "The goal is missing." --field /fields/goal
ticket=$(member ticket_id)
secret=$(member secret_code)
[[ $ticket == tkt_* && ${#secret} == 43 ]] || fail "no ticket"
printf '%s\n' "$secret" >"$work/secret"
expect 0 "$ticket" "$limpid" register tickets --registration "$parking"
expect "$exit_usage" "--secret-file" "$limpid" register remark "$ticket" "More." \
  --secret "$secret"
! grep -qF -- "$secret" "$work/expect.out" || fail "it repeats the secret code"
expect "$exit_usage" "--secret-file" "$limpid" register remark "$ticket" "More."
printf '%043d' 0 >"$work/wrong"
expect "$exit_refused" "no such ticket" "$limpid" register remark "$ticket" "More." \
  --secret-file "$work/wrong"
expect 0 "The goal of 2023 too." "$limpid" register remark "$ticket" \
  "The goal of 2023 too." --secret-file "$work/secret"
expect "$exit_refused" "another publisher" as other register answer "$ticket" "So."
expect "$exit_refused" "the publisher's" as ana register answer "$ticket" "So."
expect 0 "answered" as desk register answer "$ticket" "It is being written."
expect 0 "answered" "$limpid" register ticket "$ticket"
expect "$exit_refused" "another publisher" as other register moderate "$ticket" \
  --reason spam --words "No." --act 2
expect "$exit_usage" "--reason" as desk register moderate "$ticket" \
  --reason dislike --words "No." --act 2
expect 0 "(hidden)" as ana register moderate "$ticket" --reason abuse \
  --words "It insults." --act 2
expect 0 "It insults." "$limpid" register ticket "$ticket"
! grep -q "The goal of 2023 too" "$work/expect.out" || fail "a hidden text is shown"
expect "$exit_refused" "only an administrator" as desk register release "$ticket" \
  --words "We do not mind." --act 2
expect 0 "The goal of 2023 too." as ana register release "$ticket" \
  --words "It does not." --act 2
close() { printf '%s' "$secret" | "$limpid" register close-ticket "$ticket" --secret-file -; }
close >"$work/close.out" 2>&1 || fail "closing with the code from standard input"
expect 0 "closed" "$limpid" register ticket "$ticket"
expect "$exit_refused" "closed" as desk register answer "$ticket" "Late."
expect 0 "answered" "$limpid" register tickets --organisation "$city" --figures

# --- Imports: a pipe is not read twice.
too_much() {
  head -c 7340033 /dev/zero | as desk register import - --reason "a list" \
    --signing-key "$work/desk-signing.json"
}
expect "$exit_refused" "7 MiB" too_much

# --- Evidence.
bundle() {
  printf '%s' '{"claims":[{"attribute":"sex","metric":"dp_difference","value":'"$1"'}],' \
    '"format":"limpid-evidence-bundle/1","manifest":{"favourable":"positive",' \
    '"groups":["sex"],"k":0,"label":{"column":"label","negative":"0","positive":"1"},' \
    '"level":0.95,"prediction":{"column":"said","negative":"0","positive":"1"},' \
    '"tau":0.8},"rows":"sex,said,label\nf,1,1\nf,1,0\nf,0,1\nf,0,0\nm,1,1\nm,0,0\n"}'
}
bundle 0 >"$work/bundle.json"
bundle 0.25 >"$work/wrong.json"
expect 0 "recomputed" "$limpid" register evidence recompute --bundle "$work/bundle.json"
expect "$exit_does_not_verify" "differs" \
  "$limpid" register evidence recompute --bundle "$work/wrong.json"
expect "$exit_refused" "administrators may not" \
  as ana register evidence upload "$work/bundle.json"
expect 0 "sha256:" as desk --json register evidence upload "$work/bundle.json"
digest=$(member digest)
[[ $digest == "sha256:$(sha256sum "$work/bundle.json" | cut -d' ' -f1)" ]] ||
  fail "another digest"
publish desk evaluation "{$(text title "Parking test"),$(given bundle "\"$digest\"")}"
test=$id
expect 0 "BUNDLE" "$limpid" --json register evidence show "$test"
expect 0 "fpr" "$limpid" register evidence recompute "$test"
expect 0 "" "$limpid" register plot "$test" --metric fpr -o "$work/plot.svg"
grep -q "<svg " "$work/plot.svg" || fail "no picture"
expect 0 "" "$limpid" register evidence fetch "$digest" -o "$work/fetched.json"
cmp -s "$work/bundle.json" "$work/fetched.json" || fail "another bundle came"
printf 'case,result\n1,a\n2,b\n' >"$work/left.csv"
printf 'case,result\n1,a\n2,a\n' >"$work/right.csv"
expect 0 "0.5000" "$limpid" register compare-results "$work/left.csv" "$work/right.csv"
printf 'case,result\n1,a\n3,a\n' >"$work/right.csv"
expect "$exit_refused" "cases" "$limpid" register compare-results \
  "$work/left.csv" "$work/right.csv"

readonly ground="GDPR Article 17(1)(d)"
erase() { as "$1" admin erase-evidence "$digest" --ground "$ground" --yes; }
expect "$exit_refused" "" erase desk
expect 0 "$ground" erase ana
expect "$exit_refused" "erased" "$limpid" register evidence fetch "$digest" \
  -o "$work/note.json"
grep -qF "$ground" "$work/note.json" || fail "no note of the erasure"
expect "$exit_refused" "$ground" "$limpid" register evidence recompute \
  --bundle "$work/note.json"
expect 0 "$ground" "$limpid" register evidence show "$test"
expect "$exit_refused" "$ground" "$limpid" register plot "$test" --metric fpr \
  -o "$work/plot.svg"
expect "$exit_refused" "erased" as desk register evidence upload "$work/bundle.json"
expect 0 "$ground" erase ana

# --- Proposals: two bodies that say that they have the same from one vendor.
publish other organisation "{$(given name '"Town of Samples"')}"
town=$id
supplier=$(given suppliers '[{"name":"Acme Systems"}]')
publish desk deployment \
  "{$(text title "Wizzkid planner"),$(given organisation "\"$city\""),$supplier}"
one=$id
publish other deployment \
  "{$(text title "Wizzkid planner"),$(given organisation "\"$town\""),$supplier}"
two=$id
expect 0 "Wizzkid planner" "$limpid" --json register proposals
proposal=$(member proposal_id)
[[ -n $proposal ]] || fail "no proposal"
confirm() {
  as "$1" --json register confirm-proposal "$2" --reason "one product" \
    --signing-key "$work/$1-signing.json" --yes
}
expect "$exit_refused" "" confirm desk 0000000000000000
# Of nothing of its own: then no system is made either.
expect "$exit_refused" "$one" confirm stranger "$proposal"
no_system() {
  expect 0 "" "$limpid" --json register list --kind system
  ! grep -q "Wizzkid" "$work/expect.out" || fail "a system that nobody uses was made"
}
no_system
# What has just changed is compared again a moment later.
proposed() {
  for _ in {1..50}; do
    expect 0 "" "$limpid" --json register proposals
    ! grep -qF "$1" "$work/expect.out" || break
    sleep 0.2
  done
  grep -qF "$1" "$work/expect.out" || fail "$1 is not proposed"
  proposal=$(member proposal_id)
}
not_proposed() {
  for _ in {1..50}; do
    expect 0 "" "$limpid" --json register proposals
    grep -qF "$1" "$work/expect.out" || break
    sleep 0.2
  done
  ! grep -qF "$1" "$work/expect.out" || fail "$1 is still proposed"
}
# One with a part for courts alone is its publisher's to change.
publish stranger organisation "{$(given name '"Village of Samples"')}"
village=$id
printf '{"fields":{%s,%s,%s,"contact":%s},"restricted":{%s}}' \
  "$(text title "Wizzkid planner")" "$(given organisation "\"$village\"")" "$supplier" \
  '{"state":"withheld","audience":["court"],"authority":"Clerk","ground":"Law 1","review":"2099-01-31"}' \
  "$(given contact '"clerk@samples.example"')" >"$work/content.json"
expect 0 registration_id as stranger --json register publish "$work/content.json" \
  --kind deployment --reason new --signing-key "$work/stranger-signing.json"
three=$(member registration_id)
proposed "$three"
expect "$exit_refused" "parts for auditors, courts or regulators alone" \
  confirm stranger "$proposal"
no_system
# Its publisher changes the rest without the part, and signs it all the same.
printf '{"fields":{%s,%s,%s,"contact":%s}}' \
  "$(text title "Wizzkid planner")" "$(given organisation "\"$village\"")" "$supplier" \
  '{"state":"withheld","audience":["court"],"authority":"Clerk","ground":"Law 2","review":"2099-01-31"}' \
  >"$work/content.json"
keep() {
  as stranger --json register publish "$work/content.json" --id "$three" \
    --reason "another law" --signing-key "$work/stranger-signing.json" "$@"
}
expect "$exit_refused" "" keep
expect 0 registration_id keep --keep-restricted
expect 0 "Law 2" "$limpid" --json register get "$three"
! grep -qF "clerk@samples.example" "$work/expect.out" || fail "a kept part is public"
expect 0 "" as stranger register publish --retire --id "$three" --reason "a test" \
  --signing-key "$work/stranger-signing.json"
not_proposed "$three"
proposed "Wizzkid"
expect 0 "$one" confirm desk "$proposal"
system=$(member system_id)
[[ $system == sys_* ]] || fail "no system was made"
grep -qF "$two" "$work/expect.out" || fail "what is another's is not said to be refused"
expect 0 "$system" "$limpid" register get "$one"
expect 0 "$one" "$limpid" --json register used-by "$system"
! grep -qF "$two" "$work/expect.out" || fail "it changed another publisher's"
proposed "$system"
expect 0 "$two" confirm other "$proposal"
not_proposed "Wizzkid"

# --- Histories: what was updated, erased and retired still verifies, alone and in
# the whole log.
for kind in organisation system deployment model dataset evaluation assessment \
  certification incident; do
  expect 0 " of " "$limpid" register list --kind "$kind"
done
publish desk system "{$(text title "Router"),$(text goal "Anna de Vries asks.")}"
router=$id
printf '{"fields":{%s,%s}}' "$(text title "Router")" \
  "$(text goal "Letters arrive.")" >"$work/content.json"
next() {
  as desk --json register publish "$@" --id "$router" --reason "better words" \
    --signing-key "$work/desk-signing.json"
}
expect 0 registration_id next "$work/content.json"
expect 0 "/fields/goal" as ana admin erase-field "$router" /fields/goal \
  --version 1 --ground "$ground" --yes
expect 0 registration_id next --retire
expect 0 "vkey" "$limpid" --json register log
vkey=$(member vkey)
readonly vkey
expect 0 "give --vkey" "$limpid" register history "$router"
expect 0 "verified: 3 versions, each signed and behind the one before, each in the log" \
  "$limpid" register history "$router" --vkey "$vkey"
expect 0 "Wrote 3 versions" "$limpid" register history "$router" --vkey "$vkey" \
  --jsonl "$work/history.jsonl"
[[ $(wc -l <"$work/history.jsonl") == 3 ]] || fail "not three lines of a history"
! grep -q "de Vries" "$work/history.jsonl" || fail "an erased field is in the history"
# Every page of a search has together what the search counts.
expect 0 "; --all shows every one" "$limpid" register search --page-size 1
expect 0 "total_count" "$limpid" --json register search --all --page-size 1
hits=$(grep -o '"registration_id"' "$work/expect.out" | wc -l)
[[ $hits -gt 1 && $(member total_count) == "$hits" ]] || fail "$hits hits are not all"
# What a feed does not show of more, it says.
expect 0 "There is more" "$limpid" register feed --count 1
expect 0 '"next_page_token"' "$limpid" --json register feed --count 1
[[ -n $(member next_page_token) ]] || fail "no token of the next page"
expect 0 "" "$limpid" register feed --count 100
! grep -q "There is more" "$work/expect.out" || fail "more than all"
cp -r "$work/city/data/register/log" "$work/copy"
expect 0 "passed: " "$limpid" audit "$work/copy" --vkey "$vkey"
echo "tickets, evidence, proposals, histories and searches passed"
