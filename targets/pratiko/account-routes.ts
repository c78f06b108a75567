// Routes of the PratikoAI system about logins and users. Called by api.ts.

import type { Database } from '../../src/target-kit/database.ts';
import { HttpError, type Rules, readFields } from '../../src/target-kit/http-error.ts';
import type { Route } from '../../src/target-kit/http-routing.ts';
import {
  changeProfile,
  changeSettings,
  countUsersBy,
  makeUsers,
  type NewUser,
  readSettings,
  readSubscription,
  readUsage,
  readUser,
  removeUsers,
} from './accounts.ts';
import { writeAudit } from './audit.ts';
import type { Logins } from './login.ts';
import { ok, type RouteMaker } from './routes.ts';
import { territories } from './tax/irpef-rates.ts';

const mostNewUsers = 500;
const leastPrefixLength = 3;

const loginRules = { email: { kind: 'text' }, password: { kind: 'text' } } as const satisfies Rules;
const profileRules = {
  company: { kind: 'text' },
  phone: { kind: 'text', least: 0, most: 40 },
} as const satisfies Rules;
const settingsRules = {
  language: { kind: 'text', oneOf: ['it', 'en'] },
  notifications: { kind: 'boolean' },
  region: { kind: 'text', oneOf: Object.keys(territories) },
} as const satisfies Rules;
const userRules = {
  ...loginRules,
  company: { kind: 'text' },
  vatNumber: { kind: 'text', least: 13, most: 13 },
} as const satisfies Rules;

interface Parts {
  readonly make: RouteMaker;
  readonly database: Database;
  readonly logins: Logins;
  readonly blocksOnPasswords: boolean;
}

export function accountRoutes({ make, database, logins, blocksOnPasswords }: Parts): Route[] {
  return [
    make.forAll('POST', '/api/auth/login', async ({ body }) => {
      const { email, password } = readFields(body, loginRules);
      const { userId, token, expiresAt } = await logins.login(email, password);
      const user = await readUser(database, userId);
      await writeAudit(database, userId, 'login');
      return ok({ token, tokenType: 'Bearer', expiresAt, user });
    }),
    make.forUser('GET', '/api/users/me', async (userId) => ok(await readUser(database, userId))),
    make.forUser('PUT', '/api/users/me', async (userId, { body }) => {
      const user = await changeProfile(database, userId, readFields(body, profileRules));
      await writeAudit(database, userId, 'profile');
      return ok(user);
    }),
    make.forUser('GET', '/api/users/me/subscription', async (userId) =>
      ok(await readSubscription(database, userId)),
    ),
    make.forUser('GET', '/api/users/me/usage', async (userId) => ok(await readUsage(database, userId))),
    make.forUser('GET', '/api/users/me/settings', async (userId) => ok(await readSettings(database, userId))),
    make.forUser('PUT', '/api/users/me/settings', async (userId, { body }) => {
      const settings = await changeSettings(database, userId, readFields(body, settingsRules));
      await writeAudit(database, userId, 'settings');
      return ok(settings);
    }),
    make.forAdmin('POST', '/api/admin/users', async ({ body }) => ({
      status: 201,
      body: await makeUsers(database, readNewUsers(body), blocksOnPasswords),
    })),
    make.forAdmin('GET', '/api/admin/users', async ({ query }) =>
      ok(await countUsersBy(database, readPrefix(query))),
    ),
    make.forAdmin('DELETE', '/api/admin/users', async ({ query }) =>
      ok(await removeUsers(database, readPrefix(query))),
    ),
  ];
}

function readNewUsers(body: unknown): NewUser[] {
  const users: unknown =
    typeof body === 'object' && body !== null && 'users' in body ? body.users : undefined;
  if (!Array.isArray(users) || users.length === 0 || users.length > mostNewUsers) {
    throw new HttpError(400, 'invalid_input', `users must be a list of 1 to ${mostNewUsers} users`);
  }
  return users.map((user: unknown, i) => readFields(user, userRules, `users[${i}].`));
}

/** Long enough not to mean everybody by mistake. */
function readPrefix(query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  if (prefix.length >= leastPrefixLength) return prefix;
  throw new HttpError(
    400,
    'invalid_input',
    `give a prefix of ${leastPrefixLength} characters or more, such as ?prefix=loadtest_user_`,
  );
}
