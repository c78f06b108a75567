// Load tests of PratikoAI, an assistant for Italian taxes and accounting. README.md names the sentence of the source behind
// each number.

import { defineSuite } from 'plimsoll';
import { prepareAccounts, removeAllAccounts } from './accounts.ts';
import { drills } from './drills.ts';
import { alerts, monitors } from './monitors.ts';
import { objectives } from './objectives.ts';
import { profiles } from './profiles.ts';
import { scaling } from './scaling.ts';
import { schedules } from './schedules.ts';
import { users } from './users.ts';

export default defineSuite({
  name: 'pratiko',
  description: 'PratikoAI: questions, Italian taxes, documents, regulations and data protection',
  target: { name: 'pratiko' },
  baseUrl: process.env.LOAD_TEST_BASE_URL ?? 'http://127.0.0.1:8000',
  http: { timeout: '60s', headers: { accept: 'application/json' } },
  secrets: ['PRATIKO_ADMIN_KEY', 'JWT_SECRET_KEY', 'LLM_API_KEY'],
  metrics: {
    cache_hits: { type: 'rate' },
    degraded_answers: { type: 'rate' },
    llm_retries: { type: 'counter' },
    time_to_first_token: { type: 'trend', contains: 'time' },
    inter_token_latency: { type: 'trend', contains: 'time' },
    output_tokens_per_sec: { type: 'trend' },
    output_tokens: { type: 'counter' },
    document_duration: { type: 'trend', contains: 'time' },
    documents_at_once: { type: 'trend' },
    index_update_duration: { type: 'trend', contains: 'time' },
  },
  setup: prepareAccounts,
  teardown: removeAllAccounts,
  monitors,
  alerts,
  scaling,
  users,
  defaultProfile: 'quick',
  course: { gates: ['quick'] },
  schedules,
  profiles: { ...profiles, ...drills },
  objectives,
});
