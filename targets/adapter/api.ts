// Every route of the adapter's service. Called by target.ts.

import type { Database, Query, Statement } from '../../src/target-kit/database.ts';
import { HttpError, readFields, readInteger } from '../../src/target-kit/http-error.ts';
import type { ApiRequest, Reply, Route } from '../../src/target-kit/http-routing.ts';
import { monotonicMs } from '../../src/time/clock.ts';
import {
  type ProviderMode,
  type ProviderName,
  type ProviderServer,
  providerModes,
  providerNames,
} from './provider-server.ts';
import type { Providers } from './providers.ts';
import {
  deleteRun,
  readContact,
  readContacts,
  readTickets,
  readWorkflow,
  readWorkflows,
  writeContact,
  writeTicket,
} from './records.ts';
import type { Tenants } from './tenants.ts';
import { executeWorkflow } from './workflow.ts';

export interface ApiParts {
  readonly database: Database;
  readonly tenants: Tenants;
  readonly providers: Providers;
  readonly servers: readonly ProviderServer[];
  readonly metrics: () => string;
  /** Of PostgreSQL. */
  readonly version: string;
  /** A request keeps its connection while it waits for a provider. */
  readonly holdsConnection: boolean;
}

const ping: Statement = { name: 'ping', text: 'SELECT 1' };
const crmNames = ['hubspot', 'salesforce', 'pipedrive'] as const;
const statuses = ['open', 'pending', 'solved', 'closed'] as const;
const priorities = ['low', 'normal', 'high', 'urgent'] as const;
const longestRunId = 64;

/** A request of one tenant. */
interface TenantRequest extends ApiRequest {
  readonly tenant: number;
  /** Id of the load test that sends it, from x-test-run; `null` for none. */
  readonly testRun: string | null;
  readonly inTransaction: <Result>(work: (query: Query) => Promise<Result>) => Promise<Result>;
}

const ok = (body: unknown): Reply => ({ status: 200, body });
const created = (body: unknown): Reply => ({ status: 201, body });

export function makeRoutes(parts: ApiParts): Route[] {
  return [...ownRoutes(parts), ...tenantRoutes(parts), ...providerRoutes(parts)];
}

function ownRoutes({ database, tenants, providers, metrics, version }: ApiParts): Route[] {
  return [
    open('GET', '/health', async () => {
      const startedAtMs = monotonicMs();
      await database.query(ping);
      const databaseMs = Number((monotonicMs() - startedAtMs).toFixed(2));
      return ok({
        status: 'ok',
        uptimeSec: Math.round(process.uptime()),
        databaseMs,
        postgres: version,
        tenants: tenants.count,
        circuits: providers.states(),
      });
    }),
    open('GET', '/metrics', () => ({
      status: 200,
      text: metrics(),
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
    })),
  ];
}

