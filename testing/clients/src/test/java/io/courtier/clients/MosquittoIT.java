// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.courtier.conformance.TcpDoor;
import io.courtier.core.Limits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** mosquitto_pub and mosquitto_sub, as somebody at a prompt would use them. */
@Execution(ExecutionMode.CONCURRENT)
class MosquittoIT {
    private final String topic = House.unique("mosquitto") + "/t";
    private final List<Program> programs = new ArrayList<>();

    @BeforeAll
    static void areInstalled() {
        Program.need("mosquitto_pub", "mosquitto-clients");
        Program.need("mosquitto_sub", "mosquitto-clients");
        Program.need("stdbuf", "coreutils");
    }

    @AfterEach
    void end() {
        programs.forEach(Program::close);
    }

    private Program run(String program, String version, String... arguments) {
        return run(program, version, House.port(), arguments);
    }

    private Program run(String program, String version, int port, String... arguments) {
        // Line by line: otherwise what it prints waits in its buffer until it ends.
        List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", program));
        command.addAll(List.of("-h", House.HOST, "-p", String.valueOf(port), "-V", "mqttv" + version));
        command.addAll(List.of(arguments));
        Program started = Program.start(command);
        programs.add(started);
        return started;
    }

    private Program pub(String version, String... arguments) {
        return run("mosquitto_pub", version, arguments);
    }

    /** Subscribed when it returns. */
    private Program subscribed(String version, String... arguments) {
        List<String> all = new ArrayList<>(List.of("-d", "-F", "%t %q %r %p"));
        all.addAll(List.of(arguments));
        return run("mosquitto_sub", version, all.toArray(String[]::new)).awaitLine("Subscribed");
    }

    static List<Arguments> versionsAndQoS() {
        List<Arguments> all = new ArrayList<>();
        for (String version : List.of("31", "311", "5")) {
            for (int qos = 0; qos <= 2; qos++) all.add(Arguments.of(version, qos));
        }
        return all;
    }

    @ParameterizedTest(name = "MQTT {0}, QoS {1}")
    @MethodSource("versionsAndQoS")
    void aMessageArrives(String version, int qos) {
        Program sub = subscribed(version, "-t", topic, "-q", "" + qos, "-C", "1");
        pub(version, "-t", topic, "-q", "" + qos, "-m", "hello there").succeeded();
        assertThat(sub.succeeded()).contains(topic + " " + qos + " 0 hello there");
    }

    @ParameterizedTest(name = "{0} to {1}")
    @CsvSource({"31,5", "5,31", "311,5", "5,311"})
    void aMessageArrivesInAnotherVersion(String from, String to) {
        Program sub = subscribed(to, "-t", topic, "-q", "2", "-C", "1");
        pub(from, "-t", topic, "-q", "2", "-m", "hello there").succeeded();
        assertThat(sub.succeeded()).contains(topic + " 2 0 hello there");
    }

    @ParameterizedTest(name = "MQTT {0}")
    @ValueSource(strings = {"31", "311", "5"})
    void linesFromStandardInputArriveInOrder(String version) {
        List<String> texts =
                IntStream.range(0, 1_000).mapToObj(i -> "line " + i).toList();
        Program sub = run("mosquitto_sub", version, "-t", topic, "-q", "2", "-C", "1000", "-d", "-F", "line %p")
                .awaitLine("Subscribed");
        pub(version, "-t", topic, "-q", "2", "-l")
                .say(String.join(
                                "\n",
                                IntStream.range(0, 1_000)
                                        .mapToObj(String::valueOf)
                                        .toList()) + "\n")
                .succeeded();
        assertThat(sub.succeeded().stream().filter(line -> line.startsWith("line ")))
                .containsExactlyElementsOf(texts);
    }

