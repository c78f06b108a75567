// What is told by comparing a reading with the one before: ratios over the time between them, and events. Called by
// ../postgres.ts.

import type { StatusRow } from './queries.ts';

export class Changes {
  #last: StatusRow | null = null;
  #values: Readonly<Record<string, number>> = {};
  #restarted = false;

  /** Resolves what happened to a sentence each. */
  see(status: StatusRow): readonly string[] {
    const last = this.#last;
    this.#last = status;
    this.#values = {};
    this.#restarted = false;
    if (last === null) return [];
    const hits = gain(status.blocks_hit, last.blocks_hit);
    const asked = hits + gain(status.blocks_read, last.blocks_read);
    if (asked > 0) this.#values = { cache_hit_ratio: hits / asked };
    this.#restarted = status.started !== last.started;
    const events: string[] = [];
    if (this.#restarted) events.push('the server was restarted');
    if (last.standby && !status.standby) events.push('the server was promoted: it is a standby no longer');
    if (status.stats_reset !== last.stats_reset && status.stats_reset !== null) {
      events.push('the statistics of the database were reset');
    }
    return events;
  }

  /** The server began anew since the reading before. */
  get restarted(): boolean {
    return this.#restarted;
  }

  get values(): Readonly<Record<string, number>> {
    return this.#values;
  }
}

/** A total that fell has begun again from 0. */
function gain(now: number, before: number): number {
  return now >= before ? now - before : now;
}
