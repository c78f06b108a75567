// Which answers say that what was read was there. Called once for every command that was answered.

import type { RateRecorder } from '../../model/metric.ts';

/** One value, or `null`. */
const readsOne = new Set(['get', 'getex', 'getdel', 'hget', 'lindex', 'zscore']);
/** One value or `null` for each key or field. */
const readsEach = new Set(['mget', 'hmget', 'zmscore']);
/** All of a key that may not exist. */
const readsAll = new Set(['hgetall', 'smembers']);

export function isRead(command: string): boolean {
  return readsOne.has(command) || readsEach.has(command) || readsAll.has(command);
}

/** Adds a hit or a miss for every value that the command asked for. */
export function addHits(command: string, reply: unknown, hits: RateRecorder): void {
  if (readsOne.has(command)) hits.add(reply !== null);
  else if (readsEach.has(command) && Array.isArray(reply))
    for (const value of reply) hits.add(value !== null);
  else if (readsAll.has(command)) hits.add(!isEmpty(reply));
}

function isEmpty(reply: unknown): boolean {
  return Array.isArray(reply) ? reply.length === 0 : Object.keys(reply ?? {}).length === 0;
}
