#!/bin/sh
# No binary that we ship offers SQLite's symbols to the process or asks for
# somebody else's SQLite: with two in one process the link order decides which
# one answers, and a plain one ignores the key.
# Usage: symbols_test.sh BINARY...
set -eu

failed=0
for binary in "$@"; do
  [ -n "$binary" ] || continue
  if readelf --dyn-syms --wide "$binary" | grep -q ' sqlite3_'; then
    echo "$binary: exports or imports sqlite3_* symbols"
    failed=1
  fi
  if ldd "$binary" | grep -Eq 'libsqlite3|libsqlcipher'; then
    echo "$binary: is linked with a shared SQLite"
    failed=1
  fi
done
# A check that finds nothing because there is nothing would be no check.
if ! nm "$1" | grep -q ' t sqlite3_key_v2$'; then
  echo "$1: does not hold SQLCipher"
  failed=1
fi
exit "$failed"
