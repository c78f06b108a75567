// Counts failures by kind within a worker, so that a million refused connections are one line, not a million.

import type { ErrorGroup } from '../model/error-group.ts';
import type { Tags } from '../model/metric.ts';

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

const maxMessageLength = 300;
/** Distinct kinds a worker keeps apart; the rest are counted as code `other`. */
const maxGroups = 200;

export class ErrorLog {
  /** By the identity of the tags object, which endpoints and tasks keep for the whole run, then by code. */
  readonly #byTags = new Map<Tags, Map<string, Mutable<ErrorGroup>>>();
  #groupCount = 0;
  #touched = new Set<Mutable<ErrorGroup>>();

  add(source: ErrorGroup['source'], code: string, message: string, tags: Tags, atMs: number): void {
    let byCode = this.#byTags.get(tags);
    if (byCode === undefined) {
      byCode = new Map();
      this.#byTags.set(tags, byCode);
    }
    let group = byCode.get(code);
    if (group === undefined) {
      if (this.#groupCount >= maxGroups && code !== 'other') {
        this.add(source, 'other', 'more kinds of errors than are kept apart', overflowTags, atMs);
        return;
      }
      this.#groupCount++;
      group = { code, message: '', source, tags, count: 0, firstAtMs: atMs, lastAtMs: atMs };
      byCode.set(code, group);
    }
    if (group.count === 0) {
      group.message =
        message.length > maxMessageLength ? `${message.slice(0, maxMessageLength)}...` : message;
      group.firstAtMs = atMs;
      this.#touched.add(group);
    }
    group.count++;
    group.lastAtMs = atMs;
  }

  /** The groups counted since the last flush, with the counts since then. */
  flush(): ErrorGroup[] {
    const groups = [...this.#touched].map((group) => ({ ...group }));
    for (const group of this.#touched) group.count = 0;
    this.#touched.clear();
    return groups;
  }
}

const overflowTags: Tags = {};
