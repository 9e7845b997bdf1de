// SPDX-License-Identifier: Apache-2.0
package io.courtier.store;

import io.courtier.protocol.ApplicationMessage;
import io.courtier.protocol.Properties;
import io.courtier.protocol.Property;
import io.courtier.protocol.QoS;
import io.courtier.protocol.RetainHandling;
import io.courtier.protocol.SubscriptionOptions;
import io.courtier.protocol.TopicName;
import io.courtier.protocol.Will;
import io.courtier.protocol.codec.ByteBuilder;
import io.courtier.protocol.codec.StoredMessages;
import io.courtier.spi.store.SessionImage;
import io.courtier.spi.store.SessionRecord;
import io.courtier.spi.store.SessionRecords;
import io.courtier.spi.store.SessionStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/** What a broker writes to a session store, by chance; remembers all of it, to say what is to be found. */
public final class SessionTraffic {
    private static final class Living {
        final long session;
        long lastNumber;
        final List<Long> waiting = new ArrayList<>();
        final List<Integer> received = new ArrayList<>();

        Living(long session) {
            this.session = session;
        }
    }

    private final Random random;
    private final TreeMap<Long, SessionRecord> records = new TreeMap<>();
    private final List<Living> sessions = new ArrayList<>();
    private long lastStored;
    private int clients;

    public SessionTraffic(Random random) {
        this.random = random;
    }

    /** Appends some records; gives the position of the last. */
    public long append(SessionStore store, int count) {
        long last = 0;
        for (int i = 0; i < count; i++) last = append(store);
        return last;
    }

    private long append(SessionStore store) {
        if (sessions.size() < 3 || random.nextInt(30) == 0) {
            long session = append(store, new SessionRecord.Started("client-" + ++clients));
            sessions.add(new Living(session));
            return append(
                    store,
                    new SessionRecord.Connected(
                            session,
                            random.nextBoolean() ? null : "user",
                            random.nextInt(4_000),
                            random.nextBoolean() ? null : will()));
        }
        Living living = sessions.get(random.nextInt(sessions.size()));
        long session = living.session;
        switch (random.nextInt(14)) {
            case 0:
                if (sessions.size() < 10) return append(store, new SessionRecord.WillDone(session));
                sessions.remove(living);
                return append(store, new SessionRecord.Ended(session));
            case 1:
                return append(
                        store, new SessionRecord.Disconnected(session, 60, 1_700_000_000_000L, living.lastNumber));
            case 2:
                return append(store, new SessionRecord.Connected(session, "user", 5, will()));
            case 3:
                return append(
                        store,
                        new SessionRecord.Subscribed(
                                session,
                                "a/" + random.nextInt(5),
                                new SubscriptionOptions(
                                        QoS.of(random.nextInt(3)),
                                        true,
                                        false,
                                        RetainHandling.values()[random.nextInt(3)]),
                                random.nextInt(3)));
            case 4:
                return append(store, new SessionRecord.Unsubscribed(session, "a/" + random.nextInt(5)));
            case 5:
                living.received.add(random.nextInt(20));
                return append(
                        store, new SessionRecord.Received(session, living.received.get(living.received.size() - 1)));
            case 6:
                if (living.received.isEmpty())
                    return append(store, new SessionRecord.Routed(random.nextInt(3), lastStored));
                return append(store, new SessionRecord.Completed(session, living.received.remove(0)));
            case 7, 8:
                if (living.waiting.isEmpty()) return append(store, new SessionRecord.Routed(-1, lastStored));
                return append(
                        store,
                        new SessionRecord.Finished(
                                session, living.waiting.remove(random.nextInt(living.waiting.size()))));
            case 9:
                if (!living.waiting.isEmpty())
                    append(store, new SessionRecord.Released(session, living.waiting.get(0)));
                return append(store, new SessionRecord.Routed(random.nextInt(3), lastStored));
            default:
                return store(store, living);
        }
    }

