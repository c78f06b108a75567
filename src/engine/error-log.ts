// Counts failures by kind within a worker, so that a million refused connections are one line, not a million.

import type { ErrorGroup } from '../model/error-group.ts';
import type { Tags } from '../model/metric.ts';
import { describeThrown } from './thrown.ts';

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

const maxMessageLength = 300;
/** Distinct kinds a worker keeps apart; the rest are counted as code `other`. */
const maxGroups = 200;
/** Stacks told apart and told once each; beyond them only the counts go on. */
const maxStacks = 100;
const upToFirstFrame = /^[\s\S]*?\n\s+at [^\n]*/;

export class ErrorLog {
  /** By the identity of the tags object, which endpoints and tasks keep for the whole run, then by code. */
  readonly #byTags = new Map<Tags, Map<string, Mutable<ErrorGroup>>>();
  #groupCount = 0;
  #touched = new Set<Mutable<ErrorGroup>>();
  readonly #toldStacks = new Set<string>();

  add(source: ErrorGroup['source'], code: string, message: string, tags: Tags, atMs: number): void {
    let byCode = this.#byTags.get(tags);
    if (byCode === undefined) {
      byCode = new Map();
      this.#byTags.set(tags, byCode);
    }
    let group = byCode.get(code);
    if (group === undefined) {
      if (this.#groupCount >= maxGroups && code !== 'other') {
        this.add(source, 'other', 'more distinct errors than Plimsoll keeps', overflowTags, atMs);
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

  /**
   * Counts an exception of user code, under its own name or `code`. Returns its stack when it is worth
   * telling: the first time it occurs. A task that fails each time would fill the disk.
   */
  addException(thrown: unknown, tags: Tags, atMs: number, code?: string): string | undefined {
    const { code: ownCode, message, stack } = describeThrown(thrown);
    this.add('iteration', code ?? ownCode, message, tags, atMs);
    // The place it was thrown at; how the engine came to call the task does not make it another one.
    const origin = upToFirstFrame.exec(stack)?.[0] ?? stack;
    if (this.#toldStacks.has(origin) || this.#toldStacks.size >= maxStacks) return undefined;
    this.#toldStacks.add(origin);
    return stack;
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
