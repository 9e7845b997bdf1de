// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import io.courtier.clients.Lane;
import io.courtier.conformance.Client;
import io.courtier.protocol.ConnAck;
import io.courtier.protocol.Connect;
import io.courtier.protocol.Properties;
import io.courtier.protocol.ProtocolVersion;
import io.courtier.protocol.QoS;
import io.courtier.protocol.ReasonCode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Users of a tab's broker, in a real Chromium: who comes in, and what they may do. */
@ResourceLock(Lane.PAGES)
class TabUsersIT {
    private static ModuleFiles files;
    private static Tab tab;

    @BeforeAll
    static void open() throws Exception {
        files = new ModuleFiles();
        tab = Tab.open(new Browser.NewContextOptions(), "--host-resolver-rules=MAP plain.test 127.0.0.1");
        tab.page().navigate(files.url("/chromium-door/empty.html"));
    }

    @AfterAll
    static void close() {
        try {
            tab.close();
        } finally {
            files.close();
        }
    }

    /** What a script gives that has Users and a Users, whose hashes are cheap. */
    private static Object page(String script) {
        return run(tab.page(), script);
    }

    private static Object run(Page page, String script) {
        return page.evaluate(
                """
                async () => {
                  const { Users } = await import('/courtier/courtier.js');
                  const { authenticator, enhancedAuthenticator } = await import('/courtier/users.js');
                  const users = new Users({ iterations: 1000 });
                  const bytes = text => new TextEncoder().encode(text);
                """
                        + script + "}");
    }

    private static ReasonCode connect(Client client, String user, String password) {
        byte[] secret = password == null ? null : password.getBytes(StandardCharsets.UTF_8);
        ConnAck answer = client.connect(new Connect(
                ProtocolVersion.V5, user == null ? "" : user, true, 0, null, user, secret, Properties.NONE));
        return answer.reason();
    }

    @SafeVarargs
    private static ChromiumDoor door(List<String>... users) {
        Page page = tab.another();
        page.navigate(files.url(ChromiumDoor.PAGE));
        page.waitForFunction("() => globalThis.door");
        return new ChromiumDoor(page, List.of(users));
    }

    private static Client client(ChromiumDoor door) {
        return new Client(door, ProtocolVersion.V5);
    }

