// The knowledge base of the PratikoAI system: full-text search in Italian, and the update of its index in the background.
// Called by the routes and by questions.ts.

import type { Database, Statement } from '../../src/target-kit/database.ts';
import { HttpError } from '../../src/target-kit/http-error.ts';
import { wallClock } from '../../src/time/clock.ts';
import { vectorOf } from './corpus.ts';

export const knowledgeKinds = ['circolare', 'legge', 'risoluzione', 'provvedimento', 'guida'] as const;

const pageSize = 10;
/** Documents whose vectors one statement computes: searches in between find the database free. */
const batchSize = 200;

export interface SearchInput {
  readonly query: string;
  readonly kind: string | null;
  readonly year: number | null;
  /** From 1. */
  readonly page: number;
}

interface Found {
  readonly id: number;
  readonly title: string;
  readonly snippet: string;
}

export interface Passage {
  readonly id: number;
  readonly title: string;
  readonly body: string;
}

interface IndexState {
  readonly state: 'idle' | 'running' | 'done' | 'failed';
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly documents: number;
  readonly done: number;
}

export interface Knowledge {
  search(input: SearchInput): Promise<{ query: string; total: number; page: number; results: Found[] }>;
  /** The documents that fit a question best by any of its words, at most `count`. */
  passages(question: string, count: number): Promise<Passage[]>;
  /** Throws a 404 for a document that does not exist. */
  read(id: number): Promise<Passage>;
  /** Starts the update of the index unless it runs. */
  reindex(): IndexState;
  indexState(): IndexState;
  /** Waits for a batch under way; no further one begins. */
  close(): Promise<void>;
}

interface Options {
  /** Without it, vectors are computed while searching. */
  readonly hasFullTextIndex: boolean;
  readonly asksRowByRow: boolean;
  readonly onLog: (line: string) => void;
}

const columns = 'id::int, kind, number, year, title';
const snippet = `ts_headline('italian', body, words, 'MaxWords=30, MinWords=12, MaxFragments=1') AS snippet`;

/** Named by `name`, as each text is another statement to PostgreSQL. */
function searchStatements(hasFullTextIndex: boolean) {
  const vector = hasFullTextIndex ? 'vector' : `(${vectorOf('title', 'body')})`;
  const suffix = hasFullTextIndex ? '' : '-slow';
  const matches = `SELECT id, ts_rank(${vector}, words) AS rank, words
      FROM knowledge, websearch_to_tsquery('italian', $1) AS words
      WHERE ${vector} @@ words AND ($2::text IS NULL OR kind = $2) AND ($3::int IS NULL OR year = $3)`;
  return {
    page: {
      name: `search${suffix}`,
      text: `WITH found AS MATERIALIZED (${matches}),
        best AS (SELECT * FROM found ORDER BY rank DESC, id LIMIT ${pageSize} OFFSET $4)
        SELECT ${columns}, ${snippet}, rank, (SELECT count(*)::int FROM found) AS total
        FROM best JOIN knowledge USING (id) ORDER BY rank DESC, id`,
    },
    ids: {
      name: `search-ids${suffix}`,
      text: `WITH found AS MATERIALIZED (${matches})
        SELECT id::int, rank, (SELECT count(*)::int FROM found) AS total
        FROM found ORDER BY rank DESC, found.id LIMIT ${pageSize} OFFSET $4`,
    },
    total: {
      name: `search-total${suffix}`,
      text: `SELECT count(*)::int AS total FROM (${matches}) AS found`,
    },
    passages: {
      name: `passages${suffix}`,
      text: `SELECT id::int, title, body FROM knowledge,
          (SELECT replace(plainto_tsquery('italian', $1)::text, '&', '|')::tsquery AS words) AS asked
        WHERE ${vector} @@ words ORDER BY ts_rank(${vector}, words, 1) DESC, id LIMIT $2`,
    },
  } satisfies Record<string, Statement>;
}

const selectOne: Statement = {
  name: 'search-row',
  text: `SELECT ${columns}, ${snippet} FROM knowledge, websearch_to_tsquery('italian', $2) AS words WHERE id = $1`,
};
const selectDocument: Statement = {
  name: 'knowledge',
  text: `SELECT ${columns}, body FROM knowledge WHERE id = $1`,
};
const countDocuments: Statement = {
  name: 'count-knowledge',
  text: 'SELECT count(*)::int AS count, coalesce(max(id), 0)::int AS last FROM knowledge',
};
const updateVectors: Statement = {
  name: 'reindex',
  text: `WITH changed AS (
      UPDATE knowledge SET vector = ${vectorOf('title', 'body')} WHERE id > $1 AND id <= $2 RETURNING 1)
    SELECT count(*)::int AS changed FROM changed`,
};

type Row = Found & { readonly rank: number; readonly total?: number };

export function createKnowledge(database: Pick<Database, 'query'>, options: Options): Knowledge {
  const statements = searchStatements(options.hasFullTextIndex);
  let index: IndexState = { state: 'idle', startedAt: null, finishedAt: null, documents: 0, done: 0 };
  let running: Promise<void> | undefined;
  let isClosing = false;

  async function rowByRow(query: string, values: readonly unknown[]): Promise<Row[]> {
    const ids = await database.query<{ id: number; rank: number; total: number }>(statements.ids, values);
    const rows: Row[] = [];
    for (const { id, rank, total } of ids) {
      const [row] = await database.query<Found>(selectOne, [id, query]);
      if (row !== undefined) rows.push({ ...row, rank, total });
    }
    return rows;
  }

  async function updateIndex(): Promise<void> {
    const [size] = await database.query<{ count: number; last: number }>(countDocuments);
    index = { ...index, documents: size!.count };
    for (let from = 0; from < size!.last && !isClosing; from += batchSize) {
      const [batch] = await database.query<{ changed: number }>(updateVectors, [from, from + batchSize]);
      index = { ...index, done: index.done + batch!.changed };
    }
    index = { ...index, state: 'done', finishedAt: wallClock().toISOString() };
  }

  return {
    async search({ query, kind, year, page }) {
      const values = [query, kind, year, (page - 1) * pageSize];
      const rows = options.asksRowByRow
        ? await rowByRow(query, values)
        : await database.query<Row>(statements.page, values);
      const total =
        rows[0]?.total ??
        (page === 1
          ? 0
          : (await database.query<{ total: number }>(statements.total, values.slice(0, 3)))[0]!.total);
      const results = rows.map(({ total: _, rank, ...row }) => ({ ...row, rank: Number(rank.toFixed(4)) }));
      return { query, total, page, results };
    },
    passages: (question, count) => database.query<Passage>(statements.passages, [question, count]),
    async read(id) {
      const [document] = await database.query<Passage>(selectDocument, [id]);
      if (document === undefined) throw new HttpError(404, 'not_found', `there is no document ${id}`);
      return document;
    },
    reindex() {
      if (index.state === 'running') return index;
      const startedAt = wallClock().toISOString();
      index = { state: 'running', startedAt, finishedAt: null, documents: 0, done: 0 };
      running = updateIndex().catch((error: unknown) => {
        index = { ...index, state: 'failed', finishedAt: wallClock().toISOString() };
        options.onLog(`the index of the knowledge base was not updated: ${String(error)}`);
      });
      return index;
    },
    indexState: () => index,
    async close() {
      isClosing = true;
      await running;
    },
  };
}
