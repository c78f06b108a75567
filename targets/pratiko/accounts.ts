// Users of the PratikoAI system: what they see and change of themselves, what is counted of their use, and how an admin
// makes and removes them. Called by the routes.

import type { Database, Statement } from '../../src/target-kit/database.ts';
import { HttpError } from '../../src/target-kit/http-error.ts';
import { hashPassword, unauthorized } from './login.ts';

type Queries = Pick<Database, 'query'>;

type UsageKind = 'question' | 'document' | 'search' | 'calculation';

const questionsPerMonth = 2000;

const userColumns = `id::int, email, company, vat_number AS "vatNumber", phone, plan, created_at AS "createdAt"`;
const settingsColumns = 'language, notifications, region';

const selectUser: Statement = { name: 'user', text: `SELECT ${userColumns} FROM users WHERE id = $1` };
const updateProfile: Statement = {
  name: 'profile',
  text: `UPDATE users SET company = $2, phone = $3 WHERE id = $1 RETURNING ${userColumns}`,
};
const selectSettings: Statement = {
  name: 'settings',
  text: `SELECT ${settingsColumns} FROM users WHERE id = $1`,
};
const updateSettings: Statement = {
  name: 'change-settings',
  text: `UPDATE users SET language = $2, notifications = $3, region = $4 WHERE id = $1 RETURNING ${settingsColumns}`,
};
const selectSubscription: Statement = {
  name: 'subscription',
  text: `SELECT plan, 'active' AS state, 49.00::float8 AS "pricePerMonth", 'EUR' AS currency,
      (date_trunc('month', now()) + interval '1 month')::date::text AS "renewsAt", ${questionsPerMonth} AS "questionsPerMonth",
      greatest(0, ${questionsPerMonth} - (SELECT coalesce(sum(calls), 0)::int FROM usage
        WHERE user_id = $1 AND kind = 'question' AND day >= date_trunc('month', now()))) AS "questionsLeft"
    FROM users WHERE id = $1`,
};
const selectUsage: Statement = {
  name: 'usage',
  text: `SELECT (now() - interval '30 days')::date::text AS since,
      coalesce(sum(calls) FILTER (WHERE kind = 'question'), 0)::int AS questions,
      coalesce(sum(calls) FILTER (WHERE kind = 'document'), 0)::int AS documents,
      coalesce(sum(calls) FILTER (WHERE kind = 'search'), 0)::int AS searches,
      coalesce(sum(calls) FILTER (WHERE kind = 'calculation'), 0)::int AS calculations,
      coalesce(sum(tokens), 0)::int AS tokens,
      (SELECT coalesce(json_agg(json_build_object('day', day, 'calls', calls) ORDER BY day), '[]')
        FROM (SELECT day, sum(calls)::int AS calls FROM usage
          WHERE user_id = $1 AND day >= now() - interval '30 days' GROUP BY day) AS days) AS "byDay"
    FROM users LEFT JOIN usage ON user_id = users.id AND day >= now() - interval '30 days' WHERE users.id = $1
    GROUP BY users.id`,
};
const countUse: Statement = {
  name: 'count-use',
  text: `INSERT INTO usage (user_id, day, kind, calls, tokens)
    SELECT id, current_date, $2, 1, $3 FROM users WHERE id = $1
    ON CONFLICT (user_id, day, kind) DO UPDATE SET calls = usage.calls + 1, tokens = usage.tokens + excluded.tokens
    RETURNING 1 AS counted`,
};

/** The only row, or a 401: whoever has no row has been removed since the login. */
async function own<Row extends object>(database: Queries, statement: Statement, values: readonly unknown[]) {
  const [row] = await database.query<Row>(statement, values);
  if (row === undefined) throw unauthorized('this user does not exist any more');
  return row;
}

export const readUser = (database: Queries, userId: number) => own(database, selectUser, [userId]);
export const readSettings = (database: Queries, userId: number) => own(database, selectSettings, [userId]);
export const readSubscription = (database: Queries, userId: number) =>
  own(database, selectSubscription, [userId]);
export const readUsage = (database: Queries, userId: number) => own(database, selectUsage, [userId]);

/** Counts one call of the user today. Throws a 401 for a user that is gone. */
export async function countUsage(
  database: Queries,
  userId: number,
  kind: UsageKind,
  tokens = 0,
): Promise<void> {
  await own(database, countUse, [userId, kind, tokens]);
}

export async function changeProfile(
  database: Queries,
  userId: number,
  { company, phone }: { readonly company: string; readonly phone: string },
) {
  return own(database, updateProfile, [userId, company, phone]);
}

interface Settings {
  readonly language: string;
  readonly notifications: boolean;
  readonly region: string;
}

export async function changeSettings(
  database: Queries,
  userId: number,
  { language, notifications, region }: Settings,
) {
  return own(database, updateSettings, [userId, language, notifications, region]);
}

export interface NewUser {
  readonly email: string;
  readonly password: string;
  readonly company: string;
  readonly vatNumber: string;
}

/** Whoever is known by the e-mail address gets the password, company and VAT number given. */
const upsertUsers: Statement = {
  name: 'make-users',
  text: `INSERT INTO users (email, secret, company, vat_number)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
    ON CONFLICT (email) DO UPDATE
      SET secret = excluded.secret, company = excluded.company, vat_number = excluded.vat_number
    RETURNING (xmax = 0) AS created`,
};

/** Throws a 409 when two of them have the same e-mail address. */
export async function makeUsers(
  database: Queries,
  users: readonly NewUser[],
  blocksOnPasswords: boolean,
): Promise<{ created: number; updated: number }> {
  const emails = users.map(({ email }) => email);
  const twice = emails.find((email, index) => emails.indexOf(email) !== index);
  if (twice !== undefined) throw new HttpError(409, 'twice', `${twice} is given twice`);
  const secrets = await Promise.all(users.map(({ password }) => hashPassword(password, blocksOnPasswords)));
  const rows = await database.query<{ created: boolean }>(upsertUsers, [
    emails,
    secrets,
    users.map(({ company }) => company),
    users.map(({ vatNumber }) => vatNumber),
  ]);
  const created = rows.filter((row) => row.created).length;
  return { created, updated: rows.length - created };
}

const countUsers: Statement = {
  name: 'count-users',
  text: 'SELECT count(*)::int AS count FROM users WHERE starts_with(email, $1)',
};
const deleteUsers: Statement = {
  name: 'remove-users',
  text: `WITH gone AS (DELETE FROM users WHERE starts_with(email, $1) RETURNING 1)
    SELECT count(*)::int AS removed FROM gone`,
};

export async function countUsersBy(database: Queries, prefix: string) {
  return (await database.query<{ count: number }>(countUsers, [prefix]))[0]!;
}

/** With all that is kept about them; entries of the audit log stay, without a name. */
export async function removeUsers(database: Queries, prefix: string) {
  return (await database.query<{ removed: number }>(deleteUsers, [prefix]))[0]!;
}