    @Test
    void usersComeInByTheirPasswordsAndNobodyElse() {
        ChromiumDoor door = door(List.of("joe"));
        assertThat(connect(client(door), "joe", "joe")).isEqualTo(ReasonCode.SUCCESS);
        assertThat(connect(client(door), "joe", "Joe")).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThat(connect(client(door), "joe", "")).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThat(connect(client(door), "joe", null)).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThat(connect(client(door), "ann", "ann")).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThat(connect(client(door), null, "joe")).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        assertThat(connect(client(door), null, null)).isEqualTo(ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void withoutUsersThoseComeInWhoPresentNothing() {
        ChromiumDoor door = door();
        assertThat(connect(client(door), null, null)).isEqualTo(ReasonCode.SUCCESS);
        // It might be the name that a rule asks for.
        assertThat(connect(client(door), "joe", "joe")).isEqualTo(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
    }

    @Test
    void rulesAskForRolesAndCountAtOnce() {
        ChromiumDoor door = door(List.of("joe", "operator", "guest"), List.of("ann", "guest"));
        Client joe = client(door);
        Client ann = client(door);
        connect(joe, "joe", "joe");
        connect(ann, "ann", "ann");
        assertThat(ann.publishAndWait("pumps/1", "on", QoS.AT_LEAST_ONCE, false))
                .isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
        assertThat(door.access("allow publish pumps/# role operator\nallow subscribe # role guest"))
                .isEmpty();
        assertThat(ann.publishAndWait("pumps/1", "on", QoS.AT_LEAST_ONCE, false))
                .isEqualTo(ReasonCode.NOT_AUTHORIZED);
        assertThat(ann.subscribe("pumps/1", QoS.AT_MOST_ONCE).reasons()).containsExactly(ReasonCode.SUCCESS);
        assertThat(joe.publishAndWait("pumps/1", "on", QoS.AT_LEAST_ONCE, false))
                .isEqualTo(ReasonCode.SUCCESS);
        assertThat(ann.expectPayload()).isEqualTo("on");
        assertThat(door.access("# all\nallow all")).startsWith("line 2: a rule is");
        assertThat(joe.publishAndWait("tanks/1", "on", QoS.AT_LEAST_ONCE, false))
                .isEqualTo(ReasonCode.NOT_AUTHORIZED);
    }

    @Test
    void aHashIsThatOfPbkdf2AndDearByDefault() throws Exception {
        String hash = (String) page("return Users.hashPassword('pass wörd');");
        String[] parts = hash.split("\\$");
        assertThat(parts).hasSize(4).startsWith("pbkdf2-sha256", "600000");
        PBEKeySpec spec =
                new PBEKeySpec("pass wörd".toCharArray(), Base64.getDecoder().decode(parts[2]), 600_000, 256);
        byte[] ours = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(spec)
                .getEncoded();
        assertThat(Base64.getDecoder().decode(parts[3])).isEqualTo(ours);
    }

    @Test
    void aNameThatNobodyHasCostsAsMuchAsAWrongPassword() {
        assertThat(
                        page(
                                """
                        await users.addUser('cheap', 'x');
                        users.addUserWithHash('dear', await Users.hashPassword('x', { iterations: 2000 }));
                        const spent = [];
                        const derive = SubtleCrypto.prototype.deriveBits;
                        SubtleCrypto.prototype.deriveBits = function (how, ...rest) {
                          spent.push(how.iterations);
                          return derive.call(this, how, ...rest);
                        };
                        try {
                          const wrong = await users.authenticate('dear', bytes('y'));
                          const nobody = await users.authenticate('nobody', bytes('y'));
                          const nothing = await users.authenticate('nobody', null);
                          return JSON.stringify([spent, nobody, nothing].concat(wrong));
                        } finally {
                          SubtleCrypto.prototype.deriveBits = derive;
                        }
                        """))
                .isEqualTo("[[2000,2000,2000]"
                        + ",{\"reason\":134,\"why\":\"wrong user name or password\",\"roles\":[]}".repeat(3) + "]");
    }

    @Test
    void whoIsRemovedWhileItsPasswordIsCheckedDoesNotComeIn() {
        assertThat(
                        page(
                                """
                        await users.addUser('joe', 'x');
                        const checking = users.authenticate('joe', bytes('x'));
                        users.removeUser('joe');
                        return (await checking).reason;
                        """))
                .isEqualTo(0x86);
    }

    @Test
    void whoComesWhenTooManyAreCheckedIsToldSo() {
        assertThat(
                        page(
                                """
                        await users.addUser('joe', 'x');
                        const all = await Promise.all(Array.from({ length: 65 }, () => users.authenticate('joe', bytes('x'))));
                        const after = await users.authenticate('joe', bytes('x'));
                        return all.map(({ reason }) => reason).concat(after.reason).filter(reason => reason !== 0).join();
                        """))
                .isEqualTo("" + 0x89);
    }

    @Test
    void whatIsExportedHasNoPasswordAndIsTheSameAgain() {
        assertThat(
                        page(
                                """
                        let changes = 0;
                        const other = new Users({ changed: () => changes++ });
                        await users.addUser('joe', 'open sesame');
                        users.addRole('night shift');
                        users.assignRole('joe', 'night shift');
                        const text = JSON.stringify(users.export());
                        other.import(JSON.parse(text));
                        const again = await other.authenticate('joe', bytes('open sesame'));
                        return [text.includes('sesame'), changes, again.reason, again.roles, JSON.stringify(other.export()) === text].join();
                        """))
                .isEqualTo("false,1,0,night shift,true");
    }

    @Test
    void whatIsBrokenIsNotImportedAndChangesNothing() {
        assertThat(
                        page(
                                """
                        await users.addUser('joe', 'x');
                        const joe = users.export().users[0];
                        const broken = [
                          null, {}, { version: 2, users: [], roles: [] }, { version: 1, users: [joe, joe], roles: [] },
                          { version: 1, users: [{ ...joe, roles: ['unknown'] }], roles: [] },
                          { version: 1, users: [{ ...joe, hash: 'plain' }], roles: [] },
                          { version: 1, users: [{ ...joe, hash: joe.hash.replace('$1000$', '$99999999$') }], roles: [] },
                          { version: 1, users: [], roles: ['a,b'] },
                        ];
                        const refused = broken.filter(each => { try { users.import(each); } catch { return true; } });
                        return [refused.length === broken.length, users.listUsers(), users.roleCount].join();
                        """))
                .isEqualTo("true,joe,0");
    }

    @Test
    void rolesAreGivenAndTaken() {
        assertThat(
                        page(
                                """
                        await users.addUser('joe', 'x');
                        for (const role of ['a', 'b', 'c']) { users.addRole(role); users.assignRole('joe', role); }
                        users.unassignRole('joe', 'a');
                        users.removeRole('b');
                        const before = users.rolesOf('joe').join('+');
                        await users.addUser('joe', 'y');
                        const after = await users.authenticate('joe', bytes('y'));
                        users.clearRoles('joe');
                        const wrong = [() => users.assignRole('joe', 'b'), () => users.assignRole('ann', 'a'), () => users.addRole('x,y')];
                        const thrown = wrong.filter(call => { try { call(); } catch { return true; } }).length;
                        return [before, after.roles, users.rolesOf('joe').length, users.listRoles().join('+'), thrown].join();
                        """))
                .isEqualTo("c,c,0,a+c,3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "() => true | 0,",
                "() => ({ reason: 0, roles: ['a', 'b'] }) | 0,a+b",
                "async () => ({ reason: 0, roles: ['a,b', 7, 'c'] }) | 0,c",
                "() => undefined | 135,",
                "() => false | 135,",
                "() => null | 135,",
                "() => 0 | 135,",
                "() => 'true' | 135,",
                "() => ({}) | 135,",
                "() => ({ reason: '0' }) | 135,",
                "() => ({ reason: null }) | 135,",
                "() => ({ reason: NaN }) | 135,",
                "() => ({ reason: 1 }) | 135,",
                "() => ({ reason: 138 }) | 138,",
                "() => { throw new Error('a bug'); } | 136,",
                "async () => { throw new Error('a bug'); } | 136,"
            })
    void whatIsNotClearlyAYesIsANo(String answer, String expected) {
        assertThat(page("const ask = authenticator({ users, anonymous: () => false, authenticate: " + answer
                        + "});"
                        + "return new Promise(done => ask('c', null, null, 'page', (reason, why, roles) =>"
                        + " done([reason, roles.replaceAll(',', '+')].join())));"))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "() => ({ next: bytes('?') }) | 24",
                "() => ({ userName: 'joe' }) | 0",
                "() => ({ userName: 'joe', reason: 135 }) | 135",
                "() => ({ next: 'text' }) | 135",
                "() => true | 135",
                "() => undefined | 135",
                "() => ({ reason: 0 }) | 135",
                "() => ({ reason: 134 }) | 134",
                "() => { throw new Error('a bug'); } | 136"
            })
    void aStepOfAnExchangeThatIsNotClearlyAYesIsANo(String step, int expected) {
        assertThat(page("const begin = enhancedAuthenticator({ RIDDLE: () => " + step + "});"
                        + "if (begin('toString', 'c', 'page') !== null) return 'a method of nobody';"
                        + "return new Promise(done => begin('RIDDLE', 'c', 'page')(null, reason => done(reason)));"))
                .isEqualTo(expected);
    }

    @Test
    void wherePasswordsCannotBeHashedNoneIsSetAndNobodyComesInByOne() {
        tab.forgive("foreign request: " + files.url("").replace("localhost", "plain.test"));
        Page plain = tab.another();
        plain.navigate(files.url("/chromium-door/empty.html").replace("localhost", "plain.test"));
        assertThat(
                        run(
                                plain,
                                """
                        if (crypto.subtle) return 'there is crypto.subtle';
                        const setting = await users.addUser('joe', 'x').catch(error => error.message);
                        users.addUserWithHash('joe', 'pbkdf2-sha256$1000$AAAAAAAAAAAAAAAAAAAAAA==$' + 'A'.repeat(43) + '=');
                        const coming = await users.authenticate('joe', bytes('x'));
                        return [setting, coming.reason, coming.why].join('; ');
                        """))
                .isEqualTo(
                        "this page cannot check passwords: browsers have crypto.subtle on https and localhost only; 136;"
                                + " this page cannot check passwords: browsers have crypto.subtle on https and localhost only");
    }
}
