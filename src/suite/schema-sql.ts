// The schema of `sql`: how virtual users talk to a database, in a suite, a profile or an environment.

import type { SqlDefinition } from '../model/sql-settings.ts';
import {
  chosenBy,
  connectionsOfUsers,
  duration,
  flag,
  type ShapeOf,
  strictObject,
  text,
  unless,
  where,
  whole,
} from './schema-fields.ts';
import { clientTls } from './schema-http.ts';
import { databaseUrlMistake } from './sql-settings.ts';

const sqlShape = {
  url: unless(databaseUrlMistake).optional(),
  connections: connectionsOfUsers.optional(),
  connectTimeout: duration(1).optional(),
  statementTimeout: duration(1).optional(),
  serverTimeout: flag.optional(),
  poolTimeout: duration(1).optional(),
  applicationName: text('a name such as "plimsoll"').optional(),
  retries: whole(0, 100).optional(),
  prepare: flag.optional(),
  readOnly: flag.optional(),
  marker: where(
    (value) => typeof value === 'string' && /^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)?$/.test(value),
    'the name of a table such as "public.plimsoll_marker"',
  ).optional(),
  tls: chosenBy((value) => (typeof value === 'object' && value !== null ? clientTls : flag)).optional(),
} satisfies ShapeOf<SqlDefinition>;

export const sqlSchema = strictObject(sqlShape, 'database settings such as { connections: { pool: 20 } }');
