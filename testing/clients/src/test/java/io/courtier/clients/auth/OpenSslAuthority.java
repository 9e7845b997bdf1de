// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import io.courtier.clients.Program;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The books of a certificate authority as the openssl command keeps them: for revocation lists and as a responder. */
final class OpenSslAuthority {
    private final Path folder;
    private final List<String> index = new ArrayList<>();

    OpenSslAuthority(Path folder, X509Bundle authority) throws IOException {
        this.folder = Files.createDirectories(folder);
        Files.writeString(folder.resolve("ca.crt"), authority.getCertificatePEM());
        Files.writeString(folder.resolve("ca.key"), authority.getPrivateKeyPEM());
        Files.writeString(
                folder.resolve("ca.cnf"),
                """
                [ca]
                default_ca = books
                [books]
                database = %s
                certificate = %s
                private_key = %s
                default_md = sha256
                unique_subject = no
                """
                        .formatted(folder.resolve("index.txt"), folder.resolve("ca.crt"), folder.resolve("ca.key")));
        write();
    }

    OpenSslAuthority knows(X509Bundle good) throws IOException {
        return entry("V", "", good);
    }

    OpenSslAuthority revokes(X509Bundle bad) throws IOException {
        return entry("R", time("yyMMddHHmmss", Instant.now().minus(1, ChronoUnit.HOURS)), bad);
    }

    /** As if it had never revoked anybody. */
    OpenSslAuthority forgets() throws IOException {
        index.clear();
        write();
        return this;
    }

    private OpenSslAuthority entry(String state, String revoked, X509Bundle bundle) throws IOException {
        String serial = HexFormat.of()
                .withUpperCase()
                .formatHex(bundle.getCertificate().getSerialNumber().toByteArray());
        index.add(String.join(
                "\t",
                state,
                time("yyMMddHHmmss", bundle.getCertificate().getNotAfter().toInstant()),
                revoked,
                serial.startsWith("00") ? serial.substring(2) : serial,
                "unknown",
                "/CN=whoever"));
        write();
        return this;
    }

    private void write() throws IOException {
        Files.writeString(folder.resolve("index.txt"), index.isEmpty() ? "" : String.join("\n", index) + "\n");
    }

    /** Puts its list there in one step. */
    void list(Path file, Instant end) throws IOException {
        Path made = folder.resolve("made.crl");
        try (Program openssl = Program.start(List.of(
                "openssl",
                "ca",
                "-gencrl",
                "-config",
                folder.resolve("ca.cnf").toString(),
                "-crl_lastupdate",
                time("yyyyMMddHHmmss", Instant.now().minus(2, ChronoUnit.HOURS)),
                "-crl_nextupdate",
                time("yyyyMMddHHmmss", end),
                "-out",
                made.toString()))) {
            openssl.succeeded();
        }
        // Not a name in between, which the folder's reader would find.
        Files.copy(made, file.resolveSibling("." + file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        Files.move(
                file.resolveSibling("." + file.getFileName()),
                file,
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** An OCSP responder on that port, until it is closed. */
    Program responder(int port) {
        return Program.start(List.of(
                        "openssl",
                        "ocsp",
                        "-port",
                        String.valueOf(port),
                        "-index",
                        folder.resolve("index.txt").toString(),
                        "-CA",
                        folder.resolve("ca.crt").toString(),
                        "-rsigner",
                        folder.resolve("ca.crt").toString(),
                        "-rkey",
                        folder.resolve("ca.key").toString()))
                .awaitLine("ocsp: waiting");
    }

    private static String time(String pattern, Instant time) {
        return DateTimeFormatter.ofPattern(pattern).withZone(ZoneOffset.UTC).format(time) + "Z";
    }
}
