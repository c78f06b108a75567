// What the Jorge system reads from its rows: analytics, the ROI report, accounts, leads, and the overview.

import type { Database, Statement } from '../../src/target-kit/database.ts';
import type { Cache } from './cache.ts';
import { asOf } from './schema.ts';

export const rangeDays = { '7d': 7, '30d': 30, '90d': 90 } as const;
export type Range = keyof typeof rangeDays;

type Queries = Pick<Database, 'query'>;

const analyticsTtlMs = 5000;
const overviewTtlMs = 5000;
const pageSize = 50;

const selectSeries: Statement = {
  name: 'analytics-series',
  text: `SELECT to_char(day, 'YYYY-MM-DD') AS day, count(*)::int AS events,
      count(*) FILTER (WHERE kind = 'visit')::int AS visits,
      count(*) FILTER (WHERE kind = 'signup')::int AS signups, sum(value) AS value
    FROM events WHERE day >= $1::date - $2::int AND day < $1::date GROUP BY events.day ORDER BY events.day`,
};

interface DayRow {
  day: string;
  events: number;
  visits: number;
  signups: number;
  value: number;
}

/** Events per day over the last days of the data set; at most 5 s old. One entry per day, ascending. */
export async function readAnalytics(database: Queries, cache: Cache, range: Range) {
  const { value, cached } = await cache.get(`analytics:${range}`, analyticsTtlMs, async () => {
    const series = await database.query<DayRow>(selectSeries, [asOf.slice(0, 10), rangeDays[range]]);
    const sum = (name: 'events' | 'visits' | 'signups' | 'value') =>
      Number(series.reduce((total, row) => total + row[name], 0).toFixed(2));
    const totals = {
      events: sum('events'),
      visits: sum('visits'),
      signups: sum('signups'),
      value: sum('value'),
    };
    return { range, totals, series };
  });
  return { ...value, cached };
}

/**
 * The heavy one: every lead and every won deal of all accounts on the same plan, month by month, to rank one
 * account among its peers. About 13,000 leads and 4,500 deals are read from their indexes, grouped, joined and
 * run through four windows per report.
 */
const selectRoi: Statement = {
  name: 'roi-report',
  text: `WITH peers AS MATERIALIZED (
      SELECT a.id, a.monthly_spend::float8 AS spend
      FROM accounts AS a JOIN accounts AS me ON me.plan = a.plan WHERE me.id = $1
    ), lead_months AS (
      SELECT l.account_id, l.month, count(*)::int AS leads
      FROM peers JOIN leads AS l ON l.account_id = peers.id GROUP BY l.account_id, l.month
    ), deal_months AS (
      SELECT d.account_id, d.month, count(*)::int AS won, sum(d.value)::float8 AS revenue
      FROM peers JOIN deals AS d ON d.account_id = peers.id AND d.stage = 'won' GROUP BY d.account_id, d.month
    ), ranked AS (
      SELECT account_id, month, leads, coalesce(won, 0) AS won, coalesce(revenue, 0) AS revenue, spend,
        sum(coalesce(revenue, 0)) OVER account AS revenue_to_date, sum(spend) OVER account AS spend_to_date,
        rank() OVER (PARTITION BY month ORDER BY coalesce(revenue, 0) / spend DESC)::int AS rank,
        count(*) OVER (PARTITION BY month)::int AS peers
      FROM lead_months JOIN peers ON peers.id = account_id LEFT JOIN deal_months USING (account_id, month)
      WINDOW account AS (PARTITION BY account_id ORDER BY month)
    )
    SELECT to_char(month, 'YYYY-MM') AS month, leads, won, revenue, spend,
      revenue_to_date, spend_to_date, rank, peers
    FROM ranked WHERE account_id = $1 ORDER BY ranked.month`,
};

interface RoiRow {
  month: string;
  leads: number;
  won: number;
  revenue: number;
  spend: number;
  revenue_to_date: number;
  spend_to_date: number;
  rank: number;
  peers: number;
}

