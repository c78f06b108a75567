// What the users of the service know: their tenant, its key, and rows that are there. Called by ../suite.ts before and after
// the load.

import { randomUUID } from 'node:crypto';
import type { HttpOptions, RunContext } from 'plimsoll';

export interface TenantData {
  readonly id: number;
  readonly key: string;
  /** Ids of some of its contacts and of all its active workflows. */
  readonly contacts: readonly number[];
  readonly workflows: readonly number[];
}

export interface ServiceData {
  /** Rows that this run writes carry it. */
  readonly runId: string;
  readonly tenants: readonly TenantData[];
}

interface Row {
  readonly id: number;
}

/** The headers that every request of a tenant needs. */
export function headersOf({ id, key }: Pick<TenantData, 'id' | 'key'>): Record<string, string> {
  return { 'x-tenant-id': String(id), 'x-api-key': key };
}

/** Throws when the service is not well, or a tenant's key is refused. */
export async function openService(context: RunContext): Promise<ServiceData> {
  const { http, env, profile, baseUrl } = context;
  if (baseUrl === undefined) {
    throw new Error(
      `the profile ${profile} loads the service: say where it is by --base-url or ADAPTER_URL, or start one by --with-target`,
    );
  }
  const health = await http.get('/health', { timeout: '10s' });
  if (health.status !== 200 || health.json<{ status: string }>().status !== 'ok') {
    throw new Error(`GET /health answered ${health.error?.message ?? `${health.status} ${health.text()}`}`);
  }
  const tenants: TenantData[] = [];
  for (const { id, key } of readKeys(env.ADAPTER_TENANT_KEYS)) {
    const headers = headersOf({ id, key });
    const { workflows } = await read<{ workflows: Row[] }>(context, '/v1/workflows', { headers });
    const { contacts } = await read<{ contacts: Row[] }>(context, '/v1/crm/contacts', {
      headers,
      params: { initial: 'M' },
    });
    tenants.push({ id, key, contacts: idsOf(contacts), workflows: idsOf(workflows) });
  }
  return { runId: randomUUID(), tenants };
}

const idsOf = (rows: readonly Row[]): number[] => rows.map(({ id }) => id);

async function read<Body>({ http }: RunContext, path: string, options: HttpOptions): Promise<Body> {
  const response = await http.get(path, options);
  if (response.status === 200) return response.json<Body>();
  const tenant = options.headers?.['x-tenant-id'];
  throw new Error(
    `GET ${path} for tenant ${tenant} answered ${response.error?.message ?? `${response.status} ${response.text()}`}`,
  );
}

/** `1=key,2=key`. Throws for anything else. */
export function readKeys(text: string | undefined): { id: number; key: string }[] {
  const hint = 'as "1=<key>,2=<key>": tenants and their keys. plimsoll target adapter prints its own';
  if (text === undefined || text.trim() === '') throw new Error(`set ADAPTER_TENANT_KEYS ${hint}`);
  return text.split(',').map((part, i) => {
    const [, id, key] = /^\s*(\d{1,9})=(\S+)\s*$/.exec(part) ?? [];
    // What was found stays unsaid: it may be a key.
    if (id === undefined || key === undefined) {
      throw new Error(`ADAPTER_TENANT_KEYS: part ${i + 1} is no tenant with its key; set it ${hint}`);
    }
    return { id: Number(id), key };
  });
}

/** Lets the service delete what this run wrote, unless that is to be kept. */
export async function leaveService(
  { http, log }: RunContext,
  { runId, tenants }: ServiceData,
  keepsRows: boolean,
): Promise<void> {
  if (keepsRows) {
    log.info(`records made by this run are kept; their run_id is ${runId}`);
    return;
  }
  let count = 0;
  for (const tenant of tenants) {
    const response = await http.del(`/v1/test-runs/${runId}`, {
      name: '/v1/test-runs/:id',
      headers: headersOf(tenant),
    });
    if (response.status === 200) {
      const { deleted } = response.json<{ deleted: Record<string, number> }>();
      for (const rows of Object.values(deleted)) count += rows;
    } else {
      const why = response.error?.message ?? `status ${response.status}`;
      log.warn(`records of run ${runId} stay with tenant ${tenant.id}: ${why}`);
    }
  }
  log.info(`${count} records made by this run are deleted`);
}
