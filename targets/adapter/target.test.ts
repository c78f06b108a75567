// The adapter's service as its clients see it: answers, tenants, providers that are slow or gone, and its figures.

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningPostgres, startPostgres } from '../../src/target-kit/postgres.ts';
import type { RunningTarget } from '../../src/target-kit/target.ts';
import { startTarget } from './target.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let postgres: RunningPostgres;
let target: RunningTarget;
beforeAll(async () => {
  postgres = await startPostgres();
  target = await started();
});
afterAll(async () => {
  await target?.stop();
  await postgres?.stop();
});

/** The service with these knobs, on the one database; providers answer at once. */
function started(env: Readonly<Record<string, string>> = {}): Promise<RunningTarget> {
  const knobs = { ADAPTER_CONTACTS: '2000', ADAPTER_PROVIDER_DELAY: '0', ...env };
  return startTarget({ env: { DATABASE_URL: postgres.url, ...knobs } });
}

interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

function keyOf(tenant: number): string {
  const keys = new Map(
    target.env!.ADAPTER_TENANT_KEYS!.split(',').map((one) => one.split('=') as [string, string]),
  );
  return keys.get(String(tenant))!;
}

async function ask<Body = Record<string, unknown>>(
  method: string,
  path: string,
  options: { tenant?: number; key?: string; body?: unknown; run?: string; of?: RunningTarget } = {},
): Promise<Answer<Body>> {
  const { tenant, key, body, run, of = target } = options;
  const response = await fetch(`${of.url}${path}`, {
    method,
    headers: {
      ...(tenant === undefined ? {} : { 'x-tenant-id': String(tenant), 'x-api-key': key ?? keyOf(tenant) }),
      ...(run === undefined ? {} : { 'x-test-run': run }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}

interface Row {
  readonly id: number;
  readonly tenant: number;
}

const contact = {
  firstName: 'Ada',
  lastName: 'Byron',
  email: 'ada@example.com',
  company: 'Acme',
  provider: 'hubspot',
};
const ticketFor = (id: number) => ({ contact: id, subject: 'Sync', body: 'It stopped.', priority: 'high' });

describe('the service', () => {
  it('creates, finds and deletes the records of a tenant', async () => {
    const made = await ask<Row>('POST', '/v1/crm/contacts', { tenant: 2, body: contact, run: 'r1' });
    expect(made).toMatchObject({ status: 201, body: { ...contact, tenant: 2, externalId: 'crm-create-1' } });
    const found = await ask<{ contacts: Row[]; degraded: boolean }>('GET', '/v1/crm/contacts?initial=B', {
      tenant: 2,
    });
    expect(found.body.degraded).toBe(false);
    expect(found.body.contacts.map(({ id }) => id)).toContain(made.body.id);
    expect(new Set(found.body.contacts.map(({ tenant }) => tenant))).toEqual(new Set([2]));
    const ticket = await ask<Row>('POST', '/v1/tickets', {
      tenant: 2,
      body: ticketFor(made.body.id),
      run: 'r1',
    });
    expect(ticket).toMatchObject({ status: 201, body: { tenant: 2, contact: made.body.id, status: 'open' } });
    const open = await ask<{ tickets: Row[] }>('GET', '/v1/tickets?status=open', { tenant: 2 });
    expect(open.body.tickets[0]).toMatchObject({ id: ticket.body.id, tenant: 2 });
    // Another tenant deletes nothing of it.
    const none = { crm_contacts: 0, tickets: 0, workflow_runs: 0 };
    expect((await ask('DELETE', '/v1/test-runs/r1', { tenant: 3 })).body).toEqual({ deleted: none });
    expect((await ask('DELETE', '/v1/test-runs/r1', { tenant: 2 })).body).toEqual({
      deleted: { crm_contacts: 1, tickets: 1, workflow_runs: 0 },
    });
  });

  it('executes a workflow in steps, and writes its run down', async () => {
    const { body } = await ask<{ workflows: Row[] }>('GET', '/v1/workflows', { tenant: 4 });
    expect(new Set(body.workflows.map(({ tenant }) => tenant))).toEqual(new Set([4]));
    const id = body.workflows[0]!.id;
    const run = await ask('POST', `/v1/workflows/${id}/execute`, { tenant: 4, body: {}, run: 'r2' });
    expect(run).toMatchObject({ status: 200, body: { workflow: id, tenant: 4, status: 'succeeded' } });
    expect((run.body.steps as { provider: string }[]).map(({ provider }) => provider)).toEqual([
      'crm',
      'crm',
      'crm',
      'helpdesk',
      'helpdesk',
    ]);
    expect((await ask('DELETE', '/v1/test-runs/r2', { tenant: 4 })).body).toMatchObject({
      deleted: { workflow_runs: 1 },
    });
  });

  it('says that it is well, and what it has done', async () => {
    expect((await ask('GET', '/health')).body).toMatchObject({
      status: 'ok',
      tenants: 5,
      circuits: { crm: 'closed', helpdesk: 'closed' },
    });
    const page = await (await fetch(`${target.url}/metrics`)).text();
    expect(page).toMatch(/adapter_http_requests_total\{route="\/health",status="200"\} \d+/);
    for (const name of [
      'adapter_provider_calls_total{provider="crm",outcome="answered"}',
      'adapter_circuit_state{provider="helpdesk"}',
      'adapter_db_pool_size',
      'process_resident_memory_bytes',
    ]) {
      expect(page).toContain(`\n${name} `);
    }
  });

  it.each([
    ['GET', '/v1/tickets?status=open', {}, 401, 'tenant_missing'],
    ['GET', '/v1/tickets?status=open', { tenant: 2, key: 'key-2' }, 403, 'tenant_refused'],
    ['GET', '/v1/tickets?status=open', { tenant: 99, key: 'key-99' }, 403, 'tenant_refused'],
    ['GET', '/v1/tickets?status=lost', { tenant: 2 }, 400, 'invalid_input'],
    ['GET', '/v1/crm/contacts', { tenant: 2 }, 400, 'invalid_input'],
    ['POST', '/v1/crm/contacts', { tenant: 2, body: { ...contact, provider: 'none' } }, 400, 'invalid_input'],
    ['POST', '/v1/workflows/99999/execute', { tenant: 2, body: {} }, 404, 'not_found'],
    ['DELETE', '/health', {}, 405, 'method_not_allowed'],
    ['PUT', '/admin/providers/fax', { body: {} }, 404, 'not_found'],
    ['PUT', '/admin/providers/crm', { body: { mode: 'asleep' } }, 400, 'invalid_input'],
  ] as const)('%s %s with %o is refused with %d', async (method, path, options, status, code) => {
    expect(await ask(method, path, options)).toMatchObject({ status, body: { error: { code } } });
  });
});

describe('tenants', () => {
  it('do not reach rows of each other: neither contacts nor workflows', async () => {
    const other = await ask<{ workflows: Row[] }>('GET', '/v1/workflows', { tenant: 3 });
    const id = other.body.workflows[0]!.id;
    expect((await ask('POST', `/v1/workflows/${id}/execute`, { tenant: 2, body: {} })).status).toBe(404);
    expect((await ask('POST', '/v1/tickets', { tenant: 2, body: ticketFor(3) })).status).toBe(404);
  });

  it('see rows of all with ADAPTER_RLS=off: nothing but the policies keeps them apart', async () => {
    const leaky = await started({ ADAPTER_RLS: 'off' });
    const { body } = await ask<{ tickets: Row[] }>('GET', '/v1/tickets?status=open', {
      tenant: 2,
      of: leaky,
    });
    expect(new Set(body.tickets.map(({ tenant }) => tenant)).size).toBeGreaterThan(1);
    expect(leaky.describe().join('\n')).toContain('no policy applies to the service (ADAPTER_RLS=off)');
    await leaky.stop();
  });
});

describe('providers', () => {
  const behave = (of: RunningTarget, name: string, behaviour: object) =>
    ask('PUT', `/admin/providers/${name}`, { of, body: behaviour });

  it('that are gone open the circuit: searches are degraded, writes refused, and the others are well', async () => {
    const one = await started({ ADAPTER_CIRCUIT_OPEN_MS: '60000', ADAPTER_PROVIDER_RETRIES: '0' });
    await behave(one, 'crm', { mode: 'down' });
    const create = () => ask('POST', '/v1/crm/contacts', { tenant: 1, body: contact, of: one });
    const answers = [];
    for (let i = 0; i < 7; i++) answers.push(await create());
    expect(answers.map(({ status }) => status)).toEqual([502, 502, 502, 502, 502, 503, 503]);
    expect(answers[6]!.headers.get('retry-after')).toBe('60');
    // The circuit keeps calls away: only those before it opened arrived.
    expect((await ask('GET', '/admin/providers/crm', { of: one })).body).toMatchObject({
      calls: 5,
      mode: 'down',
    });
    const search = await ask('GET', '/v1/crm/contacts?initial=B', { tenant: 1, of: one });
    expect(search).toMatchObject({ status: 200, body: { degraded: true } });
    const tickets = await ask('GET', '/v1/tickets?status=open', { tenant: 1, of: one });
    expect(tickets).toMatchObject({ status: 200, body: { degraded: false } });
    expect((await ask('GET', '/health', { of: one })).body).toMatchObject({ circuits: { crm: 'open' } });
    const page = await (await fetch(`${one.url}/metrics`)).text();
    expect(page).toContain('\nadapter_circuit_state{provider="crm"} 2\n');
    expect(page).toContain('\nadapter_circuit_opened_total{provider="crm"} 1\n');
    await one.stop();
  });

  it('that are well again close it', async () => {
    const one = await started({ ADAPTER_CIRCUIT_OPEN_MS: '50', ADAPTER_PROVIDER_RETRIES: '0' });
    await behave(one, 'helpdesk', { failureRatio: 1 });
    const create = () => ask('POST', '/v1/tickets', { tenant: 1, body: ticketFor(1), run: 'r3', of: one });
    for (let i = 0; i < 5; i++) expect((await create()).status).toBe(502);
    await behave(one, 'helpdesk', { failureRatio: 0 });
    await vi.waitFor(async () => expect((await create()).status).toBe(201));
    await ask('DELETE', '/v1/test-runs/r3', { tenant: 1, of: one });
    await one.stop();
  });

  it('that fail once are asked again, and are asked again and again with ADAPTER_CIRCUIT=off', async () => {
    const one = await started({
      ADAPTER_CIRCUIT: 'off',
      ADAPTER_PROVIDER_RETRIES: '1',
      ADAPTER_CRM_FAILURES: '1',
    });
    for (let i = 0; i < 6; i++) await ask('GET', '/v1/crm/contacts?initial=B', { tenant: 1, of: one });
    expect((await ask('GET', '/admin/providers/crm', { of: one })).body).toMatchObject({ calls: 12 });
    await one.stop();
  });

  it('that hang hold up what needs no provider, where connections are held meanwhile', async () => {
    const knobs = {
      ADAPTER_API_POOL: '2',
      ADAPTER_PROVIDER_TIMEOUT_MS: '1500',
      ADAPTER_PROVIDER_RETRIES: '0',
    };
    const healthMsWhileHanging = async (env: Readonly<Record<string, string>>): Promise<number> => {
      const one = await started({ ...knobs, ...env });
      await behave(one, 'crm', { mode: 'hangs' });
      const search = () => ask('GET', '/v1/crm/contacts?initial=B', { tenant: 1, of: one });
      const searches = [search(), search()];
      await vi.waitFor(async () => {
        expect((await ask('GET', '/admin/providers/crm', { of: one })).body.calls).toBe(2);
      });
      const startedAtMs = performance.now();
      await ask('GET', '/health', { of: one });
      const tookMs = performance.now() - startedAtMs;
      await Promise.all(searches);
      await one.stop();
      return tookMs;
    };
    const holding = await healthMsWhileHanging({ ADAPTER_HOLD_CONNECTION: 'on' });
    expect(holding).toBeGreaterThan(await healthMsWhileHanging({}));
    expect(holding).toBeGreaterThan(500);
  });
});
