#!/usr/bin/env bash
# A person carries everything from one running server to another: the file opens
# with Debian's age, comes back from the new one byte for byte but for head and
# end, what she sealed opens there, and damage of any kind stores nothing. Then
# she says at the old one where she went, and who may know is told.
set -euo pipefail

readonly exit_refused=1
readonly exit_state=5
# shellcheck source=tests/e2e/lib.sh
source "$LIMPID_SOURCE_DIR/tests/e2e/lib.sh"

if ! command -v age >/dev/null || ! command -v age-keygen >/dev/null; then
  echo "SKIPPED: Debian's age is not installed"
  exit 0
fi

start() {
  "$limpid" admin init "$work/$1" --operator "$1.example" \
    --grpc-address 127.0.0.1:0 --https-address 127.0.0.1:0 \
    >"$work/init.out" 2>&1 || fail "init of $1"
  serve "$1" "$work/$1/limpid.toml"
}
# Runs a command of the person at one of the servers.
at() {
  local name=$1 address
  shift
  address=$(grpc_of "$name")
  LIMPID_SERVER="$address" LIMPID_HOME="$work/home-$name" \
    LIMPID_CA="$work/$name/ca/server-ca.pem" "$limpid" "$@"
}
state() { sed '1d;$d' "$1"; }

start old
start new
age-keygen -o "$work/age.key" 2>/dev/null
age-keygen -o "$work/other.key" 2>/dev/null
recipient=$(age-keygen -y "$work/age.key")

at old person init >"$work/run.out" 2>&1 || fail "an account"
at old person put person.name '{"given": "Ada", "family": "Jansen"}' >/dev/null
at old person put household.size 2 --about-from 2024-01-01 \
  --about-to 2024-12-31 >/dev/null
at old person put household.size 3 >/dev/null
at old person erase household.size 1 --yes >/dev/null ||
  fail "an erasure"
at old person put person.email '"ada@example.org"' --sealed >/dev/null ||
  fail "a sealed value"

at old person export --to "$recipient" "$work/one.age" >"$work/run.out" 2>&1 ||
  fail "an export"
grep -q "device-key.json" "$work/run.out" || fail "it does not say where it ends"
at old person export --to "$recipient" "$work/one.age" >/dev/null 2>&1 &&
  fail "an export was written over another"
[[ $(stat -c %a "$work/one.age") == 600 ]] || fail "others may read the export"
age -d -i "$work/age.key" -o "$work/one" "$work/one.age" ||
  fail "Debian's age does not open it"
grep -q '"value":{"family":"Jansen","given":"Ada"}' "$work/one" ||
  fail "she cannot read it"
! grep -q "ada@example.org" "$work/one" || fail "a sealed value is readable"
! grep -q "Jansen" "$work/one.age" || fail "it is not encrypted"

# The same person at the new operator: her key, and the device she sealed with.
mkdir -m 700 "$work/home-new"
cp "$work/home-old/key.json" "$work/home-old/device-key.json" "$work/home-new/"
at new person init >"$work/run.out" 2>&1 || fail "the second account"

# Whatever is wrong with the file, nothing is stored.
refuses() {
  local code=0
  at new person import --identity "$1" "$2" >"$work/run.out" 2>&1 || code=$?
  ((code == exit_state)) || fail "$3: it exits with $code"
}
refuses "$work/other.key" "$work/one.age" "another person's key"
head -c 700 "$work/one.age" >"$work/cut.age"
refuses "$work/age.key" "$work/cut.age" "a file that is cut off"
sed 's/"value":3/"value":4/' "$work/one" | age -r "$recipient" -o "$work/changed.age"
refuses "$work/age.key" "$work/changed.age" "changed and encrypted again"
sed 's/limpid-export.1/limpid-export\/9/' "$work/one" |
  age -r "$recipient" -o "$work/version.age"
refuses "$work/age.key" "$work/version.age" "another version"
[[ $(at new --json person list) == "[]" ]] || fail "something was stored"

at new --json person import --identity "$work/age.key" "$work/one.age" \
  >"$work/report.out" 2>&1 || fail "an import"
tr -d ' \n' <"$work/report.out" |
  grep -q '"created":5,"read":5,"refused":\[\],"unchanged":0' ||
  fail "the report"
at new --json person import --identity "$work/age.key" "$work/one.age" \
  >"$work/report.out" 2>&1 || fail "the import again"
tr -d ' \n' <"$work/report.out" |
  grep -q '"created":0,"read":5,"refused":\[\],"unchanged":5' ||
  fail "the second report"

at new person export --to "$recipient" "$work/two.age" >/dev/null ||
  fail "the export of the new one"
age -d -i "$work/age.key" -o "$work/two" "$work/two.age" || fail "age, again"
[[ $(state "$work/one") == "$(state "$work/two")" ]] ||
  fail "it came back as another state"
