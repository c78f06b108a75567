// The 200 accounts of the test users, DATA-1 of the README: made before the load, removed after it. Used by suite.ts and by
// the requests.

import type { RunContext } from 'plimsoll';
import { makeDocuments } from './documents/documents.ts';

export const accountCount = 200;
/** What the e-mail addresses of all accounts begin with that a run makes. */
export const accountPrefix = 'loadtest_';
const batchSize = 50;

export interface Account {
  readonly email: string;
  readonly password: string;
  readonly company: string;
  readonly vatNumber: string;
}

/** Account `number`, from 1 to 200. */
export const accountOf = (number: number): Account => ({
  email: `${accountPrefix}user_${number}@pratikoai.it`,
  password: 'TestPassword123!',
  company: `Test Company ${number}`,
  vatNumber: `IT${String(number).padStart(11, '0')}`,
});

type Http = Pick<RunContext, 'http'>['http'];

/** Headers of the platform's administration. */
export const administration = (env: RunContext['env']): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${env.PRATIKO_ADMIN_KEY ?? 'plimsoll-admin'}`,
});

/** `setup`: ends the run before any load when the platform is not healthy, or when an account cannot be made. */
export async function prepareAccounts({ http, env, log }: RunContext): Promise<void> {
  makeDocuments();
  const health = await http.get('/health', { timeout: '10s' });
  if (health.status !== 200) {
    throw new Error(`GET /health answered ${health.error?.message ?? `${health.status} ${health.text()}`}`);
  }
  const headers = administration(env);
  const left = await removeAccounts(http, headers);
  if (left > 0) log.info(`removed ${left} accounts that an earlier run has left`);
  try {
    await makeAccounts(http, headers);
  } catch (error) {
    // No teardown follows a setup that fails.
    await removeAccounts(http, headers);
    throw error;
  }
  log.info(`made ${accountCount} accounts: ${accountOf(1).email} to ${accountOf(accountCount).email}`);
}

/** `teardown`, which also follows a load that failed or was interrupted. */
export async function removeAllAccounts({ http, env, log, finding }: RunContext): Promise<void> {
  if ((env.PLIMSOLL_SKIP_CLEANUP ?? '') !== '') {
    log.info('the accounts of the test users are kept');
    return;
  }
  const headers = administration(env);
  const removed = await removeAccounts(http, headers);
  log.info(`removed ${removed} accounts of the test users`);
  const left = await countAccounts(http, headers);
  if (left === 0) return;
  finding({
    severity: 'warning',
    title: `${left} accounts of the test users are left`,
    advice: `Remove them: DELETE /api/admin/users?prefix=${accountPrefix}`,
  });
}

async function makeAccounts(http: Http, headers: Readonly<Record<string, string>>): Promise<void> {
  for (let first = 1; first <= accountCount; first += batchSize) {
    const users = Array.from({ length: batchSize }, (_, i) => accountOf(first + i));
    const response = await http.post('/api/admin/users', { headers, json: { users }, timeout: '30s' });
    if (response.status !== 201) throw refused('POST /api/admin/users', response);
  }
  const count = await countAccounts(http, headers);
  if (count !== accountCount) throw new Error(`the platform has ${count} of the ${accountCount} test users`);
}

async function countAccounts(http: Http, headers: Readonly<Record<string, string>>): Promise<number> {
  const response = await http.get('/api/admin/users', { headers, params: { prefix: accountPrefix } });
  if (response.status !== 200) throw refused('GET /api/admin/users', response);
  return response.json<{ count: number }>().count;
}

async function removeAccounts(http: Http, headers: Readonly<Record<string, string>>): Promise<number> {
  const response = await http.del('/api/admin/users', { headers, params: { prefix: accountPrefix } });
  if (response.status !== 200) throw refused('DELETE /api/admin/users', response);
  return response.json<{ removed: number }>().removed;
}

type Answer = Awaited<ReturnType<Http['get']>>;

function refused(request: string, response: Answer): Error {
  const { status, error } = response;
  const hints: Readonly<Record<number, string>> = {
    401: 'set PRATIKO_ADMIN_KEY to the key of its administration',
    403: 'set PRATIKO_ADMIN_KEY to the key of its administration',
    429: 'it limits the rate of requests: exempt the load generator',
    500: 'look at its log, and whether its database answers',
    503: 'look at its log, and whether its database answers',
  };
  const answer = error?.message ?? `${status} ${response.text().slice(0, 200)}`;
  const hint = hints[status] ?? 'check its address, and that it is the PratikoAI platform';
  return new Error(`${request} answered ${answer}; ${hint}`);
}
