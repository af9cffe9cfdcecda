"""Plants wrong arrows and sees them found; right ones pass."""

import unittest

import layers


def faults(path, text):
    return [fault for _, fault in layers.file_faults(path, text)]


class Arrows(unittest.TestCase):
    def expect(self, path, header, wrong, brackets='"'):
        close = ">" if brackets == "<" else '"'
        found = faults(path, f"#include {brackets}{header}{close}\n")
        self.assertEqual(bool(found), wrong, (path, header, found))

    def test_domains_do_not_see_each_other(self):
        for path in ("vault/reader.cc", "vault/reader.h", "vault/keys/slot.cc"):
            self.expect(path, "consent/record.h", True)
            self.expect(path, "algoregister/registration.h", True)
        self.expect("consent/store/sql.cc", "vault/keys/slot.h", True)
        self.expect("algoregister/rpc/get.cc", "vault/reader.h", True)

    def test_domains_know_neither_wire_nor_sql(self):
        for header in (
            "common/rpc/caller.h",
            "common/http/server.h",
            "common/storage/session.h",
            "limpid/vault/v1/vault.pb.h",
            "limpid/vault/v1/vault_service.grpc.pb.h",
            "grpcpp/server.h",
            "google/protobuf/message.h",
        ):
            self.expect("vault/reader.cc", header, True)

    def test_domains_see_the_ground(self):
        for header in (
            "common/base/bytes.h",
            "common/tlog/tree.h",
            "common/receipt/permit.h",
            "vault/gate/permit.h",
            "absl/status/status.h",
            "string",
        ):
            self.expect("vault/reader.cc", header, False)

    def test_the_ground_stands_on_nothing_above(self):
        self.expect("common/base/bytes.cc", "common/crypto/hash.h", True)
        self.expect("common/crypto/hash.cc", "common/json/json.h", True)
        self.expect("common/storage/database.cc", "consent/record.h", True)
        self.expect("common/tlog/log.cc", "common/storage/session.h", True)
        self.expect("common/tlog/log.cc", "common/receipt/batch.h", True)
        self.expect("common/receipt/batch.cc", "common/tlog/tree.h", False)

    def test_edges_translate_only(self):
        self.expect("vault/rpc/read.cc", "vault/mediator.h", False)
        self.expect("vault/rpc/read.cc", "grpcpp/server.h", False)
        self.expect("vault/rpc/read.cc", "limpid/vault/v1/vault.pb.h", False)
        self.expect("vault/rpc/read.cc", "vault/store/sql_store.h", True)
        self.expect("vault/rpc/read.cc", "common/storage/session.h", True)
        self.expect("vault/rpc/read.cc", "common/crypto/aead.h", True)

    def test_clients_link_no_domain(self):
        for folder in ("clients/cpp", "clients/cli"):
            for domain in layers.DOMAINS:
                self.expect(f"{folder}/x.cc", f"{domain}/x.h", True)
            self.expect(f"{folder}/x.cc", "server/config.h", True)
            self.expect(f"{folder}/x.cc", "common/receipt/receipt.h", False)

    def test_libraries_stay_where_they_are_hidden(self):
        self.expect("common/crypto/hash.cc", "openssl/evp.h", False, "<")
        self.expect("common/crypto/hash.h", "openssl/evp.h", True, "<")
        self.expect("common/tlog/tree.cc", "openssl/evp.h", True, "<")
        self.expect("common/base/secret.cc", "sodium.h", False, "<")
        self.expect("common/base/secret.h", "sodium.h", True, "<")
        self.expect("vault/keys/slot.cc", "sodium.h", True, "<")
        self.expect("common/json/parse.cc", "nlohmann/json.hpp", False)
        self.expect("common/json/json.h", "nlohmann/json.hpp", True)
        self.expect("server/config.cc", "nlohmann/json.hpp", True)
        self.expect("common/storage/x.cc", "sqlcipher/sqlite3.h", False)
        self.expect("common/storage/x.cc", "sqlite3.h", True, "<")
        self.expect("common/http/x.cc", "boost/beast.hpp", False)
        self.expect("common/rpc/x.cc", "boost/beast.hpp", True)
        self.expect("consent/record.cc", "gtest/gtest.h", True)
        self.expect("tests/unit/x/x_test.cc", "gtest/gtest.h", False)

    def test_private_headers_stay_in_their_folder(self):
        header = "common/crypto/openssl_ptr.h"
        self.expect(header, "openssl/evp.h", False, "<")
        self.expect("common/crypto/es256.cc", header, False)
        self.expect("common/jose/jws.cc", header, True)
        self.expect("server/main.cc", header, True)


