// Documents that users upload: kept in a file while they wait, taken apart, and summed up by the language model. Called by
// the routes.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGuardian } from '../../../src/system/guardian.ts';
import type { Database, Statement } from '../../../src/target-kit/database.ts';
import { bucketLimitsSec, createDurations, header, single } from '../../../src/target-kit/durations.ts';
import { HttpError } from '../../../src/target-kit/http-error.ts';
import { monotonicMs } from '../../../src/time/clock.ts';
import { type Llm, NoAnswerError } from '../llm/client.ts';
import type { Analysis, DocumentFormat, DocumentResult } from './analyse.ts';
import { createQueue, type QueueState } from './queue.ts';
import { createThreads } from './threads.ts';

/** Of the sentence that sums a document up. */
const summaryTokens = 24;
const bucketsSec = [...bucketLimitsSec, 30, 60];

type State = 'queued' | 'processing' | 'done' | 'failed';

export interface SubmittedDocument {
  readonly id: number;
  readonly state: State;
  readonly format: DocumentFormat;
  readonly bytes: number;
  readonly queue: QueueState;
}

export interface Documents {
  /** Throws a 503 when as many wait as may. */
  submit(userId: number, format: DocumentFormat, bytes: Buffer): Promise<SubmittedDocument>;
  /** Throws a 404 for a document that is not there, or of another user. */
  read(userId: number, id: number): Promise<object>;
  queue(): QueueState;
  /** Lines in Prometheus format. */
  render(): string[];
  close(): Promise<void>;
}

export interface DocumentsOptions {
  /** Documents in work at once, and those that may wait; 0 for no limit. */
  readonly mostAtOnce: number;
  readonly mostWaiting: number;
  /** 0: documents are taken apart on the event loop. */
  readonly threads: number;
  readonly onLog: (line: string) => void;
}

const insertDocument: Statement = {
  name: 'add-document',
  text: `INSERT INTO documents (user_id, state, format, bytes)
    SELECT id, 'queued', $2, $3 FROM users WHERE id = $1 RETURNING id::int`,
};
const finishDocument: Statement = {
  name: 'finish-document',
  text: `UPDATE documents SET state = $2, result = $3, error = $4, waited_ms = $5, processed_ms = $6 WHERE id = $1`,
};
const selectDocument: Statement = {
  name: 'document',
  text: `SELECT id::int, state, format, bytes, result, error, waited_ms AS "waitedMs", processed_ms AS "processedMs"
    FROM documents WHERE id = $1 AND user_id = $2`,
};
/** Of an earlier process, which cannot go on with them. */
const failInterrupted: Statement = {
  name: 'fail-interrupted',
  text: `UPDATE documents SET state = 'failed', error = '{"code":"interrupted","message":"the system was stopped"}'
    WHERE state = 'queued'`,
};

type Finished = Analysis | { readonly kind: 'failed'; readonly error: { code: string; message: string } };

