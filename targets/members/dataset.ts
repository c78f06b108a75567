// What the schema of the members system holds, for given options. Called by target.ts.

import type { Dataset } from '../../src/target-kit/seeded-schema.ts';
import { asOf, rows, sizesFor } from './rows.ts';
import {
  namedIndexes,
  ownIndexes,
  schemaName,
  type TableName,
  tableNames,
  tables,
  writtenTables,
} from './tables.ts';

export interface DatasetOptions {
  /** 0 to 2^31 - 1. */
  readonly seed: number;
  /** How many members; the other tables follow. */
  readonly members: number;
  /** Whether the four indexes that the source document names are made. */
  readonly namedIndexes: boolean;
}

export function datasetOf(options: DatasetOptions): Dataset<DatasetOptions, TableName> {
  const { seed, members } = options;
  return {
    suite: 'members',
    schema: schemaName,
    version: 1,
    lockKey: 7269115,
    options,
    tables: tableNames,
    writtenTables,
    asOf,
    title: `${members.toLocaleString('en-US')} members`,
    statements: [
      tables,
      rows(seed, sizesFor(members)),
      options.namedIndexes ? namedIndexes + ownIndexes : ownIndexes,
    ],
  };
}
