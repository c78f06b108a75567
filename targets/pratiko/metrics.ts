// What the PratikoAI system tells about itself, as Prometheus text. Called by target.ts.

import type { Database } from '../../src/target-kit/database.ts';
import { single } from '../../src/target-kit/durations.ts';
import { createHttpMetrics, renderDatabase } from '../../src/target-kit/http-metrics.ts';
import type { RateLimiter } from '../../src/target-kit/rate-limit.ts';
import { createRuntimeMetrics } from '../../src/target-kit/runtime-metrics.ts';
import type { Cache } from './cache.ts';
import type { Documents } from './documents/documents.ts';
import type { Faq } from './faq.ts';
import type { Knowledge } from './knowledge.ts';
import type { Llm } from './llm/client.ts';
import type { Questions } from './questions.ts';

export interface Metrics {
  /** One request answered. `route` is its pattern, never its path, so that series stay few. */
  record(route: string, status: number, durationMs: number): void;
  render(): string;
  close(): void;
}

interface Sources {
  readonly database: Database;
  readonly cache: Cache;
  readonly faq: Faq;
  readonly llm: Llm;
  readonly questions: Questions;
  readonly documents: Documents;
  readonly knowledge: Knowledge;
  readonly limiter: RateLimiter | undefined;
  readonly inFlight: () => number;
}

export function createMetrics(sources: Sources): Metrics {
  const { database, cache, faq, llm, questions, documents, knowledge, limiter, inFlight } = sources;
  const requests = createHttpMetrics('pratiko');
  const runtime = createRuntimeMetrics();
  return {
    record: (route, status, durationMs) => requests.record(route, status, durationMs),
    render: () =>
      [
        ...requests.render(inFlight()),
        ...renderCache(cache, faq),
        ...llm.render(),
        ...questions.render(),
        ...documents.render(),
        ...renderIndex(knowledge),
        ...single(
          'pratiko_rate_limited_total',
          'counter',
          'Requests refused by the rate limit.',
          limiter?.rejectedCount() ?? 0,
        ),
        ...renderDatabase('pratiko', database),
        ...runtime.render(),
        '',
      ].join('\n'),
    close: () => runtime.close(),
  };
}

function renderCache(cache: Cache, faq: Faq): string[] {
  const { hits, misses } = faq.counts();
  const name = 'pratiko_cache';
  return [
    ...single(`${name}_hits_total`, 'counter', 'Frequent questions answered from the cache.', hits),
    ...single(`${name}_misses_total`, 'counter', 'Frequent questions that were searched for.', misses),
    ...single(`${name}_errors_total`, 'counter', 'Commands that Redis did not answer.', cache.errorCount()),
  ];
}

function renderIndex(knowledge: Knowledge): string[] {
  const { state, done } = knowledge.indexState();
  const name = 'pratiko_knowledge_index';
  const isRunning = state === 'running' ? 1 : 0;
  return [
    ...single(`${name}_running`, 'gauge', 'Whether the index of the knowledge base is updated.', isRunning),
    ...single(`${name}_documents`, 'gauge', 'Documents that the last update has done.', done),
  ];
}