[[ $(head -n 1 "$work/one") != "$(head -n 1 "$work/two")" ]] ||
  fail "the head names the same vault"

[[ $(at new person get person.email) == '"ada@example.org"' ]] ||
  fail "what she sealed does not open at the new one"
at new person put person.email '"new@example.org"' --sealed >/dev/null ||
  fail "sealing at the new one"
[[ $(at new person get person.email) == '"new@example.org"' ]] ||
  fail "what she sealed there does not open"
[[ $(at new person get person.email --version 1) == '"ada@example.org"' ]] ||
  fail "the older one does not open any more"

# Something else stands in its place: refused, and said.
at new person put person.name '{"given": "Ada", "family": "Smit"}' >/dev/null
at old person put person.name '{"given": "Ada", "family": "Berg"}' >/dev/null
at old person export --to "$recipient" "$work/three.age" >/dev/null
code=0
at new person import --identity "$work/age.key" "$work/three.age" \
  >"$work/run.out" 2>&1 || code=$?
((code == exit_refused)) || fail "a refused line: it exits with $code"
grep -q "other_value" "$work/run.out" || fail "it does not say what was refused"
at new person get person.name | grep -q Smit || fail "it was overwritten"

# She says at the old one where she went: who holds a live consent is told, and
# who holds none gets what he got before.
as_admin=(--certificate "$work/old/clients/admin.pem" --key "$work/old/clients/admin.key")
as_cinema=(--certificate "$work/cinema.pem" --key "$work/cinema.key")
field() { sed -n "s/.*\"$1\": \"\([^\"]*\)\".*/\1/p" | head -n 1; }
use="https://w3id.org/dpv#ServiceProvision"
"$limpid" admin issue-certificate "$work/old" cinema --out "$work/cinema" >/dev/null
cat >"$work/service.json" <<END
{"organisation": "Cinema", "contact": "privacy@cinema.example", "jurisdiction": "NL",
 "legal_bases": ["LEGAL_BASIS_CONSENT"], "ceiling_purposes": ["$use"],
 "ceiling_attributes": ["household.size"]}
END
cat >"$work/agreement.json" <<END
{"titles": [{"language": "en", "text": "Seats"}], "purposes": ["$use"],
 "legal_basis": "LEGAL_BASIS_CONSENT",
 "lines": [{"attribute": "household.size", "necessity": "NECESSITY_REQUIRED",
   "form": "FORM_FULL", "operations": ["https://w3id.org/dpv#Use"]}],
 "retention_days": 1, "storage_location": "NL", "validity_days": 30,
 "notices": [{"language": "en", "text": "We look for seats."}]}
END
service=$(at old --json "${as_admin[@]}" admin add-service "$work/service.json" \
  --pin "$work/cinema.pem" | field service_id)
agreement=$(at old --json "${as_admin[@]}" admin add-agreement "$service" \
  "$work/agreement.json" | field agreement_id)
code=$(at old --json "${as_cinema[@]}" service request "$agreement" | field request_code)
at old person bind "$code" >/dev/null || fail "a request"
record=$(at old --json person requests | field record_id)
at old person grant "$record" --attribute household.size >/dev/null || fail "a grant"
reads() {
  at old --json "${as_cinema[@]}" service read "$1" --purpose "$use" \
    --attribute household.size
}
# What differs between any two reads is left out.
answer() { reads "$1" | grep -v 'access_id\|access_promise\|request_hash\|"time"'; }
nobody=rec_aaaaaaaaaaaaaaaaaaaaaaaaaa
answer "$nobody" >"$work/nobody-before.out"
reads "$record" | grep -q VERDICT_ALLOWED || fail "a read"
evidence=$(at new --json admin keys | field evidence_key)
at old person moved --to new.example --evidence-key "$evidence" >"$work/run.out" 2>&1 ||
  fail "saying where she went"
reads "$record" >"$work/moved.out" || fail "a read of who moved"
grep -q REASON_MOVED "$work/moved.out" || fail "the service is not told"
grep -q new.example "$work/moved.out" || fail "the service is not told where"
! grep -q VERDICT_ALLOWED "$work/moved.out" || fail "the service still gets a value"
answer "$nobody" >"$work/nobody-after.out"
cmp -s "$work/nobody-before.out" "$work/nobody-after.out" ||
  fail "who holds nothing is told something"
at old person put household.size 5 >"$work/run.out" 2>&1 && fail "a put after moving"
at old person export --to "$recipient" "$work/four.age" >/dev/null ||
  fail "an export after moving"
at old person withdraw "$record" >/dev/null || fail "a withdrawal"
reads "$record" >"$work/ended.out" || fail "a read of what was ended"
! grep -q MOVED "$work/ended.out" || fail "who holds nothing any more is told where"
at old person moved --back >"$work/run.out" 2>&1 || fail "taking it back"
at old person put household.size 5 >/dev/null || fail "a put after coming back"
echo "passed"