    /** A message for some sessions. */
    private long store(SessionStore store, Living publisher) {
        boolean exactlyOnce = random.nextInt(3) == 0;
        int identifier = exactlyOnce ? 1 + random.nextInt(65_535) : 0;
        if (exactlyOnce) publisher.received.add(identifier);
        long position = append(
                store,
                new SessionRecord.Stored(
                        random.nextInt(4) - 1,
                        exactlyOnce ? publisher.session : 0,
                        identifier,
                        random.nextInt(2) * 77L,
                        message(random)));
        lastStored = position;
        long last = position;
        for (Living living : sessions) {
            if (random.nextInt(3) != 0) continue;
            living.waiting.add(++living.lastNumber);
            last = append(
                    store,
                    new SessionRecord.Queued(
                            living.session,
                            position,
                            living.lastNumber,
                            100 + random.nextInt(100),
                            1 + random.nextInt(2),
                            random.nextBoolean(),
                            random.nextInt(4) == 0 ? new int[] {3, 268_435_455} : null,
                            random.nextInt(4) == 0 ? "$share/g/t/#" : null));
        }
        return last;
    }

    private long append(SessionStore store, SessionRecord record) {
        long position = store.append(record);
        synchronized (records) {
            records.put(position, record);
        }
        return position;
    }

    private Will will() {
        return new Will(
                TopicName.of("will/" + random.nextInt(9)),
                new byte[random.nextInt(9)],
                QoS.AT_LEAST_ONCE,
                true,
                Properties.NONE);
    }

    /** A message by chance, with all that one may have. */
    public static ApplicationMessage message(Random random) {
        byte[] payload = new byte[random.nextInt(20) == 0 ? random.nextInt(3_000) : random.nextInt(60)];
        random.nextBytes(payload);
        return new ApplicationMessage(
                TopicName.of("topic/" + random.nextInt(50)),
                payload,
                QoS.of(1 + random.nextInt(2)),
                random.nextBoolean(),
                random.nextBoolean()
                        ? Properties.NONE
                        : Properties.builder()
                                .set(Property.CONTENT_TYPE, "text")
                                .userProperty("ä", "ö")
                                .build(),
                random.nextBoolean() ? null : "publisher",
                random.nextBoolean() ? ApplicationMessage.NEVER : 1_800_000_000_000L);
    }

    /** Forgets what did not become durable before the store ended, and is not there: it never happened. */
    public void keepBefore(long position) {
        synchronized (records) {
            records.tailMap(position, true).clear();
        }
        sessions.clear();
    }

    /** What the records before a position come to. */
    public List<String> imageBefore(long position) {
        SessionImage image = new SessionImage();
        synchronized (records) {
            records.headMap(position).forEach(image::record);
        }
        return lines(image);
    }

    public List<String> image() {
        return imageBefore(Long.MAX_VALUE);
    }

    /** What comes to be by the records from one position on, one more each time. */
    public List<Long> positionsFrom(long position) {
        synchronized (records) {
            return new ArrayList<>(records.tailMap(position, true).keySet());
        }
    }

    /** The messages that are needed before a position. */
    public TreeMap<Long, ApplicationMessage> needed(long before) {
        SessionImage image = new SessionImage();
        TreeMap<Long, ApplicationMessage> needed = new TreeMap<>();
        synchronized (records) {
            records.headMap(before).forEach(image::record);
            for (long each : image.messages()) {
                needed.put(each, ((SessionRecord.Stored) records.get(each)).message());
            }
        }
        return needed;
    }

    public static List<String> replayed(SessionStore store) {
        SessionImage image = new SessionImage();
        store.replay(image);
        return lines(image);
    }

    /** An image as text, to be compared. */
    public static List<String> lines(SessionImage image) {
        List<String> lines = new ArrayList<>();
        image.replay((position, record) ->
                lines.add(position + " " + record.getClass().getSimpleName() + " " + hex(record)));
        return lines;
    }

    private static String hex(SessionRecord record) {
        ByteBuilder bytes = new ByteBuilder(100);
        SessionRecords.write(record, bytes);
        return HexFormat.of().formatHex(bytes.array(), 0, bytes.length());
    }

    /** All of a message, to be compared. */
    public static byte[] bytes(ApplicationMessage message) {
        ByteBuilder bytes = new ByteBuilder(100);
        StoredMessages.write(message, bytes);
        return Arrays.copyOf(bytes.array(), bytes.length());
    }
}
