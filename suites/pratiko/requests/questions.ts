// Questions to the assistant: frequent ones, which have an answer ready, and complex ones, which a language model answers
// word by word. Called by users.ts.

import type { TaskContext } from 'plimsoll';
import { ask, asked, bearer, oneOf } from './platform.ts';

const frequent = [
  "Come calcolare l'IVA?",
  'Scadenze fiscali per SRL',
  'Regime forfettario requisiti',
] as const;

const complex = [
  'Analizza le implicazioni fiscali di una SRL che diventa SPA',
  'Strategie di pianificazione fiscale per startup innovative',
] as const;

export async function askFrequentQuestion(context: TaskContext): Promise<void> {
  const { check, metrics, vu } = context;
  const question = oneOf(vu, frequent);
  const response = await ask(context, 'POST', '/api/chat/faq', { json: { question } });
  check(response, {
    'frequent question: status is 200': (r) => r.status === 200,
    'frequent question: has an answer': (r) => r.json<{ answer: string }>().answer.length > 0,
  });
  const cache = response.headers['x-cache'];
  if (cache !== undefined) metrics.rate('cache_hits').add(cache === 'hit');
}

interface Done {
  readonly usage: { readonly completionTokens: number };
  readonly attempts: number;
  readonly degraded: boolean;
}

/** Takes the times of the model's tokens by NVIDIA's definitions; see "The language model" in the README. */
export async function askComplexQuestion(context: TaskContext): Promise<void> {
  const { sse, check, metrics, vu } = context;
  const startedAtMs = performance.now();
  const stream = await sse.connect('/api/chat/ask', {
    method: 'POST',
    json: { question: oneOf(vu, complex), stream: true },
    auth: bearer(context),
    tags: asked,
  });
  let firstAtMs = 0;
  let lastAtMs = 0;
  let done: Done | undefined;
  for await (const event of stream) {
    if (event.type === 'token') {
      lastAtMs = performance.now();
      firstAtMs ||= lastAtMs;
    } else if (event.type === 'done') {
      done = event.json<Done>();
    }
  }
  const endedAtMs = performance.now();
  check(stream, {
    'complex question: status is 200': (answer) => answer.status === 200,
    'complex question: the answer is complete': () => done !== undefined,
  });
  if (done === undefined) return;
  metrics.rate('degraded_answers').add(done.degraded);
  metrics.counter('llm_retries').add(Math.max(0, done.attempts - 1));
  const tokens = done.usage.completionTokens;
  // A degraded answer is not the model's.
  if (done.degraded || firstAtMs === 0 || tokens === 0) return;
  metrics.trend('time_to_first_token').add(firstAtMs - startedAtMs);
  if (tokens > 1) metrics.trend('inter_token_latency').add((lastAtMs - firstAtMs) / (tokens - 1));
  metrics.trend('output_tokens_per_sec').add(tokens / ((endedAtMs - startedAtMs) / 1000));
  metrics.counter('output_tokens').add(tokens);
}
