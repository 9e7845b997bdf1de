// SPDX-License-Identifier: Apache-2.0
package io.courtier.auth.internal;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key set at a URL: fetched now and then, and when a token names a key that it has not, but no more often than allowed,
 * since anybody may name one. While the URL is down the last good set stays. Fetches on a thread of its own; asked on many.
 */
final class JwksUrl implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JwksUrl.class);

    private final URI uri;
    private final long refreshMillis;
    private final long retryNanos;
    private final long timeoutMillis;
    private final int bytesMax;
    private final int waitingMax;
    private final HttpClient http;
    private final ScheduledThreadPoolExecutor thread;

    private volatile List<JwtKey> keys = List.of();
    private volatile boolean isGood;

    // Guarded by this object.
    private List<Runnable> waiting = new ArrayList<>();
    private boolean fetching;
    private boolean begun;
    private long begunNanos;
    private boolean closed;

    /** @param waitingMax how many clients may wait for a fetch */
    JwksUrl(URI uri, long refreshMillis, long retryMillis, long timeoutMillis, int bytesMax, int waitingMax) {
        this.uri = uri;
        this.refreshMillis = refreshMillis;
        this.retryNanos = TimeUnit.MILLISECONDS.toNanos(retryMillis);
        this.timeoutMillis = timeoutMillis;
        this.bytesMax = bytesMax;
        this.waitingMax = waitingMax;
        // Where a redirect leads is not what was configured.
        http = HttpClient.newBuilder()
                .connectTimeout(Duration.ofMillis(timeoutMillis))
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "courtier-jwks");
            made.setDaemon(true);
            return made;
        });
    }

    void start() {
        begin();
        var unused = thread.scheduleWithFixedDelay(this::begin, refreshMillis, refreshMillis, TimeUnit.MILLISECONDS);
    }

    List<JwtKey> keys() {
        return keys;
    }

    /** Whether the last fetch brought a set. */
    boolean isGood() {
        return isGood;
    }

    /** Fetches, and runs this then, on its own thread. False: not now, for that was done a moment ago; it is not run. */
    synchronized boolean refresh(Runnable then) {
        boolean recent = begun && System.nanoTime() - begunNanos < retryNanos;
        if (closed || waiting.size() >= waitingMax || !fetching && recent) return false;
        waiting.add(then);
        begin();
        return true;
    }

    private synchronized void begin() {
        if (fetching || closed) return;
        fetching = true;
        begun = true;
        begunNanos = System.nanoTime();
        thread.execute(this::fetch);
    }

    private void fetch() {
        try {
            List<JwtKey> fetched = JwtKeyReader.set(List.of(get()));
            boolean changed = !isGood || !fetched.equals(keys);
            keys = fetched;
            isGood = true;
            if (changed && fetched.isEmpty()) LOG.warn("url={} has no key that tokens may be signed with", uri);
            else if (changed) LOG.info("url={} keys={}", uri, fetched.size());
        } catch (IOException | KeyException | RuntimeException e) {
            isGood = false;
            LOG.warn("url={} cannot be fetched: {}; the {} keys from before stay", uri, e.getMessage(), keys.size());
        } finally {
            List<Runnable> answered;
            synchronized (this) {
                fetching = false;
                answered = waiting;
                waiting = new ArrayList<>();
            }
            for (Runnable each : answered) each.run();
        }
    }

    private String get() throws IOException {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(Duration.ofMillis(timeoutMillis))
                .header("Accept", "application/jwk-set+json, application/json")
                .build();
        CompletableFuture<HttpResponse<byte[]>> asked = http.sendAsync(request, info -> new Bounded(bytesMax));
        try {
            // The client's own time is over when the header is there.
            HttpResponse<byte[]> answer = asked.get(timeoutMillis, TimeUnit.MILLISECONDS);
            if (answer.statusCode() != 200) throw new IOException("status " + answer.statusCode());
            return new String(answer.body(), StandardCharsets.UTF_8);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e);
        } catch (TimeoutException e) {
            asked.cancel(true);
            throw new IOException("no answer within " + timeoutMillis + " ms", e);
        } catch (InterruptedException e) {
            asked.cancel(true);
            throw new IOException("not wanted any more", e);
        }
    }

    /** Fetches no more. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        // A fetch that has begun, or is about to, answers those who wait for it.
        thread.shutdown();
    }

    /** A body that is no larger than allowed. */
    private static final class Bounded implements BodySubscriber<byte[]> {
        private final BodySubscriber<byte[]> all = BodySubscribers.ofByteArray();
        private final int bytesMax;
        private long bytes;
        private Flow.@Nullable Subscription subscription;

        Bounded(int bytesMax) {
            this.bytesMax = bytesMax;
        }

        @Override
        public CompletionStage<byte[]> getBody() {
            return all.getBody();
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            this.subscription = subscription;
            all.onSubscribe(subscription);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            if (bytes > bytesMax) return;
            for (ByteBuffer buffer : buffers) bytes += buffer.remaining();
            if (bytes <= bytesMax) {
                all.onNext(buffers);
                return;
            }
            if (subscription != null) subscription.cancel();
            all.onError(new IOException("it is larger than " + bytesMax + " bytes"));
        }

        @Override
        public void onError(Throwable broken) {
            all.onError(broken);
        }

        @Override
        public void onComplete() {
            all.onComplete();
        }
    }
}
