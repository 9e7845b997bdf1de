// SPDX-License-Identifier: Apache-2.0
// Records with positions, written in groups: what a request costs IndexedDB is far more than what one record has. A group is
// [[position, record]...], and its key [the last position, how many].

/** A group is read as a whole, so it has an end; one record may be larger. */
const GROUP_BYTES = 128 << 10;

export function grouped(records) {
  const groups = [];
  let bytes = Infinity;
  for (const each of records) {
    bytes += each[1].length;
    if (bytes > GROUP_BYTES) {
      groups.push([]);
      bytes = each[1].length;
    }
    groups.at(-1).push(each);
  }
  return groups;
}

function keyOf(group) {
  return [group.at(-1)[0], group.length];
}

/** The groups of one object store. */
export class Groups {
  /** In ascending order: {last, count, left, positions}; left: those that are needed; positions: which, where that is known. */
  #groups = [];
  #reading = new Map();

  /** What the database has. Without the groups themselves it is not known which positions they have. */
  load(keys, groups = []) {
    this.#groups = keys.map(([last, count], i) => ({ last, count, left: count, positions: groups[i] && positionsOf(groups[i]) }));
  }

  #find(position) {
    let from = 0;
    let to = this.#groups.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (this.#groups[middle].last < position) from = middle + 1;
      else to = middle;
    }
    return this.#groups[from];
  }

  /** What is left, by group, where up to a position only those are needed that are given in ascending order. */
  leftOf(upTo, needed) {
    const left = new Map();
    let at = 0;
    for (const group of this.#groups) {
      if (group.last > upTo) break;
      const from = at;
      while (at < needed.length && needed[at] <= group.last) at++;
      left.set(group, at - from);
    }
    return left;
  }

  /** What is left, by group, without some positions. */
  leftWithout(gone) {
    const left = new Map();
    for (const position of gone) {
      const group = this.#find(position);
      if (group?.positions.has(position)) left.set(group, (left.get(group) ?? group.left) - 1);
    }
    return left;
  }

  /**
   * Adds records, and takes away what is not needed: `write(store)` in a transaction, then `done()` when that is complete. A
   * group goes with its last record; one of which less than half is needed is read and written anew, if there is room for that.
   */
  change(records, left, isNeeded, isRoom) {
    const added = grouped(records.filter(([position]) => isNeeded(position)));
    const isThin = ([group, count]) => count > 0 && isRoom && count < group.count / 2;
    const thinned = new Map();
    const thin = (store, group) => {
      const key = [group.last, group.count];
      store.get(key).onsuccess = ({ target: { result } }) => {
        const kept = result.filter(([position]) => isNeeded(position) && (group.positions?.has(position) ?? true));
        thinned.set(group, kept);
        store.delete(key);
        if (kept.length > 0) store.put(kept, [group.last, kept.length]);
      };
    };
    return {
      reads: [...left].some(isThin),
      write: store => {
        for (const group of added) store.put(group, keyOf(group));
        for (const [group, count] of left) {
          if (count === 0) store.delete([group.last, group.count]);
          else if (isThin([group, count])) thin(store, group);
        }
      },
      done: () => {
        for (const [group, count] of left) {
          const kept = thinned.get(group);
          group.left = kept?.length ?? count;
          if (kept) group.count = kept.length;
          for (const position of group.positions ?? []) if (!isNeeded(position)) group.positions.delete(position);
        }
        if (left.size > 0) this.#groups = this.#groups.filter(group => group.left > 0);
        for (const group of added) {
          const [last, count] = keyOf(group);
          this.#groups.push({ last, count, left: count, positions: positionsOf(group) });
        }
      },
    };
  }

  /** Gives a record, or null; who asks for some of one group meanwhile shares its reading. */
  async read(database, name, position) {
    const group = this.#find(position);
    if (!group) return null;
    if (!this.#reading.has(group)) {
      const reading = new Promise(found => {
        // By its last position alone: until its turn comes the group may have been written anew, with fewer records.
        const key = IDBKeyRange.bound([group.last, 0], [group.last, Infinity]);
        const transaction = database.transaction(name);
        const request = transaction.objectStore(name).get(key);
        transaction.commit();
        request.onsuccess = () => found(new Map(request.result));
        request.onerror = event => {
          event.preventDefault();
          found(new Map());
        };
      });
      this.#reading.set(group, reading);
      reading.then(() => this.#reading.delete(group));
    }
    return (await this.#reading.get(group)).get(position) ?? null;
  }
}

function positionsOf(group) {
  return new Set(group.map(([position]) => position));
}
