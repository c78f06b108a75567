// Searches in the knowledge base of circulars and laws, and the update of its index. Called by users.ts.

import type { TaskContext } from 'plimsoll';
import { administration } from '../accounts.ts';
import { ask, oneOf } from './platform.ts';

type Query = Readonly<Record<string, string | number>>;

const simple: readonly Query[] = [{ q: 'IVA' }, { q: 'IMU' }, { q: 'detrazioni' }];
const regulatory: readonly Query[] = [
  { q: 'Circolare Agenzia Entrate 2024' },
  { q: 'Circolare Agenzia Entrate', kind: 'circolare', year: 2024 },
  { q: 'aliquota IVA', kind: 'legge', year: 2024 },
];
const fullText: readonly Query[] = [
  { q: 'Normativa fatturazione elettronica' },
  { q: 'fatturazione elettronica obbligo', page: 2 },
  { q: 'regime forfettario requisiti' },
];

/** MIX-9: the everyday searches. */
export const searchKnowledge = (context: TaskContext): Promise<void> =>
  search(context, [{ q: 'Circolare Agenzia Entrate 2024' }, { q: 'Normativa fatturazione elettronica' }]);

export const searchSimply = (context: TaskContext): Promise<void> => search(context, simple, 'search_simple');
export const searchRegulations = (context: TaskContext): Promise<void> =>
  search(context, regulatory, 'search_regulatory');
export const searchFullText = (context: TaskContext): Promise<void> =>
  search(context, fullText, 'search_full_text');

async function search(context: TaskContext, queries: readonly Query[], operation = 'search'): Promise<void> {
  const query = oneOf(context.vu, queries);
  const response = await ask(context, 'GET', '/api/knowledge/search', { params: query, operation });
  context.check(response, {
    'search: status is 200': (r) => r.status === 200,
    'search: something is found': (r) => r.json<{ total: number }>().total > 0,
  });
}

interface Index {
  readonly state: 'idle' | 'running' | 'done' | 'failed';
}

/** SLO-14: the index is updated in the background, while others search. */
export async function updateIndex(context: TaskContext): Promise<void> {
  const { http, check, metrics, sleep, env } = context;
  const headers = administration(env);
  const tags = { kind: 'waiting' };
  const startedAtMs = performance.now();
  let response = await http.post('/api/knowledge/reindex', { headers, json: {}, tags, expect: [202] });
  while (response.ok && response.json<Index>().state === 'running') {
    await sleep('500ms');
    response = await http.get('/api/knowledge/reindex', { headers, tags });
  }
  const isUpdated = check(response, {
    'index: the update is done': (r) => r.ok && r.json<Index>().state === 'done',
  });
  if (isUpdated) metrics.trend('index_update_duration').add(performance.now() - startedAtMs);
}