function tenantRoutes({ tenants, providers, holdsConnection }: ApiParts): Route[] {
  const route = (
    method: Route['method'],
    path: string,
    run: (request: TenantRequest) => Promise<Reply>,
  ): Route => ({
    ...open(method, path, (request) => {
      const tenant = tenants.of(request.headers);
      const testRun = readTestRun(request);
      return run({
        ...request,
        tenant,
        testRun,
        inTransaction: (work) => tenants.transaction(tenant, work),
      });
    }),
    authorize: (headers) => {
      tenants.of(headers);
    },
  });
  /** Asks a provider, then the database; with the planted weakness, holding a connection all the while. */
  const afterProvider = <Result>(
    { inTransaction }: TenantRequest,
    ask: () => Promise<string>,
    work: (query: Query, externalId: string) => Promise<Result>,
  ): Promise<Result> =>
    holdsConnection
      ? inTransaction(async (query) => work(query, await ask()))
      : ask().then((externalId) => inTransaction((query) => work(query, externalId)));

  return [
    route('POST', '/v1/crm/contacts', async (request) => {
      const contact = readFields(request.body, {
        firstName: { kind: 'text' },
        lastName: { kind: 'text' },
        email: { kind: 'text' },
        company: { kind: 'text' },
        provider: { kind: 'text', oneOf: crmNames },
      });
      const row = await afterProvider(
        request,
        () => providers.ask('crm', 'create'),
        (query, externalId) => writeContact(query, { ...contact, externalId }, request.testRun),
      );
      return created(row);
    }),
    route('GET', '/v1/crm/contacts', async (request) => {
      const initial = readOne(request.query, 'initial', /^[A-Z]$/, 'one letter from A to Z');
      const { isDegraded, rows } = await searched(request, 'crm', (query) => readContacts(query, initial));
      return ok({ contacts: rows, degraded: isDegraded });
    }),
    route('POST', '/v1/tickets', async (request) => {
      const ticket = readFields(request.body, {
        contact: { kind: 'integer', min: 1, max: 2_147_483_647 },
        subject: { kind: 'text' },
        body: { kind: 'text' },
        priority: { kind: 'text', oneOf: priorities },
      });
      // A contact of another tenant is not there: the policies see to it.
      const contact = await request.inTransaction((query) => readContact(query, ticket.contact));
      if (contact === undefined)
        throw new HttpError(404, 'not_found', `there is no contact ${ticket.contact}`);
      const row = await afterProvider(
        request,
        () => providers.ask('helpdesk', 'create'),
        (query) => writeTicket(query, ticket, request.testRun),
      );
      return created(row);
    }),
    route('GET', '/v1/tickets', async (request) => {
      const pattern = new RegExp(`^(${statuses.join('|')})$`);
      const status = readOne(request.query, 'status', pattern, `one of ${statuses.join(', ')}`);
      const { isDegraded, rows } = await searched(request, 'helpdesk', (query) => readTickets(query, status));
      return ok({ tickets: rows, degraded: isDegraded });
    }),
    route('GET', '/v1/workflows', async ({ inTransaction }) =>
      ok({ workflows: await inTransaction(readWorkflows) }),
    ),
    route('POST', '/v1/workflows/:id/execute', async ({ params, inTransaction, testRun }) => {
      const id = readInteger('id', params[0]!, 1, 999_999_999);
      const workflow = await inTransaction((query) => readWorkflow(query, id));
      if (workflow === undefined) throw new HttpError(404, 'not_found', `there is no active workflow ${id}`);
      const run = await executeWorkflow({ workflow: id, testRun, providers, inTransaction });
      return ok({ workflow: id, tenant: workflow.tenant, ...run });
    }),
    route('DELETE', '/v1/test-runs/:id', async ({ params, inTransaction }) =>
      ok({ deleted: await inTransaction((query) => deleteRun(query, params[0]!)) }),
    ),
  ];

  /** Rows of the database while a provider is asked for news of them; without its news when it has none to give. */
  async function searched<Row>(
    request: TenantRequest,
    provider: ProviderName,
    read: (query: Query) => Promise<Row[]>,
  ): Promise<{ isDegraded: boolean; rows: Row[] }> {
    let isDegraded = false;
    const ask = () =>
      providers.ask(provider, 'search').catch((error: unknown) => {
        if (!(error instanceof HttpError)) throw error;
        isDegraded = true;
        return '';
      });
    const rows = await afterProvider(request, ask, read);
    return { isDegraded, rows };
  }
}

/** How providers behave, changed while the service runs: what drills switch. */
function providerRoutes({ servers }: ApiParts): Route[] {
  const serverOf = (name: string | undefined) => {
    const server = servers.find((one) => one.name === name);
    if (server !== undefined) return server;
    throw new HttpError(
      404,
      'not_found',
      `there is no provider ${name}; providers: ${providerNames.join(', ')}`,
    );
  };
  const shown = (server: ProviderServer) =>
    ok({ provider: server.name, ...server.behaviour(), calls: server.callCount() });
  return [
    open('GET', '/admin/providers/:name', ({ params }) => shown(serverOf(params[0]))),
    open('PUT', '/admin/providers/:name', ({ params, body }) => {
      const server = serverOf(params[0]);
      const given = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
      const next = readFields(
        { ...server.behaviour(), ...given },
        {
          mode: { kind: 'text', oneOf: providerModes },
          delayFactor: { kind: 'number', min: 0, max: 1000 },
          failureRatio: { kind: 'number', min: 0, max: 1 },
        },
      );
      const { delayFactor, failureRatio } = next;
      server.behave({ mode: next.mode as ProviderMode, delayFactor, failureRatio });
      return shown(server);
    }),
  ];
}

function open(
  method: Route['method'],
  path: string,
  run: (request: ApiRequest) => Reply | Promise<Reply>,
): Route {
  return { method, path, run, limited: false };
}

function readTestRun({ headers }: ApiRequest): string | null {
  const id = headers['x-test-run'];
  if (id === undefined) return null;
  if (typeof id === 'string' && id !== '' && id.length <= longestRunId) return id;
  throw new HttpError(400, 'invalid_input', `x-test-run must have 1 to ${longestRunId} characters`);
}

function readOne(query: URLSearchParams, field: string, pattern: RegExp, expected: string): string {
  const value = query.get(field) ?? '';
  if (pattern.test(value)) return value;
  const found = value === '' ? 'nothing' : JSON.stringify(value.slice(0, 60));
  throw new HttpError(400, 'invalid_input', `${field} does not fit`, {
    fields: [{ field, expected, found }],
  });
}
