// SPDX-License-Identifier: Apache-2.0
package io.courtier.store.retained.internal;

import static io.courtier.store.retained.internal.JournaledRetainedContractTest.open;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.courtier.journal.FileHeader;
import io.courtier.journal.MemoryDisk;
import io.courtier.store.RetainStoreContract;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables that are not as they were written: the start goes on with every page that is. */
class TableDamageTest {
    private static final int MESSAGES = 300;
    private static final int PAGES = 3;

    private final MemoryDisk disk = new MemoryDisk();
    private final Random random = new Random(5);
    private Map<String, byte[]> expected;
    private String name;
    private byte[] whole;

    @BeforeEach
    void write() throws Exception {
        try (JournaledRetained store = open(disk)) {
            for (int i = 0; i < MESSAGES; i++) {
                byte[] payload = new byte[10_000 + (i == 150 ? 60_000 : 0)];
                random.nextBytes(payload);
                store.append(RetainStoreContract.message("topic/" + i, payload));
            }
            store.fold();
            expected = RetainStoreContract.replayed(store);
        }
        name = disk.list().stream()
                .filter(each -> each.startsWith("retained"))
                .findAny()
                .orElseThrow();
        whole = disk.bytes(name);
        assertThat(expected).hasSize(MESSAGES);
        assertThat(whole.length / PagedVolume.FRAME_BYTES).isEqualTo(PAGES);
    }

    /** Starts with a damaged file; says that what is there is right, and put aside after a fold; gives how much is there. */
    private int saved(byte[] bytes) throws IOException, InterruptedException {
        disk.bytes(name, bytes);
        MemoryDisk copy = disk.afterKill();
        Map<String, byte[]> found;
        try (JournaledRetained store = open(copy)) {
            found = RetainStoreContract.replayed(store);
            found.forEach((topic, message) -> assertThat(message).isEqualTo(expected.get(topic)));
            store.fold();
            RetainStoreContract.assertSame(RetainStoreContract.replayed(store), found);
        }
        assertThat(copy.bytes(name + ".damaged")).isEqualTo(bytes);
        try (JournaledRetained store = open(copy)) {
            RetainStoreContract.assertSame(RetainStoreContract.replayed(store), found);
        }
        assertThat(copy.list()).hasSize(3);
        return found.size();
    }

    @Test
    void savesAllPagesButTheDamagedOne() throws Exception {
        for (int page = 0; page < PAGES; page++) {
            byte[] bytes = whole.clone();
            bytes[FileHeader.BYTES + page * PagedVolume.FRAME_BYTES + 5_000] ^= 1;
            assertThat(saved(bytes)).isBetween(MESSAGES / 2, MESSAGES - 1);
        }
    }

    @Test
    void savesWhatIsInPagesBeforeACut() throws Exception {
        for (int length = 0; length < whole.length; length += 333_333) {
            int saved = saved(Arrays.copyOf(whole, length));
            int pages = Math.max(0, length - FileHeader.BYTES) / PagedVolume.FRAME_BYTES;
            assertThat(saved).isBetween(pages * 60, pages * 110);
        }
    }

    @Test
    void knowsThatItsEndIsMissing() throws Exception {
        assertThat(saved(Arrays.copyOf(whole, whole.length - 1))).isEqualTo(MESSAGES);
        assertThat(saved(Arrays.copyOf(whole, FileHeader.BYTES))).isZero();
    }

    @Test
    void savesAllBeforeGarbage() throws Exception {
        byte[] garbage = new byte[4_096];
        random.nextBytes(garbage);
        byte[] longer = Arrays.copyOf(whole, whole.length + garbage.length);
        System.arraycopy(garbage, 0, longer, whole.length, garbage.length);
        assertThat(saved(longer)).isEqualTo(MESSAGES);
        byte[] bytes = whole.clone();
        System.arraycopy(garbage, 0, bytes, bytes.length - garbage.length, garbage.length);
        assertThat(saved(bytes)).isBetween(MESSAGES / 2, MESSAGES - 1);
    }

    @Test
    void savesAllBehindADamagedHeader() throws Exception {
        byte[] bytes = whole.clone();
        bytes[0] ^= 1;
        assertThat(saved(bytes)).isEqualTo(MESSAGES);
    }

    @Test
    void startsWithNothingButGarbage() throws Exception {
        byte[] bytes = new byte[whole.length];
        random.nextBytes(bytes);
        bytes[0] = 0;
        assertThat(saved(bytes)).isZero();
    }

    @Test
    void refusesFilesOfALaterVersion() throws Exception {
        byte[] bytes = whole.clone();
        bytes[7] = 2;
        disk.bytes(name, bytes);
        assertThatThrownBy(() -> open(disk))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(name + " was written by a later Courtier");
        assertThat(disk.bytes(name)).isEqualTo(bytes);
    }
}
