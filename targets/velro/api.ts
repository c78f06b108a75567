// Every route of the Velro system, one line of purpose each. Called by target.ts.

import type { Database, Statement } from '../../src/target-kit/database.ts';
import { HttpError, readFields, readInteger } from '../../src/target-kit/http-error.ts';
import type { ApiRequest, Reply, Route } from '../../src/target-kit/http-routing.ts';
import { userCount } from './dataset.ts';
import type { Generations } from './generations.ts';
import type { Knobs } from './knobs.ts';
import { cacheHeaders, type Permissions } from './permissions.ts';
import type { RedisLayer } from './redis-layer.ts';
import { selectUser } from './statements.ts';
import type { Identity, Tokens } from './tokens.ts';

export interface ApiParts {
  readonly database: Database;
  readonly redis: RedisLayer | undefined;
  readonly permissions: Permissions;
  readonly tokens: Tokens;
  readonly generations: Generations;
  readonly metrics: () => string;
  readonly knobs: Pick<Knobs, 'isWarmed' | 'failureShare'>;
}

const ping: Statement = { name: 'ping', text: 'SELECT 1' };
interface UserRow {
  readonly name: string;
  readonly team: number;
  readonly credits: number;
  readonly generation: number;
}

/** What an action takes. */
const actions = { read: 'viewer', create: 'editor', manage: 'owner' } as const;
type Action = keyof typeof actions;

type Run = (request: ApiRequest) => Reply | Promise<Reply>;
type RunAs = (identity: Identity, request: ApiRequest) => Reply | Promise<Reply>;

export function makeRoutes(parts: ApiParts): Route[] {
  const { database, redis, permissions, tokens, generations, metrics, knobs } = parts;
  const failing = failures(knobs.failureShare);
  const open = (method: Route['method'], path: string, run: Run): Route => ({
    method,
    path,
    run,
    limited: false,
  });
  const withKey = (path: string, run: Run): Route => ({
    ...open('POST', path, run),
    authorize: (headers) => tokens.requireServiceKey(headers),
  });
  const signedIn = (method: Route['method'], path: string, run: RunAs): Route =>
    open(method, path, (request) => {
      const identity = tokens.identify(request.headers);
      failing();
      return run(identity, request);
    });
  const models = JSON.stringify({ models: generations.models });

  return [
    withKey('/api/v1/auth/session', ({ body }) => signIn(parts, body)),
    signedIn('GET', '/api/v1/auth/me', ({ userId, teamId }) => ok({ user: userId, team: teamId })),
    signedIn('GET', '/api/v1/authorization', async ({ userId, teamId }, { query }) => {
      const team = query.has('team') ? readInteger('team', query.get('team'), 1, 1_000_000) : teamId;
      const action = readAction(query.get('action'));
      const found = await permissions.require(userId, team, actions[action]);
      return ok({ allowed: true, team, action, role: found.role }, cacheHeaders(found));
    }),
    signedIn('GET', '/api/v1/generations', async ({ userId, teamId }, { query }) => {
      const limit = query.has('limit') ? readInteger('limit', query.get('limit'), 1, 100) : 20;
      const found = await permissions.require(userId, teamId, 'viewer');
      return ok({ generations: await generations.list(userId, limit) }, cacheHeaders(found));
    }),
    signedIn('POST', '/api/v1/generations', async (identity, { body }) => {
      const { model, prompt } = readFields(body, { model: { kind: 'text' }, prompt: { kind: 'text' } });
      const found = await permissions.require(identity.userId, identity.teamId, 'editor');
      const id = await generations.create(identity, model, prompt);
      return { ...ok({ id, status: 'queued' }, cacheHeaders(found)), status: 201 };
    }),
    signedIn('GET', '/api/v1/models', () => ({
      status: 200,
      text: models,
      headers: { 'cache-control': 'max-age=60' },
    })),
    signedIn('GET', '/api/v1/generations/:id/media', async ({ userId }, { params }) => {
      const id = readInteger('id', params[0]!, 1, 999_999_999);
      const found = await permissions.require(userId, await generations.teamOf(id), 'viewer');
      return ok(generations.mediaUrl(id), cacheHeaders(found));
    }),
    withKey('/api/v1/admin/cache/flush', async () => {
      await permissions.clear();
      return ok({ flushed: true });
    }),
    open('GET', '/health', async () => {
      await database.query(ping);
      const cache = redis === undefined ? 'memory alone' : 'memory and Redis';
      return ok({ status: 'ok', database: 'ok', cache });
    }),
    open('GET', '/metrics', () => ({
      status: 200,
      text: metrics(),
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
    })),
  ];
}

async function signIn({ database, permissions, tokens, knobs }: ApiParts, body: unknown): Promise<Reply> {
  const { user } = readFields(body, { user: { kind: 'integer', min: 1, max: userCount } });
  const [row] = await database.query<UserRow & Record<string, unknown>>(selectUser, [user]);
  if (row === undefined) throw new HttpError(404, 'no_such_user', `there is no user ${user}`);
  const { team, name, credits, generation } = row;
  if (knobs.isWarmed) await permissions.warm(user, team);
  const { token, expiresInSec } = tokens.sign({ userId: user, teamId: team });
  return ok({ token, expiresInSec, user: { id: user, name, team, credits }, generation });
}

function ok(body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 200, body, headers };
}

function readAction(text: string | null): Action {
  if (text !== null && Object.hasOwn(actions, text)) return text as Action;
  throw new HttpError(400, 'invalid_input', 'action does not fit', {
    fields: [
      { field: 'action', expected: `one of ${Object.keys(actions).join(', ')}`, found: text ?? 'nothing' },
    ],
  });
}

/** Throws a 500 for this share of its calls, evenly spread. */
function failures(share: number): () => void {
  let due = 0;
  return () => {
    due += share;
    if (due < 1) return;
    due -= 1;
    throw new HttpError(500, 'planted', 'this request fails by VELRO_FAILURES');
  };
}