    @ParameterizedTest(name = "MQTT {0}")
    @ValueSource(strings = {"31", "311", "5"})
    void aRetainedMessageComesWithEverySubscription(String version) {
        pub(version, "-t", topic, "-q", "1", "-r", "-m", "kept").succeeded();
        for (int i = 0; i < 2; i++) {
            Program sub = run("mosquitto_sub", version, "-t", topic, "-q", "1", "-C", "1", "-F", "%r %p");
            assertThat(sub.succeeded()).containsExactly("1 kept");
        }
    }

    @ParameterizedTest(name = "MQTT {0}")
    @ValueSource(strings = {"31", "311", "5"})
    void theWillOfAKilledProcessIsPublished(String version) {
        Program watcher = subscribed(version, "-t", topic + "/will", "-q", "1", "-C", "1");
        Program dying = subscribed(
                version, "-t", topic, "--will-topic", topic + "/will", "--will-payload", "farewell", "--will-qos", "1");
        dying.kill();
        assertThat(watcher.succeeded()).contains(topic + "/will 1 0 farewell");
    }

    @ParameterizedTest(name = "MQTT {0}")
    @ValueSource(strings = {"31", "311", "5"})
    void aSessionKeepsMessagesForAnAbsentSubscriber(String version) {
        List<String> session =
                new ArrayList<>(List.of("-c", "-i", House.unique("absent"), "-t", topic, "-q", "2", "-F", "%q %p"));
        if (version.equals("5")) session.addAll(List.of("-x", "3600"));
        List<String> once = new ArrayList<>(session);
        once.add("-E");
        run("mosquitto_sub", version, once.toArray(String[]::new)).succeeded();
        for (int i = 0; i < 3; i++)
            pub(version, "-t", topic, "-q", "2", "-m", "m" + i).succeeded();
        List<String> again = new ArrayList<>(session);
        again.addAll(List.of("-C", "3"));
        assertThat(run("mosquitto_sub", version, again.toArray(String[]::new)).succeeded())
                .containsExactly("2 m0", "2 m1", "2 m2");
    }

    @ParameterizedTest(name = "MQTT {0}")
    @ValueSource(strings = {"31", "311", "5"})
    void aFileOf500KilobytesArrivesWhole(String version, @TempDir Path directory) throws Exception {
        byte[] bytes = new byte[500_000];
        new Random(11).nextBytes(bytes);
        Path sent = Files.write(directory.resolve("sent"), bytes);
        Path got = directory.resolve("got");
        pub(version, "-t", topic, "-q", "2", "-r", "-f", sent.toString()).succeeded();
        Process sub = new ProcessBuilder(
                        "mosquitto_sub",
                        "-h",
                        House.HOST,
                        "-p",
                        "" + House.port(),
                        "-V",
                        "mqttv" + version,
                        "-t",
                        topic,
                        "-q",
                        "2",
                        "-N",
                        "-C",
                        "1",
                        "-W",
                        "20")
                .redirectOutput(got.toFile())
                .start();
        assertThat(sub.waitFor()).isZero();
        assertThat(Files.mismatch(sent, got)).isEqualTo(-1);
    }

    @Test
    void everyPropertyOfAPublishArrives() {
        Program sub = run("mosquitto_sub", "5", "-t", topic, "-q", "1", "-C", "1", "-d", "-F", "%p|%C|%D|%E|%F|%R|%P")
                .awaitLine("Subscribed");
        List<String> arguments = new ArrayList<>(List.of("-t", topic, "-q", "1", "-m", "hello"));
        for (String property : List.of(
                "content-type text/plain",
                "correlation-data abc",
                "message-expiry-interval 3600",
                "payload-format-indicator 1",
                "response-topic answers/here",
                "user-property colour red")) {
            arguments.addAll(List.of("-D", "publish"));
            arguments.addAll(List.of(property.split(" ")));
        }
        pub("5", arguments.toArray(String[]::new)).succeeded();
        assertThat(sub.succeeded())
                .anyMatch(line ->
                        line.matches("hello\\|text/plain\\|abc\\|(3600|359\\d)\\|1\\|answers/here\\|colour:red"));
    }

