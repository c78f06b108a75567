// Uploads documents, and waits until the platform has analysed them. Called by users.ts.

import type { TaskContext } from 'plimsoll';
import { type DocumentSize, documentKinds, sampleDocument } from '../documents/documents.ts';
import { ask, bearer, oneOf } from './platform.ts';

/** Beyond the longest time that a document may take (SLO-14). */
const longestWaitMs = 90_000;
const pause = '500ms';

interface Analysis {
  readonly id: string;
  readonly state: 'queued' | 'processing' | 'done' | 'failed';
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly queue: { readonly processing: number };
}

/** Most documents are small. */
export async function uploadDocument(context: TaskContext): Promise<void> {
  const drawn = context.vu.random();
  await uploadOf(drawn < 0.8 ? 'small' : drawn < 0.95 ? 'medium' : 'large')(context);
}

export const uploadOf =
  (size: DocumentSize) =>
  async (context: TaskContext): Promise<void> => {
    const { check, metrics, vu } = context;
    const { filename, contentType, content, expected } = sampleDocument(oneOf(vu, documentKinds), size);
    const startedAtMs = performance.now();
    const response = await ask(context, 'POST', '/api/documents', {
      multipart: { file: { content, filename, contentType } },
      expect: [202],
      operation: `document_${size}`,
    });
    if (!check(response, { 'document: it is taken': (r) => r.status === 202 })) return;
    const analysis = await waitFor(context, response.json<Analysis>(), startedAtMs);
    metrics.trend('document_duration').add(performance.now() - startedAtMs, { size });
    check(analysis, {
      'document: the analysis is done': ({ state }) => state === 'done',
      'document: the analysis is right': ({ result }) =>
        result !== null && Object.entries(expected).every(([figure, value]) => result[figure] === value),
    });
  };

/** Asks again and again until the analysis has ended, or takes too long. */
async function waitFor(context: TaskContext, first: Analysis, startedAtMs: number): Promise<Analysis> {
  const { http, sleep, metrics } = context;
  let analysis = first;
  for (;;) {
    metrics.trend('documents_at_once').add(analysis.queue.processing);
    const isOver = analysis.state === 'done' || analysis.state === 'failed';
    if (isOver || performance.now() - startedAtMs > longestWaitMs) return analysis;
    await sleep(pause);
    const response = await http.get(`/api/documents/${first.id}`, {
      name: '/api/documents/:id',
      auth: bearer(context),
      tags: { kind: 'waiting' },
    });
    if (response.status === 200) analysis = response.json<Analysis>();
  }
}
