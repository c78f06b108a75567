// The SQL statements of the adapter. Used by users.ts and by index-check.ts.

export const schema = 'plimsoll_adapter';
export const appRole = 'plimsoll_adapter_app';
export const serviceRole = 'plimsoll_adapter_service';

/** What setup knows of the data. */
export interface Dataset {
  readonly runId: string;
  readonly counts: { readonly tenants: number; readonly crm_contacts: number; readonly workflows: number };
}

/** Where a statement's parameters come from. */
export interface Draw {
  readonly dataset: Dataset;
  readonly tenant: number;
  /** 0 <= x < 1, e.g. `vu.random`. */
  readonly random: () => number;
}

export interface Operation {
  readonly text: string;
  readonly parameters: (draw: Draw) => readonly unknown[];
}

const statuses = ['open', 'pending', 'solved'] as const;

/** Ids of one tenant's rows are `tenant`, `tenant + tenants`, `tenant + 2 * tenants`, ... */
function ownId({ dataset, tenant, random }: Draw, table: 'crm_contacts' | 'workflows'): number {
  const { tenants, [table]: count } = dataset.counts;
  return tenant + tenants * Math.floor(random() * Math.floor(count / tenants));
}

function oneOf<Value>({ random }: Draw, values: readonly Value[]): Value {
  return values[Math.floor(random() * values.length)]!;
}

export const reads = {
  contact_search: {
    text: `SELECT id, first_name, last_name, email, company FROM ${schema}.crm_contacts
      WHERE tenant_id = $1 AND last_name >= $2 AND last_name < $3 ORDER BY last_name, id LIMIT 20`,
    parameters: (draw) => {
      const initial = 65 + Math.floor(draw.random() * 25);
      return [draw.tenant, String.fromCharCode(initial), String.fromCharCode(initial + 1)];
    },
  },
  /** Runs before a contact is created: usually no contact has that address yet. */
  contact_by_email: {
    text: `SELECT id, first_name, last_name, provider, external_id FROM ${schema}.crm_contacts
      WHERE tenant_id = $1 AND email = $2`,
    parameters: (draw) => [draw.tenant, `ana.adler.${ownId(draw, 'crm_contacts')}@example.com`],
  },
  ticket_list: {
    text: `SELECT id, subject, priority, assignee_id, created_at FROM ${schema}.tickets
      WHERE tenant_id = $1 AND status = $2 ORDER BY created_at DESC LIMIT 25`,
    parameters: (draw) => [draw.tenant, oneOf(draw, statuses)],
  },
  ticket_board: {
    text: `SELECT priority, count(*)::int AS tickets, min(created_at) AS oldest FROM ${schema}.tickets
      WHERE tenant_id = $1 AND status = $2 GROUP BY priority`,
    parameters: (draw) => [draw.tenant, oneOf(draw, statuses)],
  },
  ticket_history: {
    text: `SELECT t.id, t.subject, t.status, c.email FROM ${schema}.tickets AS t
      JOIN ${schema}.crm_contacts AS c ON c.id = t.contact_id
      WHERE t.contact_id = $2 AND t.tenant_id = $1 ORDER BY t.created_at DESC LIMIT 20`,
    parameters: (draw) => [draw.tenant, ownId(draw, 'crm_contacts')],
  },
  agent_list: {
    text: `SELECT id, display_name, email FROM ${schema}.app_users WHERE tenant_id = $1 ORDER BY id`,
    parameters: (draw) => [draw.tenant],
  },
  workflow_list: {
    text: `SELECT w.id, w.name, w.event, r.status, r.started_at FROM ${schema}.workflows AS w
      LEFT JOIN LATERAL (SELECT status, started_at FROM ${schema}.workflow_runs
        WHERE workflow_id = w.id ORDER BY started_at DESC LIMIT 1) AS r ON true
      WHERE w.tenant_id = $1 AND w.is_active ORDER BY w.id LIMIT 20`,
    parameters: (draw) => [draw.tenant],
  },
} satisfies Record<string, Operation>;

export const writes = {
  contact_create: {
    text: `INSERT INTO ${schema}.crm_contacts
        (tenant_id, first_name, last_name, email, company, provider, external_id, run_id)
      VALUES ($1, 'Load', 'Test', $2, 'Acme', 'hubspot', $2, $3) RETURNING id`,
    parameters: ({ dataset, tenant, random }) => [
      tenant,
      `load.test.${Math.floor(random() * 1e9)}@example.com`,
      dataset.runId,
    ],
  },
  ticket_create: {
    text: `INSERT INTO ${schema}.tickets (tenant_id, contact_id, subject, body, status, priority, run_id)
      VALUES ($1, $2, 'Load test', 'Made by a load test.', 'open', 'normal', $3) RETURNING id`,
    parameters: (draw) => [draw.tenant, ownId(draw, 'crm_contacts'), draw.dataset.runId],
  },
  workflow_execute: {
    text: `INSERT INTO ${schema}.workflow_runs (tenant_id, workflow_id, status, duration_ms, run_id)
      VALUES ($1, $2, 'succeeded', 120, $3) RETURNING id`,
    parameters: (draw) => [draw.tenant, ownId(draw, 'workflows'), draw.dataset.runId],
  },
} satisfies Record<string, Operation>;

/** In an order in which no row refers to a row that is already deleted. */
export const writtenTables = ['workflow_runs', 'tickets', 'crm_contacts'] as const;
