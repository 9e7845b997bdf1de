// SPDX-License-Identifier: Apache-2.0
package io.courtier.clients;

import java.util.ArrayList;
import java.util.List;

/** What arrived, in order. The library's threads add, the test's thread reads. */
final class Inbox {
    private final List<Arrival> arrivals = new ArrayList<>();

    synchronized void add(Arrival arrival) {
        arrivals.add(arrival);
    }

    synchronized List<Arrival> now() {
        return List.copyOf(arrivals);
    }

    synchronized int size() {
        return arrivals.size();
    }

    /** Waits for so many; gives all that are there by then. */
    List<Arrival> await(int count) {
        Patience.until(() -> count + " messages, came " + size() + ": " + some(), () -> size() >= count);
        return now();
    }

    Arrival one() {
        return await(1).get(0);
    }

    /** Waits for the message with this text; gives the texts of all before it. */
    List<String> textsUntil(String last) {
        List<String> texts = new ArrayList<>();
        Patience.until(() -> "\"" + last + "\", came " + size() + ": " + some(), () -> {
            synchronized (this) {
                while (texts.size() < arrivals.size()) {
                    String text = arrivals.get(texts.size()).text();
                    if (text.equals(last)) return true;
                    texts.add(text);
                }
                return false;
            }
        });
        return texts;
    }

    private String some() {
        List<Arrival> all = now();
        return all.size() <= 20
                ? all.toString()
                : all.subList(0, 10) + " ... " + all.subList(all.size() - 10, all.size());
    }
}