/** Month by month, ascending; `roi` is (revenue - spend) / spend over all months. Never cached. */
export async function readRoiReport(database: Queries, account: number) {
  const rows = await database.query<RoiRow>(selectRoi, [account]);
  const last = rows.at(-1);
  const ratio = (revenue: number, spend: number) => Number(((revenue - spend) / spend).toFixed(4));
  return {
    account,
    months: rows.map((row) => ({
      month: row.month,
      leads: row.leads,
      won: row.won,
      revenue: row.revenue,
      spend: row.spend,
      roi: ratio(row.revenue, row.spend),
      rank: row.rank,
      peers: row.peers,
    })),
    roi: last === undefined ? 0 : ratio(last.revenue_to_date, last.spend_to_date),
  };
}

const selectAccount: Statement = {
  name: 'account',
  text: `SELECT id, name, plan, region, monthly_spend::float8 AS "monthlySpend", created_at AS "createdAt",
      (SELECT count(*)::int FROM leads WHERE account_id = $1) AS leads,
      (SELECT coalesce(sum(value), 0)::float8 FROM deals WHERE account_id = $1 AND stage = 'won') AS "wonValue"
    FROM accounts WHERE id = $1`,
};

/** `undefined` when there is no such account. */
export async function readAccount(database: Queries, id: number) {
  return (await database.query(selectAccount, [id]))[0];
}

const leadColumns = `id, account_id AS account, source, status, score, created_at AS "createdAt"`;
const selectAccountLeads: Statement = {
  name: 'leads-of-account',
  text: `SELECT ${leadColumns} FROM leads WHERE account_id = $3 ORDER BY id DESC LIMIT $1 OFFSET $2`,
};
const selectLeads: Statement = {
  name: 'leads',
  text: `SELECT ${leadColumns} FROM leads ORDER BY id DESC LIMIT $1 OFFSET $2`,
};

const selectLead: Statement = { name: 'lead', text: `SELECT ${leadColumns} FROM leads WHERE id = $1` };

/** Newest first, 50 a page, pages from 1; of one account or of all. `rowByRow`: with a statement for each lead. */
export async function readLeads(
  database: Queries,
  account: number | undefined,
  page: number,
  rowByRow: boolean,
) {
  const paging = [pageSize, (page - 1) * pageSize];
  const found =
    account === undefined
      ? await database.query(selectLeads, paging)
      : await database.query(selectAccountLeads, [...paging, account]);
  const leads = rowByRow ? await eachById(database, selectLead, found) : found;
  return { account: account ?? null, page, pageSize, leads };
}

/** Rows again, one after the other by their ids: N + 1 statements for N rows. */
async function eachById(database: Queries, statement: Statement, rows: readonly { id?: number }[]) {
  const again: unknown[] = [];
  for (const { id } of rows) again.push((await database.query(statement, [id]))[0]);
  return again;
}

const selectUsers: Statement = {
  name: 'users',
  text: `SELECT id, name, email, role, created_at AS "createdAt" FROM users ORDER BY id LIMIT $1 OFFSET $2`,
};

const selectUser: Statement = {
  name: 'user',
  text: `SELECT id, name, email, role, created_at AS "createdAt" FROM users WHERE id = $1`,
};

/** `rowByRow`: with a statement for each user. */
export async function readUsers(database: Queries, page: number, rowByRow: boolean) {
  const found = await database.query(selectUsers, [pageSize, (page - 1) * pageSize]);
  return { page, pageSize, users: rowByRow ? await eachById(database, selectUser, found) : found };
}

const selectOverview: Statement = {
  name: 'overview',
  text: `SELECT (SELECT count(*)::int FROM accounts) AS accounts, (SELECT count(*)::int FROM leads) AS leads,
      (SELECT count(*)::int FROM users) AS users,
      (SELECT json_object_agg(stage, json_build_object('deals', n, 'value', v)) FROM (
        SELECT stage, count(*) AS n, sum(value) AS v FROM deals GROUP BY stage) AS stages) AS deals,
      (SELECT json_agg(json_build_object('plan', plan, 'rate', rate) ORDER BY plan) FROM pricing_plans) AS rates`,
};

/** Counts over all tables, at most 5 s old; a changed rate shows at once. */
export async function readOverview(database: Queries, cache: Cache) {
  const load = async () => (await database.query(selectOverview))[0];
  const { value, cached } = await cache.get('pricing:overview', overviewTtlMs, load);
  return { ...value, cached };
}
