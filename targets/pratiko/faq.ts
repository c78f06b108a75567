// The frequent questions of the PratikoAI system: found by full-text search, and cached. Called by the routes.

import { createHash } from 'node:crypto';
import type { Database, Statement } from '../../src/target-kit/database.ts';
import { HttpError } from '../../src/target-kit/http-error.ts';
import type { Cache } from './cache.ts';

interface Entry {
  readonly id: number;
  readonly topic: string;
  readonly question: string;
  readonly answer: string;
  readonly updatedAt: string;
}

export interface Faq {
  /** The entry that fits best. Throws a 404 when none has a word of the question. */
  answer(question: string): Promise<Entry & { readonly cached: boolean }>;
  /** Throws a 404 for an entry that does not exist. */
  change(id: number, answer: string): Promise<Entry>;
  counts(): { readonly hits: number; readonly misses: number };
}

const columns = `id::int, topic, question, answer, updated_at AS "updatedAt"`;
const selectEntry: Statement = { name: 'faq-entry', text: `SELECT ${columns} FROM faq WHERE id = $1` };
/** Any of the words will do; the rank says how well. */
const searchEntry: Statement = {
  name: 'faq-search',
  text: `SELECT ${columns} FROM faq,
      (SELECT replace(plainto_tsquery('italian', $1)::text, '&', '|')::tsquery AS words) AS asked
    WHERE vector @@ words ORDER BY ts_rank(vector, words, 1) DESC, id LIMIT 1`,
};
const updateEntry: Statement = {
  name: 'faq-change',
  text: `UPDATE faq SET answer = $2, updated_at = now() WHERE id = $1 RETURNING ${columns}`,
};

const entryKey = (id: number | string) => `faq:${id}`;

/** Case, spaces and punctuation at the end make no other question. */
function questionKey(question: string): string {
  const plain = question
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .replace(/[\s?!.]+$/, '')
    .trim();
  return `question:${createHash('sha256').update(plain).digest('base64url')}`;
}

/** `invalidates`: a changed entry leaves the cache at once. */
export function createFaq(
  database: Pick<Database, 'query'>,
  cache: Cache,
  { invalidates }: { readonly invalidates: boolean },
): Faq {
  let [hits, misses, changes] = [0, 0, 0];
  return {
    async answer(question) {
      const key = questionKey(question);
      const knownId = await cache.read(key);
      const known = knownId === undefined ? undefined : await cache.read(entryKey(knownId));
      if (known !== undefined) {
        hits++;
        return { ...(JSON.parse(known) as Entry), cached: true };
      }
      misses++;
      const changesBefore = changes;
      const [entry] =
        knownId === undefined
          ? await database.query<Entry>(searchEntry, [question])
          : await database.query<Entry>(selectEntry, [knownId]);
      if (entry === undefined) {
        throw new HttpError(404, 'no_answer', 'no frequent question fits; ask POST /api/chat/ask');
      }
      // What was read before a change must not be kept after it.
      if (changes !== changesBefore) return { ...entry, cached: false };
      await Promise.all([
        cache.write(key, String(entry.id)),
        cache.write(entryKey(entry.id), JSON.stringify(entry)),
      ]);
      return { ...entry, cached: false };
    },
    async change(id, answer) {
      const [entry] = await database.query<Entry>(updateEntry, [id, answer]);
      if (entry === undefined) throw new HttpError(404, 'not_found', `there is no entry ${id}`);
      changes++;
      if (invalidates) await cache.remove(entryKey(id));
      return entry;
    },
    counts: () => ({ hits, misses }),
  };
}
