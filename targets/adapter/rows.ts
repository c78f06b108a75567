// The rows of the adapter's database as SQL that PostgreSQL runs by itself, the same for the same seed.
// Called by dataset.ts.

/** The day the data ends. Fixed, so that the same seed gives the same rows on any day. */
export const asOf = '2026-01-27';

/** Contacts are drawn; tenants, users, tickets, workflows and their runs follow from their number. */
export interface Sizes {
  readonly tenants: number;
  readonly contacts: number;
  readonly tickets: number;
}

/** One tenant for 1,000 contacts and at least 5; two tickets for a contact. */
export function sizesFor(contacts: number): Sizes {
  return { tenants: Math.max(5, Math.round(contacts / 1000)), contacts, tickets: contacts * 2 };
}

const list = (text: string) => `ARRAY[${text.split(' ').map((word) => `'${word}'`)}]`;

const firstNames = list(
  'Ana Ben Carla David Elena Felix Grace Hugo Ines Jonas Karin Luca Maya Noah Olga Paul',
);
const lastNames = list(
  'Adler Baker Costa Duarte Evans Fischer Garcia Hansen Ito Jansen Keller Lopez Meyer Novak Olsen Patel Quinn Rossi Santos Tanaka Ueda Vogel Weber Young Zeller',
);
const companies = list('Acme Birch Cobalt Delta Ember Falcon Granite Harbor Indigo Juniper');
const subjects = list('Login Invoice Export Webhook Import Refund Latency Permission Sync Callback');

/**
 * `unit(i, k)` is a number 0 <= x < 1 that depends on nothing but row, column and seed: PostgreSQL's random() changed
 * between versions, and its order depends on the plan.
 */
const functions = (seed: number) => `
CREATE FUNCTION pg_temp.unit(i int8, k int) RETURNS float8 LANGUAGE sql IMMUTABLE AS
  $$ SELECT (hashint8extended(i * 64 + k, ${seed}) & 1073741823) / 1073741824.0::float8 $$;
CREATE FUNCTION pg_temp.pick(choices text[], u float8) RETURNS text LANGUAGE sql IMMUTABLE AS
  $$ SELECT choices[1 + floor(u * cardinality(choices))::int] $$;
`;

/** All rows, to be run as one batch in a transaction whose search_path is the schema. */
export function rows(seed: number, { tenants, contacts, tickets }: Sizes): string {
  const end = `timestamptz '${asOf} 00:00Z'`;
  return `${functions(seed)}
INSERT INTO tenants SELECT i, 'Tenant ' || i, pg_temp.pick(ARRAY['starter','growth','enterprise'], pg_temp.unit(i, 1)),
    ${end} - floor(pg_temp.unit(i, 2) * 900) * interval '1 day' FROM generate_series(1, ${tenants}) AS i;
INSERT INTO app_users SELECT i, 1 + (i - 1) % ${tenants}, 'user' || i || '@tenant' || 1 + (i - 1) % ${tenants} || '.example',
    pg_temp.pick(${firstNames}, pg_temp.unit(i, 3)) || ' ' || pg_temp.pick(${lastNames}, pg_temp.unit(i, 4)),
    CASE WHEN i <= ${tenants} THEN 'admin' WHEN pg_temp.unit(i, 5) < 0.8 THEN 'agent' ELSE 'viewer' END
  FROM generate_series(1, ${tenants * 25}) AS i;
INSERT INTO crm_contacts SELECT i, 1 + (i - 1) % ${tenants}, first, last,
    lower(first || '.' || last) || '.' || i || '@example.com', pg_temp.pick(${companies}, pg_temp.unit(i, 8)),
    pg_temp.pick(ARRAY['hubspot','salesforce','pipedrive'], pg_temp.unit(i, 9)), 'ext-' || i,
    ${end} - pg_temp.unit(i, 10) * interval '700 days'
  FROM generate_series(1, ${contacts}) AS i, LATERAL (SELECT pg_temp.pick(${firstNames}, pg_temp.unit(i, 6)) AS first,
    pg_temp.pick(${lastNames}, pg_temp.unit(i, 7)) AS last) AS n;
INSERT INTO tickets SELECT i, 1 + (contact - 1) % ${tenants}, contact, 1 + (contact - 1) % ${tenants} +
      ${tenants} * floor(pg_temp.unit(i, 13) * 25)::int,
    pg_temp.pick(${subjects}, pg_temp.unit(i, 14)) || ' problem ' || i,
    repeat('The customer reports what happened and what was expected. ', 1 + floor(pg_temp.unit(i, 15) * 6)::int),
    pg_temp.pick(ARRAY['open','pending','solved','closed','closed','closed'], pg_temp.unit(i, 16)),
    pg_temp.pick(ARRAY['low','normal','normal','high','urgent'], pg_temp.unit(i, 17)),
    ${end} - pg_temp.unit(i, 18) * interval '365 days'
  FROM (SELECT i, 1 + floor(pg_temp.unit(i, 12) * ${contacts})::int AS contact
    FROM generate_series(1, ${tickets}) AS i) AS drawn;
INSERT INTO workflows SELECT i, 1 + (i - 1) % ${tenants}, 'Workflow ' || i,
    pg_temp.pick(ARRAY['contact.created','ticket.created','ticket.solved','schedule'], pg_temp.unit(i, 19)),
    pg_temp.unit(i, 20) < 0.8 FROM generate_series(1, ${tenants * 40}) AS i;
INSERT INTO workflow_runs SELECT i, 1 + (workflow - 1) % ${tenants}, workflow,
    pg_temp.pick(ARRAY['succeeded','succeeded','succeeded','succeeded','failed'], pg_temp.unit(i, 22)),
    50 + floor(pg_temp.unit(i, 23) * pg_temp.unit(i, 24) * 9000)::int,
    ${end} - pg_temp.unit(i, 25) * interval '90 days'
  FROM (SELECT i, 1 + floor(pg_temp.unit(i, 21) * ${tenants * 40})::int AS workflow
    FROM generate_series(1, ${tickets}) AS i) AS drawn;
`;
}