    @Test
    void topicAliasesStandForTopics() {
        Program sub = subscribed("5", "-t", topic, "-C", "3");
        pub("5", "-t", topic, "-m", "aliased", "--repeat", "3", "-D", "publish", "topic-alias", "1")
                .succeeded();
        assertThat(sub.succeeded().stream().filter((topic + " 0 0 aliased")::equals))
                .hasSize(3);
    }

    @Test
    void membersOfAShareDivideTheMessages() {
        Program one = subscribed("5", "-t", "$share/g/" + topic, "-q", "1", "-C", "5");
        Program other = subscribed("5", "-t", "$share/g/" + topic, "-q", "1", "-C", "5");
        pub("5", "-t", topic, "-q", "1", "-m", "work", "--repeat", "10").succeeded();
        one.succeeded();
        other.succeeded();
    }

    @ParameterizedTest(name = "{0} as MQTT {1}")
    @CsvSource({
        "mosquitto_pub,31", "mosquitto_pub,311", "mosquitto_pub,5",
        "mosquitto_sub,31", "mosquitto_sub,311", "mosquitto_sub,5"
    })
    void anIntruderLearnsThatItsNameIsBad(String program, String version) {
        List<String> arguments = new ArrayList<>(List.of("-u", "intruder", "-P", "x", "-t", topic));
        if (program.equals("mosquitto_pub")) arguments.addAll(List.of("-m", "hello"));
        Program refused = run(program, version, arguments.toArray(String[]::new));
        // CONNACK's code: 4 before MQTT 5, then 0x86.
        assertThat(refused.status()).isEqualTo(version.equals("5") ? 0x86 : 4);
        assertThat(String.join("\n", refused.lines())).containsIgnoringCase("bad user name or password");
    }

    @Test
    void aForbiddenTopicIsRefused() {
        Program pub = pub("5", "-t", "forbidden/x", "-q", "1", "-m", "hello");
        pub.status();
        assertThat(String.join("\n", pub.lines())).containsIgnoringCase("not authorized");
        Program sub = run("mosquitto_sub", "5", "-t", "forbidden/x", "-q", "1", "-C", "1");
        sub.status();
        assertThat(String.join("\n", sub.lines())).containsIgnoringCase("denied");
    }

    @ParameterizedTest(name = "{0}, {1}")
    @CsvSource({"jdk,tlsv1.2", "jdk,tlsv1.3", "openssl,tlsv1.2", "openssl,tlsv1.3"})
    void tlsIsSpokenWithAndWithoutACertificate(String provider, String protocol, @TempDir Path directory)
            throws Exception {
        Authority authority = Authority.in(directory);
        authority.client("pump");
        String ca = authority.file("ca.crt").toString();
        String[] trusting = {"--cafile", ca, "--tls-version", protocol, "-t", "t", "-q", "1", "-r", "-m", "safe"};
        String[] showing = {
            "--cafile",
            ca,
            "--tls-version",
            protocol,
            "-t",
            "t",
            "-q",
            "1",
            "-C",
            "1",
            "-F",
            "%p",
            "--cert",
            authority.file("pump.crt").toString(),
            "--key",
            authority.file("pump.key").toString()
        };
        try (TcpDoor asks = new TcpDoor(Limits.DEFAULT, authority.listener(provider, "TLSv1.2,TLSv1.3", "want"));
                TcpDoor needs = new TcpDoor(Limits.DEFAULT, authority.listener(provider, "TLSv1.2,TLSv1.3", "need"))) {
            run("mosquitto_pub", "311", asks.port(), trusting).succeeded();
            assertThat(run("mosquitto_sub", "5", asks.port(), showing).succeeded())
                    .containsExactly("safe");
            assertThat(run("mosquitto_pub", "5", needs.port(), trusting).status())
                    .isNotZero();
        }
    }
}
