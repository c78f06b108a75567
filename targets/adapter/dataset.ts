// What the schema of the adapter's database holds, for given options. Called by target.ts.

import type { Client } from 'pg';
import { messageOf, TargetError } from '../../src/model/errors.ts';
import type { Dataset } from '../../src/target-kit/seeded-schema.ts';
import { asOf, rows, sizesFor } from './rows.ts';
import {
  indexes,
  makeRoles,
  type PolicyKind,
  type SearchIndex,
  schemaName,
  security,
  type TableName,
  tableNames,
  tables,
  writtenTables,
} from './tables.ts';

export interface DatasetOptions {
  /** 0 to 2^31 - 1. */
  readonly seed: number;
  readonly contacts: number;
  /** Leaves out one of the indexes that the application needs. */
  readonly missingIndex: SearchIndex | null;
  /** Adds an index that the application has no use for. */
  readonly unusedIndex: boolean;
  readonly policy: PolicyKind;
}

export function datasetOf(options: DatasetOptions): Dataset<DatasetOptions, TableName> {
  const { seed, contacts, missingIndex, unusedIndex, policy } = options;
  return {
    suite: 'adapter',
    schema: schemaName,
    version: 1,
    lockKey: 7269116,
    options,
    tables: tableNames,
    writtenTables,
    asOf,
    title: `${contacts.toLocaleString('en-US')} contacts`,
    prepare: makeRolesOrExplain,
    statements: [
      tables,
      rows(seed, sizesFor(contacts)),
      indexes(missingIndex, unusedIndex),
      security(policy),
    ],
  };
}

async function makeRolesOrExplain(client: Client): Promise<void> {
  try {
    await client.query(makeRoles);
  } catch (cause) {
    throw new TargetError(`the roles of the adapter cannot be made: ${messageOf(cause)}`, {
      cause,
      hint: 'row-level security is compared with a role that has BYPASSRLS, which only a superuser can make',
    });
  }
}