class Rules(unittest.TestCase):
    def test_domains_are_given_time_and_settings(self):
        for line in (
            "const absl::Time now = absl::Now();",
            "auto t = std::chrono::system_clock::now();",
            'const char* home = std::getenv("HOME");',
        ):
            self.assertTrue(faults("consent/record.cc", line), line)
            self.assertFalse(faults("server/main.cc", line), line)
            self.assertFalse(faults("consent/record.cc", "// " + line), line)

    def test_a_file_outside_the_plan_is_a_fault(self):
        self.assertTrue(faults("misc/x.cc", ""))
        self.assertTrue(faults("common/util/x.cc", ""))


class SubFolders(unittest.TestCase):
    KNOT = frozenset({"vault/log", "vault/keys"})

    def setUp(self):
        kept = layers.KNOTS
        layers.KNOTS = (self.KNOT,)
        self.addCleanup(setattr, layers, "KNOTS", kept)

    def cycles(self, *sources):
        arrows = {}
        for path, header in sources:
            text = f'#include "{header}"\n'
            for here, there, number in layers.sub_arrows(path, text):
                arrows.setdefault((here, there), []).append((path, number))
        return [(path, fault) for path, _, fault in layers.cycle_faults(arrows)]

    TIED = (
        ("vault/log/a.cc", "vault/keys/a.h"),
        ("vault/keys/a.cc", "vault/log/a.h"),
    )

    def test_one_way_passes_and_so_does_a_known_knot(self):
        self.assertEqual(
            self.cycles(*self.TIED, ("vault/rpc/a.cc", "vault/log/a.h")), []
        )
        # Not between folders of two tops, nor of a file that lies higher.
        self.assertEqual(
            self.cycles(
                *self.TIED,
                ("vault/rpc/a.cc", "common/rpc/a.h"),
                ("common/rpc/a.cc", "vault/rpc/a.h"),
                ("vault/a.cc", "vault/log/a.h"),
            ),
            [],
        )

    def test_an_arrow_back_is_found_where_it_is_rarest(self):
        found = self.cycles(
            *self.TIED,
            ("algoregister/profile/a.cc", "algoregister/registration/a.h"),
            ("algoregister/profile/b.cc", "algoregister/registration/a.h"),
            ("algoregister/registration/a.cc", "algoregister/profile/a.h"),
        )
        self.assertEqual([path for path, _ in found], ["algoregister/registration/a.cc"])

    def test_a_knot_does_not_grow(self):
        found = self.cycles(
            *self.TIED,
            ("vault/rpc/a.cc", "vault/log/a.h"),
            ("vault/keys/b.cc", "vault/rpc/a.h"),
            ("vault/keys/c.cc", "vault/rpc/a.h"),
        )
        self.assertEqual([path for path, _ in found], ["vault/rpc/a.cc"])

    def test_a_knot_that_came_undone_is_taken_out(self):
        found = self.cycles(("vault/log/a.cc", "vault/keys/a.h"))
        self.assertEqual(len(found), 2)
        self.assertIn("no cycle any more", found[0][1])


if __name__ == "__main__":
    unittest.main()
