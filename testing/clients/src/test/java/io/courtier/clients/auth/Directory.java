// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.auth;

import io.courtier.clients.Patience;
import io.courtier.clients.Program;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** OpenLDAP's slapd on a free port of loopback, with two users and a group. */
final class Directory implements AutoCloseable {
    static final String BASE = "dc=example,dc=org";

    private final Path folder;
    private final int port;
    private Program slapd;

    Directory(Path folder) throws IOException {
        Program.need("slapd", "slapd");
        Program.need("slapadd", "slapd");
        this.folder = folder;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Files.createDirectories(folder.resolve("db"));
        Files.writeString(
                folder.resolve("slapd.conf"),
                """
                include /etc/ldap/schema/core.schema
                include /etc/ldap/schema/cosine.schema
                include /etc/ldap/schema/inetorgperson.schema
                modulepath /usr/lib/ldap
                moduleload back_mdb
                pidfile %1$s/slapd.pid
                argsfile %1$s/slapd.args
                database mdb
                maxsize 10485760
                suffix "%2$s"
                rootdn "cn=admin,%2$s"
                rootpw admin-secret
                directory %1$s/db
                """
                        .formatted(folder, BASE));
        Files.writeString(
                folder.resolve("content.ldif"),
                """
                dn: dc=example,dc=org
                objectClass: domain
                dc: example

                dn: ou=users,dc=example,dc=org
                objectClass: organizationalUnit
                ou: users

                dn: ou=groups,dc=example,dc=org
                objectClass: organizationalUnit
                ou: groups

                dn: uid=ann,ou=users,dc=example,dc=org
                objectClass: inetOrgPerson
                uid: ann
                cn: Ann
                sn: Ann
                userPassword: ann-secret

                dn: uid=bob,ou=users,dc=example,dc=org
                objectClass: inetOrgPerson
                uid: bob
                cn: Bob
                sn: Bob
                userPassword: bob-secret

                dn: cn=operators,ou=groups,dc=example,dc=org
                objectClass: groupOfNames
                cn: operators
                member: uid=ann,ou=users,dc=example,dc=org
                """);
        try (Program load = Program.start(
                List.of("slapadd", "-f", folder.resolve("slapd.conf").toString(), "-l", content()))) {
            load.succeeded();
        }
        start();
    }

    private String content() {
        return folder.resolve("content.ldif").toString();
    }

    void start() {
        slapd = Program.start(List.of(
                "slapd", "-f", folder.resolve("slapd.conf").toString(), "-h", "ldap://127.0.0.1:" + port, "-d", "0"));
        Patience.until(() -> "slapd: " + slapd, () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 100);
                return true;
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    void stop() {
        slapd.close();
    }

    /** A realm of it, as a file in etc. */
    static String[] realm(int port) {
        return new String[] {
            "connection.url = ldap://127.0.0.1:" + port,
            "connection.username = cn=admin," + BASE,
            "connection.password = admin-secret",
            "user.base.dn = ou=users," + BASE,
            "user.filter = (uid=%u)",
            "role.base.dn = ou=groups," + BASE,
            "role.filter = (member=%dn)",
            "role.name.attribute = cn",
            "read.timeout.ms = 2000"
        };
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        stop();
    }
}
