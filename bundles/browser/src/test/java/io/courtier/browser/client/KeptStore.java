// SPDX-License-Identifier: Apache-2.0
package io.courtier.browser.client;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A store in memory, of which a crash leaves what was durable. */
final class KeptStore implements ClientStore {
    private final TreeMap<Long, byte[]> durable = new TreeMap<>();
    private final List<Runnable> open = new ArrayList<>();
    private final List<List<Runnable>> committed = new ArrayList<>();
    private long ticket;

    @Override
    public void put(long number, byte[] record) {
        open.add(() -> durable.put(number, record));
    }

    @Override
    public void delete(long number) {
        open.add(() -> durable.remove(number));
    }

    @Override
    public void commit(long ticket) {
        this.ticket = ticket;
        committed.add(new ArrayList<>(open));
        open.clear();
    }

    /** Makes all commits durable; gives the last ticket. */
    long sync() {
        for (List<Runnable> each : committed) for (Runnable step : each) step.run();
        committed.clear();
        return ticket;
    }

    /** The page was killed: what was not durable is gone. */
    void crash() {
        open.clear();
        committed.clear();
    }

    void load(Client into) {
        durable.forEach(into::loaded);
    }

    int size() {
        return durable.size();
    }
}
