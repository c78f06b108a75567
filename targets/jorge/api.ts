// Every route of the Jorge system, one line of purpose each. Called by target.ts.

import { burnCpu } from '../../src/target-kit/burdens.ts';
import type { Database, Query, Statement } from '../../src/target-kit/database.ts';
import { HttpError, readFields, readInteger } from '../../src/target-kit/http-error.ts';
import type { ApiRequest, Reply, Route } from '../../src/target-kit/http-routing.ts';
import type { Cache } from './cache.ts';
import type { Crm } from './crm.ts';
import { throughHotRow } from './hot-row.ts';
import type { Knobs } from './knobs.ts';
import type { Logins } from './login.ts';
import type { Metrics } from './metrics.ts';
import { calculatePrice, calculateSavings, plans, readRules, writeRate } from './pricing.ts';
import {
  type Range,
  rangeDays,
  readAccount,
  readAnalytics,
  readLeads,
  readOverview,
  readRoiReport,
  readUsers,
} from './reports.ts';
import { accountCount } from './schema.ts';

export interface ApiParts {
  readonly database: Database;
  readonly cache: Cache;
  readonly logins: Logins;
  readonly metrics: () => Metrics;
  readonly version: string;
  /** Asked for the owners of accounts, if there is one. */
  readonly crm: Crm | undefined;
  readonly knobs: Pick<Knobs, 'cpuMs' | 'hasHotRow' | 'asksRowByRow'>;
}

const mostPages = 10_000;
const ping: Statement = { name: 'ping', text: 'SELECT 1' };

type Run = (request: ApiRequest) => Reply | Promise<Reply>;
const open = (method: Route['method'], path: string, run: Run): Route => ({
  method,
  path,
  run,
  limited: true,
});
const unlimited = (path: string, run: Run): Route => ({ ...open('GET', path, run), limited: false });
const ok = (body: unknown): Reply => ({ status: 200, body });

export function makeRoutes({ database, cache, logins, metrics, version, crm, knobs }: ApiParts): Route[] {
  const counted = <Result>(work: (database: { readonly query: Query }) => Promise<Result>) =>
    knobs.hasHotRow ? throughHotRow(database, (query) => work({ query })) : work(database);
  const admin = (method: Route['method'], path: string, run: Run): Route => ({
    ...open(method, path, run),
    authorize: (headers) => logins.authorize(headers.authorization),
  });
  const owner = async (account: number) => (crm === undefined ? {} : { owner: await crm.ownerOf(account) });
  return [
    open('POST', '/api/pricing/calculate', async ({ body }) => {
      const input = readFields(body, {
        leads: { kind: 'integer', min: 0, max: 10_000_000 },
        conversionRate: { kind: 'number', min: 0, max: 1 },
        avgDealValue: { kind: 'number', min: 0, max: 1e9 },
        plan: { kind: 'text', oneOf: plans },
      });
      const rules = await counted((one) => readRules(one, cache, input.plan));
      if (knobs.cpuMs > 0) burnCpu(knobs.cpuMs);
      return ok({ ...calculatePrice(rules.value, input), cached: rules.cached });
    }),
    open('GET', '/api/analytics', async ({ query }) =>
      ok(await readAnalytics(database, cache, readRange(query.get('range') ?? '7d'))),
    ),
    open('GET', '/api/roi/report', async ({ query }) => {
      const account = readInteger('account', query.get('account'), 1, accountCount);
      return ok({ ...(await counted((one) => readRoiReport(one, account))), ...(await owner(account)) });
    }),
    open('POST', '/api/savings/calculate', ({ body }) => {
      const input = readFields(body, {
        hoursPerWeek: { kind: 'number', min: 0, max: 1_000_000 },
        hourlyRate: { kind: 'number', min: 0, max: 1_000_000 },
        automationShare: { kind: 'number', min: 0, max: 1 },
      });
      return ok(calculateSavings(input));
    }),
    open('GET', '/api/accounts/:id', async ({ params }) => {
      const id = readInteger('id', params[0]!, 1, 999_999_999);
      const account = await readAccount(database, id);
      if (account === undefined) throw new HttpError(404, 'not_found', `there is no account ${id}`);
      return ok({ ...account, ...(await owner(id)) });
    }),
    open('GET', '/api/leads', async ({ query }) => {
      const given = query.get('account');
      const account = given === null ? undefined : readInteger('account', given, 1, accountCount);
      const page = await readLeads(database, account, readPage(query), knobs.asksRowByRow);
      return ok({ ...page, ...(account === undefined ? {} : await owner(account)) });
    }),
    open('POST', '/api/login', async ({ body }) => {
      const { user, password } = readFields(body, { user: { kind: 'text' }, password: { kind: 'text' } });
      return ok(await logins.login(user, password));
    }),
    admin('GET', '/api/admin/overview', async () => ok(await readOverview(database, cache))),
    admin('GET', '/api/admin/users', async ({ query }) =>
      ok(await readUsers(database, readPage(query), knobs.asksRowByRow)),
    ),
    admin('POST', '/api/admin/rates', async ({ body }) => {
      const { plan, rate } = readFields(body, {
        plan: { kind: 'text', oneOf: plans },
        rate: { kind: 'number', min: 0.01, max: 1000 },
      });
      return ok(await writeRate(database, cache, plan, rate));
    }),
    unlimited('/health', async () => {
      const startedAtMs = performance.now();
      await database.query(ping);
      const databaseMs = Number((performance.now() - startedAtMs).toFixed(2));
      return ok({ status: 'ok', uptimeSec: Math.round(process.uptime()), databaseMs, postgres: version });
    }),
    unlimited('/metrics', () => ({
      status: 200,
      text: metrics().render(),
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
    })),
  ];
}

function readRange(text: string): Range {
  if (Object.hasOwn(rangeDays, text)) return text as Range;
  const expected = `one of ${Object.keys(rangeDays).join(', ')}`;
  throw new HttpError(400, 'invalid_input', 'range does not fit', {
    fields: [{ field: 'range', expected, found: JSON.stringify(text.slice(0, 60)) }],
  });
}

function readPage(query: URLSearchParams): number {
  return readInteger('page', query.get('page') ?? '1', 1, mostPages);
}