export async function createDocuments(
  database: Pick<Database, 'query'>,
  llm: Llm,
  options: DocumentsOptions,
): Promise<Documents> {
  await database.query(failInterrupted);
  const guardian = await createGuardian();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-pratiko-'));
  guardian.removeLater(folder);
  const threads = await createThreads(options.threads);
  const queue = createQueue(options);
  const processing = new Set<number>();
  const figures = createFigures();
  let count = 0;

  async function analyse(
    path: string,
    format: DocumentFormat,
  ): Promise<Finished & { summary?: string | null }> {
    try {
      const analysis = await threads.analyse({ path, format });
      if (analysis.kind === 'failed') return analysis;
      return { ...analysis, summary: await summarize(llm, analysis.result) };
    } catch (error) {
      options.onLog(`a document could not be analysed: ${String(error)}`);
      return { kind: 'failed', error: { code: 'internal', message: 'the analysis failed on the server' } };
    } finally {
      await rm(path, { force: true });
    }
  }

  async function work(
    id: number,
    path: string,
    format: DocumentFormat,
    submittedAtMs: number,
  ): Promise<void> {
    processing.add(id);
    const startedAtMs = monotonicMs();
    try {
      const finished = await analyse(path, format);
      const processedMs = monotonicMs() - startedAtMs;
      await database.query(finishDocument, [
        id,
        finished.kind,
        finished.kind === 'done'
          ? JSON.stringify({ ...finished.result, summary: finished.summary ?? null })
          : null,
        finished.kind === 'failed' ? JSON.stringify(finished.error) : null,
        roundedMs(startedAtMs - submittedAtMs),
        roundedMs(processedMs),
      ]);
      figures.record(format, finished.kind, processedMs);
    } catch (error) {
      options.onLog(`what was found in a document could not be kept: ${String(error)}`);
    } finally {
      processing.delete(id);
    }
  }

  return {
    async submit(userId, format, bytes) {
      const submittedAtMs = monotonicMs();
      if (!queue.hasRoom()) throw queueFull();
      const path = join(folder, String(++count));
      await writeFile(path, bytes);
      const [row] = await database.query<{ id: number }>(insertDocument, [userId, format, bytes.length]);
      if (row === undefined) throw new HttpError(401, 'unauthorized', 'this user does not exist any more');
      const { id } = row;
      if (!queue.add(id, () => work(id, path, format, submittedAtMs))) {
        const error = { code: 'queue_full', message: 'too many documents were waiting' };
        await database.query(finishDocument, [id, 'failed', null, JSON.stringify(error), 0, 0]);
        await rm(path, { force: true });
        throw queueFull();
      }
      return { id, state: 'queued', format, bytes: bytes.length, queue: queue.state() };
    },
    async read(userId, id) {
      const [row] = await database.query<{ state: State }>(selectDocument, [id, userId]);
      if (row === undefined) throw new HttpError(404, 'not_found', `there is no document ${id} of yours`);
      const state = row.state === 'queued' && processing.has(id) ? 'processing' : row.state;
      return { ...row, state, position: queue.positionOf(id) ?? null, queue: queue.state() };
    },
    queue: () => queue.state(),
    render: () => [...renderQueue(queue.state(), queue.peak()), ...figures.render()],
    async close() {
      await queue.close();
      await threads.close();
      await rm(folder, { recursive: true, force: true });
      await guardian.release();
    },
  };
}

const roundedMs = (ms: number): number => Number(ms.toFixed(1));

function queueFull(): HttpError {
  return new HttpError(503, 'queue_full', 'too many documents are waiting', {
    headers: { 'retry-after': '5' },
  });
}

/** A sentence of the model about the document; null when the model does not answer. */
async function summarize(llm: Llm, result: DocumentResult): Promise<string | null> {
  const facts = Object.entries(result).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  try {
    const { text } = await llm.complete({
      system: 'Riassumi il documento in una frase.',
      question: `Il documento ricevuto contiene questi dati: ${facts.join(', ').slice(0, 1000)}`,
      mostTokens: summaryTokens,
    });
    return text;
  } catch (error) {
    if (error instanceof NoAnswerError) return null;
    throw error;
  }
}

function createFigures() {
  const finished = new Map<string, number>([
    ['done', 0],
    ['failed', 0],
  ]);
  const durations = createDurations(
    'pratiko_document_duration_seconds',
    'Time for which documents were in work, by format.',
    'format',
    bucketsSec,
  );
  return {
    record(format: DocumentFormat, outcome: 'done' | 'failed', durationMs: number): void {
      finished.set(outcome, finished.get(outcome)! + 1);
      durations.record(format, durationMs);
    },
    render(): string[] {
      const name = 'pratiko_documents_finished_total';
      return [
        ...header(name, 'counter', 'Documents that were analysed, or could not be.'),
        ...[...finished].map(([outcome, sum]) => `${name}{outcome="${outcome}"} ${sum}`),
        ...durations.render(),
      ];
    },
  };
}

function renderQueue({ waiting, processing, mostAtOnce }: QueueState, peak: number): string[] {
  const name = 'pratiko_documents';
  return [
    ...header(name, 'gauge', 'Documents that wait or are in work.'),
    `${name}{state="queued"} ${waiting}`,
    `${name}{state="processing"} ${processing}`,
    ...single(`${name}_most_at_once`, 'gauge', 'Documents that may be in work at once.', mostAtOnce),
    ...single(`${name}_at_once_peak`, 'gauge', 'Most documents that were in work at once.', peak),
  ];
}
