// The platform's requests, with checks of their responses. Used by users.ts and suite.ts.

import type { RunContext, TaskContext } from 'plimsoll';

/** Accounts that the platform holds, numbered from 1. */
const accountCount = 300;
const plans = ['starter', 'growth', 'enterprise'] as const;
const ranges = { '7d': 7, '30d': 30, '90d': 90 } as const;

interface Price {
  price: number;
  currency: string;
  breakdown: Record<string, unknown>;
  cached: boolean;
}
interface Analytics {
  range: string;
  totals: Record<string, number>;
  series: unknown[];
}
interface RoiReport {
  account: number;
  months: unknown[];
  roi: number;
}
interface Savings {
  monthlySavings: number;
  yearlySavings: number;
}

type Vu = TaskContext['vu'];

/** A whole number from `least` to `most`, from the user's own random stream. */
function between(vu: Vu, least: number, most: number): number {
  return least + Math.floor(vu.random() * (most - least + 1));
}

function oneOf<Item>(vu: Vu, items: readonly Item[]): Item {
  return items[Math.floor(vu.random() * items.length)]!;
}

/** `setup`: ends the run before any load when the platform is not healthy. */
export async function assertHealthy({ http }: RunContext): Promise<void> {
  const response = await http.get('/health', { timeout: '10s' });
  if (response.status === 200 && response.json<{ status: string }>().status === 'ok') return;
  throw new Error(
    `GET /health answered ${response.error?.message ?? `${response.status} ${response.text()}`}`,
  );
}

export async function calculatePrice({ http, check, vu }: TaskContext): Promise<void> {
  const response = await http.post('/api/pricing/calculate', {
    json: {
      leads: between(vu, 50, 5000),
      conversionRate: between(vu, 1, 25) / 100,
      avgDealValue: between(vu, 200, 20_000),
      plan: oneOf(vu, plans),
    },
  });
  check(response, {
    'price: status is 200': (r) => r.status === 200,
    'price: is a price in a currency': (r) => {
      const { price, currency, breakdown } = r.json<Price>();
      return price > 0 && currency.length === 3 && typeof breakdown === 'object';
    },
  });
}

export async function viewAnalytics({ http, check, vu }: TaskContext): Promise<void> {
  const range = oneOf(vu, Object.keys(ranges) as (keyof typeof ranges)[]);
  const response = await http.get('/api/analytics', { params: { range } });
  check(response, {
    'analytics: status is 200': (r) => r.status === 200,
    'analytics: covers the range asked for': (r) => {
      const answer = r.json<Analytics>();
      return answer.range === range && answer.series.length === ranges[range];
    },
  });
}

export async function readRoiReport({ http, check, vu }: TaskContext): Promise<void> {
  const account = between(vu, 1, accountCount);
  const response = await http.get('/api/roi/report', { params: { account } });
  check(response, {
    'roi: status is 200': (r) => r.status === 200,
    'roi: is the report of this account': (r) => {
      const report = r.json<RoiReport>();
      return report.account === account && report.months.length > 0 && Number.isFinite(report.roi);
    },
  });
}

export async function calculateSavings({ http, check, vu }: TaskContext): Promise<void> {
  const response = await http.post('/api/savings/calculate', {
    json: {
      hoursPerWeek: between(vu, 5, 200),
      hourlyRate: between(vu, 15, 150),
      automationShare: between(vu, 10, 90) / 100,
    },
  });
  check(response, {
    'savings: status is 200': (r) => r.status === 200,
    'savings: a year is twelve months': (r) => {
      const { monthlySavings, yearlySavings } = r.json<Savings>();
      // Both figures are rounded to cents, so the sum of twelve months may differ by twelve half cents.
      return monthlySavings > 0 && Math.abs(yearlySavings - 12 * monthlySavings) <= 0.07;
    },
  });
}

/** The rest of the platform: an account's page, or a page of leads. */
export async function browse({ http, check, vu }: TaskContext): Promise<void> {
  const account = between(vu, 1, accountCount);
  if (vu.random() < 0.5) {
    const response = await http.get(`/api/accounts/${account}`, { name: '/api/accounts/:id' });
    check(response, {
      'account: status is 200': (r) => r.status === 200,
      'account: is the one asked for': (r) => r.json<{ id: number }>().id === account,
    });
    return;
  }
  const response = await http.get('/api/leads', { params: { account, page: between(vu, 1, 3) } });
  check(response, { 'leads: status is 200': (r) => r.status === 200 });
}

/** `onStart` of an administrator: keeps the token for all later requests. */
export async function logIn({ http, session }: TaskContext): Promise<void> {
  const response = await http.post('/api/login', { json: { user: 'admin', password: 'plimsoll' } });
  if (response.status !== 200) throw new Error(`the login failed with status ${response.status}`);
  session.authorization = `Bearer ${response.json<{ token: string }>().token}`;
}

export async function viewOverview({ http, check, session }: TaskContext): Promise<void> {
  const response = await http.get('/api/admin/overview', {
    headers: { authorization: session.authorization },
  });
  check(response, { 'overview: status is 200': (r) => r.status === 200 });
}

export async function listUsers({ http, check, session, vu }: TaskContext): Promise<void> {
  const response = await http.get('/api/admin/users', {
    params: { page: between(vu, 1, 8) },
    headers: { authorization: session.authorization },
  });
  check(response, { 'users: status is 200': (r) => r.status === 200 });
}

/** Writes a rate; the platform then discards its cached pricing rules. */
export async function writeRate({ http, check, session, vu }: TaskContext): Promise<void> {
  const rate = between(vu, 80, 240) / 100;
  const response = await http.post('/api/admin/rates', {
    json: { plan: oneOf(vu, plans), rate },
    headers: { authorization: session.authorization },
  });
  check(response, {
    'rate: status is 200': (r) => r.status === 200,
    'rate: is the one written': (r) => r.json<{ rate: number }>().rate === rate,
  });
}
